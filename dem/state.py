"""What changes in a run: grains, bodies, contacts, as structures of arrays on the device.

Grains lie in memory sorted by cell; `id` and `slot_of_id` tie them to the order in which they were added, and
everything a user sees is in that order. A contact's first partner is always a grain; its `key` is the second partner:
a larger grain id, or particle_count + an element's number. Rows of contacts are ordered by key, so that no sum depends
on when neighbours were last searched.
"""

import copy
import math
from collections.abc import Sequence

import numpy as np

from dem.backend import current, integer_field, position_field, position_vectors, real_field, single_field, ti
from dem.errors import ConfigError
from dem.memory import fill, read, write
from dem.mesh_tables import has_mesh
from dem.model import Model
from dem.records import ENERGY_SUMS, ENERGY_TALLY, OVERLAP, Bodies, Contacts, History, Particles, energy_field
from dem.sum_tree import SumTree
from dem.worlds import Worlds

PARTICLE_ARRAYS = (
    "position", "velocity", "angular_velocity", "force", "torque", "radius", "mass", "material", "image",
    "contact_count",
)  # fmt: skip
BODY_ARRAYS = tuple(f"body_{name}" for name in ("position", "orientation", *PARTICLE_ARRAYS[1:5]))
SERIAL_BELOW = 2000  # grains; waking a CPU's threads costs more than stepping fewer than these
FRESH, INCOMPLETE = 0, -1  # neighbours need no search; the last search lacked room
CHUNKS_PER_THREAD = 2  # a thread: more share the work more evenly, fewer have fewer ends
CHUNK_UNIT = 512  # grains; groups of rows must divide it

StepPart = ti.types.struct(  # what a launch does to each grain and body, and its check whether neighbours are stale
    finish=ti.i32,  # whether a step is to be finished
    horizon=ti.i32,  # steps that the check in the step begun is to cover; 0 for no check, or NOT_BEGUN
    last_horizon=ti.i32,  # steps that the check before was to cover
    turn=ti.i32,  # the launch's number since the host checked
)
NOT_BEGUN = -1  # the `horizon` of a launch that does not begin another step


class State:
    """Grains, bodies and contacts of one simulation.

    Attributes:
        particle_count, body_count, world_count: numbers of each.
        chunk: grains that a thread takes on at a time, see dem/advance.py.
        runs_ahead: the host launches several steps before it checks whether neighbours were stale, see dem/solver.py.
        serial: run kernels on one thread of a CPU, for scenes too small to share; few_blocks: those over blocks of
            grains; few_bodies: those over worlds and bodies. One thread of a GPU is slow, and a software GPU lets it
            loop only 65535 times.
        tree: blocks of grains whose sums are taken in one go.
        remembered: what a contact hands on when neighbours are listed anew, a tuple of `Memory`.
        tracks_energy: contacts keep a tally of what they store and dissipate.
    """

    def __init__(self, worlds: Worlds, tracks_energy: bool = False) -> None:
        model = worlds.union
        count = max(model.particle_count, 1)  # a field cannot be empty
        self.particle_count = model.particle_count
        self.body_count = len(model.bodies)
        on_cpu = current().on_cpu
        self.runs_ahead = not on_cpu
        self.serial = on_cpu and model.particle_count < SERIAL_BELOW
        self.chunk = _chunk_length(model.particle_count)
        self.few_blocks = on_cpu and model.particle_count < 10 * SERIAL_BELOW
        self._lay_out(worlds)
        self.tracks_energy = tracks_energy
        self.particles = Particles(count, tracks_energy)
        self.sorted = Particles(count, tracks_energy)
        self.slot_of_id = integer_field(count)
        self.remembered = (OVERLAP, *model.contact.histories, *((ENERGY_TALLY,) if tracks_energy else ()))
        self._allocate_contacts(worlds, worlds.contact_capacity)
        counts = (self.tree.block_count, self.tree.group_count, self.world_count)
        sums = [energy_field(length if tracks_energy else 1, ENERGY_SUMS) for length in counts]
        self.block_energy, self.group_energy, self.world_energy = sums  # see dem/diagnostics/energy_sums.py
        self.fixed_work = position_field(count if tracks_energy else 1)  # [J], of held grains on others, by id
        most_shapes = max(int(np.diff(worlds.first_shape).max()), 1)
        self.bodies = Bodies(self.body_count, max(len(model.shapes), 1))
        self.block_wrench = position_vectors((self.tree.block_count, most_shapes), 6)  # [N, N m] on each shape of its
        self.group_wrench = position_vectors((self.tree.group_count, most_shapes), 6)  # world, about its body's centre
        self.time_step = position_field()
        self.half_skin = position_field()  # [m]
        self.drift = position_vectors(self.world_count)  # [m/s], mean velocity of a world's grains at the last search
        self.drifted = position_vectors(self.world_count)  # [m] since then, at that velocity
        self.mean_square_motion = position_field(
            self.world_count
        )  # [m2], mean square of how far grains moved but for the drift
        self.block_motion = position_vectors(self.tree.block_count, 4)  # sums: velocity [m/s], square moved [m2]
        self.group_motion = position_vectors(self.tree.group_count, 4)
        self.stale = integer_field(2)  # as launches of even and odd turn leave it, see `is_halted`
        self.fault = integer_field(self.world_count)
        self.frozen = integer_field(self.world_count)  # worlds in which nothing moves any more
        self.worst_overlap = single_field(self.world_count)  # beyond the limit, over the smaller radius
        self.worst_particle = integer_field(self.world_count)  # the grain whose overlap that was, by id
        self.overlap_limit = real_field(())  # of the smaller radius; beyond it a fault is raised
        self.fill(worlds)

    def _allocate_contacts(self, worlds: Worlds, capacity: int) -> None:
        count = max(self.particle_count, 1)
        mesh_capacity = capacity if has_mesh(worlds.union.shapes) else 1
        self.contacts = Contacts(count, capacity, self.remembered, mesh_capacity)
        self.history = History(count, capacity, self.remembered)
        self.history_length = max(capacity, count + 1)  # of its longest array

    def with_capacity(self, capacity: int) -> "State":
        """This state with a list of as many contacts, still empty, and the history that it is to be filled from.

        Another object, since kernels have the fields of this one built in.
        """
        grown = copy.copy(self)
        grown._allocate_contacts(self.worlds, capacity)
        for name, values in vars(self.history).items():
            write(getattr(grown.history, name), read(values))
        return grown

    def _lay_out(self, worlds: Worlds) -> None:
        self.world_count = worlds.count
        self.few_bodies = self.serial or (current().on_cpu and self.world_count == 1)
        self.tree = SumTree(worlds)
        self.first_particle = integer_field(worlds.count + 1)
        write(self.first_particle, worlds.first_particle)
        of_grain = np.repeat(np.arange(worlds.count, dtype=np.int32), np.diff(worlds.first_particle))
        self.world = integer_field(self.particle_count + 1)  # of a slot or an id, see `world_of`; and of an empty end
        write(self.world, np.append(of_grain, np.int32(worlds.count - 1)))

    def fill(self, worlds: Worlds) -> None:
        """Start from worlds with as many grains, bodies and shapes: nothing touches yet, nothing is remembered."""
        self.worlds, model = worlds, worlds.union
        for counter in (
            self.contacts.count,
            self.contacts.row_start,
            self.stale,
            self.particles.image,
        ):
            fill(counter, 0)
        self.clear_faults()
        for accumulated in (
            self.particles.force,
            self.particles.torque,
            self.particles.extra_skin,
            self.bodies.impulse,
        ):
            fill(accumulated, 0.0)
        self.clear_energy()
        self._fill_particles(model.particles)
        self._fill_bodies(model)

    def clear_faults(self) -> None:
        """Clear all fault bits; kernels set them."""
        for mark in (self.fault, self.frozen, self.worst_overlap):
            fill(mark, 0)

    def clear_energy(self) -> None:
        """Set the sums of dissipation and work to zero."""
        for total in (self.fixed_work, self.bodies.work):
            fill(total, 0.0)
        if self.tracks_energy:
            fill(self.particles.dissipated, 0.0)

    def _fill_particles(self, arrays: dict[str, np.ndarray]) -> None:
        if not self.particle_count:
            return
        particles, order = self.particles, np.arange(self.particle_count, dtype=np.int32)
        for name in ("position", "velocity", "angular_velocity", "radius", "mass", "material"):
            write(getattr(particles, name), arrays[name])
        write(particles.position_at_search, arrays["position"])
        write(particles.inverse_mass, np.where(arrays["fixed"], 0.0, 1.0 / arrays["mass"]))
        write(particles.id, order)
        write(self.slot_of_id, order)

    def _fill_bodies(self, model: Model) -> None:
        bodies, entries = self.bodies, model.bodies
        for name in ("position", "orientation", "velocity", "angular_velocity", "mass", "inertia"):
            write(getattr(bodies, name), np.array([getattr(entry, name) for entry in entries], float))
        write(bodies.position_at_search, read(bodies.position))
        write(bodies.orientation_at_search, read(bodies.orientation))
        extent = np.zeros(self.body_count)
        for placed in model.shapes:
            extent[placed.body] = max(extent[placed.body], placed.shape.extent)
        write(bodies.extent, extent)
        flags, velocities, loads = map(np.stack, zip(*(entry.motion.at(0.0) for entry in entries), strict=True))
        write(bodies.prescribed, flags)
        write(bodies.target, velocities)
        write(bodies.load, loads)

    def snapshot(self, world: int = 0, names: Sequence[str] | None = None) -> dict[str, np.ndarray]:
        """Copies of the arrays of a world's grains and bodies, both in the order they were added.

        Args:
            world: whose.
            names: of the arrays to read; all of them if None.

        Returns:
            position (N, 3) [m], velocity (N, 3) [m/s], angular_velocity (N, 3) [rad/s], force (N, 3) [N] and torque
            (N, 3) [N m] of the contacts, radius (N,) [m], mass (N,) [kg], material (N,), image (N, 3) boxes crossed,
            contact_count (N,), and body_position (B, 3), body_orientation (B, 4), body_velocity, body_angular_velocity,
            body_force, body_torque (B, 3), of the soil on the body.
        """
        requested = (*PARTICLE_ARRAYS, *BODY_ARRAYS) if names is None else names
        unknown = [name for name in requested if name not in (*PARTICLE_ARRAYS, *BODY_ARRAYS)]
        if unknown:
            raise ConfigError(
                f"snapshot got the name {unknown[0]!r}, must be one of {', '.join((*PARTICLE_ARRAYS, *BODY_ARRAYS))}"
            )
        grains, bodies = self.worlds.particles(world), self.worlds.bodies(world)
        found = {name: self._particle_rows(name, grains) for name in requested if name in PARTICLE_ARRAYS}
        for name in requested:
            if name in BODY_ARRAYS:
                found[name] = read(getattr(self.bodies, name.removeprefix("body_")), bodies)
        return found

    def _particle_rows(self, name: str, grains: slice) -> np.ndarray:
        """One array of a world's grains, gathered by id on the device: a batch is not copied once for each world."""
        count = grains.stop - grains.start
        if name != "contact_count":
            return read(getattr(self.particles, name), read(self.slot_of_id, grains))
        rows = np.zeros(count, np.int32)
        if count:
            _count_contacts(self, grains.start, rows)
        return rows

    def take_impulses(self, world: int = 0) -> np.ndarray:
        """Impulse of the soil on each body of a world since last taken, (B, 6) [N s, N m s]; it counts anew."""
        part = self.worlds.bodies(world)
        taken = read(self.bodies.impulse, part)
        write(self.bodies.impulse, 0.0, part)
        return taken

    def contacts_of(self, grains: slice) -> slice:
        """Where in the list the contacts stand that a world's grains own."""
        begin, end = read(self.contacts.row_start, np.array([grains.start, grains.stop]))
        return slice(int(begin), min(int(end), self.contacts.capacity))

    def touching_contacts(self, world: int = 0) -> np.ndarray:
        """Where in the list a world's touching contacts stand, in the order of their grains and keys."""
        contacts, part = self.contacts, self.contacts_of(self.worlds.particles(world))
        touching = part.start + np.flatnonzero(read(contacts.overlap, part) > 0)
        first = read(self.particles.id, read(contacts.first, touching))
        return touching[np.lexsort((read(contacts.key, touching), first))]

    def contact_arrays(self, world: int = 0) -> dict[str, np.ndarray]:
        """A world's touching contacts: grain ids first and second, or shape (-1 where not), overlap [m], force [N]."""
        contacts, grains = self.contacts, self.worlds.particles(world)
        touching = self.touching_contacts(world)
        first_shape = self.worlds.first_shape[world]
        key = read(contacts.key, touching)
        return {
            "first": read(self.particles.id, read(contacts.first, touching)) - grains.start,
            "second": np.where(key < self.particle_count, key - grains.start, -1),
            "shape": np.where(key < self.particle_count, -1, read(contacts.second, touching) - first_shape),
            "overlap": read(contacts.overlap, touching),
            "force": read(contacts.force, touching),
        }


@ti.kernel
def _count_contacts(state: ti.template(), first: ti.i32, rows: ti.types.ndarray()):
    """How many contacts touch, (n,), of the grains from the id `first` on.

    Reads: slot_of_id; overlaps, rows and incidence lists of contacts.
    Writes: rows.
    """
    contacts = state.contacts
    ti.loop_config(serialize=state.serial)
    for k in range(rows.shape[0]):
        slot, touching = state.slot_of_id[first + k], 0
        for c in range(contacts.row_start[slot], contacts.row_start[slot + 1]):
            touching += ti.cast(contacts.overlap[c] > 0.0, ti.i32)
        for entry in range(contacts.incidence_start[slot], contacts.incidence_start[slot + 1]):
            touching += ti.cast(contacts.overlap[contacts.incidence[entry]] > 0.0, ti.i32)
        rows[k] = touching


def _chunk_length(count: int) -> int:
    """Grains of a chunk: all of them for one thread."""
    threads = current().threads
    chunks = CHUNKS_PER_THREAD * threads if threads > 1 else 1
    return max(math.ceil(count / chunks / CHUNK_UNIT), 1) * CHUNK_UNIT


@ti.func
def world_of(state: ti.template(), i):
    """World of the grain with this slot, or with this id: both lie world after world. Free where there is only one."""
    world = 0
    if ti.static(state.world_count > 1):
        world = state.world[i]
    return world


@ti.func
def is_frozen(state: ti.template(), world):
    """Whether a world of a batch has failed and is left as it was. Free where there is only one: that stops the run."""
    frozen = False
    if ti.static(state.world_count > 1):
        frozen = state.frozen[world] != 0
    return frozen


@ti.func
def is_halted(state: ti.template(), turn):
    """Whether a launch, the `turn`-th since the host checked, must do nothing: an earlier one found neighbours stale.

    A launch writes what it finds where the next one reads: FRESH, INCOMPLETE, or 1 + the turn of the launch that found
    them stale; one that is halted hands on what it read. Free where the host checks before each.
    """
    halted = False
    if ti.static(state.runs_ahead):
        halted = state.stale[(turn + 1) % 2] != FRESH
    return halted


@ti.func
def hand_on(state: ti.template(), turn):
    """Halt the next launch, too."""
    state.stale[turn % 2] = state.stale[(turn + 1) % 2]
