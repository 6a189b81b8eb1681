"""What changes in a run: grains, bodies, contacts, as structures of arrays on the device.

Grains lie in memory sorted by cell; `id` and `slot_of_id` tie them to the order in which they were added, and
everything a user sees is in that order. A contact's first partner is always a grain; its `key` is the second partner:
a larger grain id, or particle_count + a feature's number. Rows of contacts are ordered by key, so that no sum depends
on when neighbours were last searched.
"""

import math

import numpy as np

from dem.backend import integer_field, position_field, position_vectors, real_field, real_vectors, ti, types
from dem.mesh_tables import has_mesh
from dem.model import Model
from dem.worlds import Worlds

ACCOUNT_STORED = 4  # energies of a contact: normal, sliding, rolling, twisting
ACCOUNT_SIZE = 11  # and the forces of the last step that dissipate: one along the normal, tangential, moment
SERIAL_BELOW = 2000  # grains; waking threads costs more than stepping fewer than these


@ti.data_oriented  # lets kernels give the record a short name
class Particles:
    """One record of fields per grain, shape (N,)."""

    names = (
        "position", "position_at_search", "velocity", "angular_velocity", "force", "torque", "radius", "mass",
        "inverse_mass", "material", "id", "image",
    )  # fmt: skip

    def __init__(self, count: int) -> None:
        self.position = position_vectors(count)  # [m]
        self.position_at_search = position_vectors(count)  # [m], where neighbours were last searched
        self.velocity = real_vectors(count)  # [m/s]
        self.angular_velocity = real_vectors(count)  # [rad/s]
        self.force = real_vectors(count)  # [N], of contacts
        self.torque = real_vectors(count)  # [N m], of contacts
        self.radius = real_field(count)  # [m]
        self.mass = real_field(count)  # [kg]
        self.inverse_mass = real_field(count)  # [1/kg], 0 for a fixed grain
        self.material = integer_field(count)
        self.id = integer_field(count)
        self.image = ti.Vector.field(3, ti.i32, count)  # periodic boxes crossed


@ti.data_oriented
class Contacts:
    """Candidate contacts: fields of shape (capacity,), rows and incidence lists per grain.

    `row_start[slot]` begins a grain's own contacts, `incidence_start[slot]` its list of all: 2 * contact, + 1 where the
    grain is the second partner. What the laws remember is there if they do: see `history_field`.
    """

    def __init__(self, particle_count: int, capacity: int, remembered: tuple[str, ...], mesh_capacity: int = 1) -> None:
        self.capacity = capacity
        self.count = integer_field(())
        self.first = integer_field(capacity)  # slot
        self.second = integer_field(capacity)  # slot, or shape
        self.key = integer_field(capacity)
        self.force = real_vectors(capacity)  # [N], on the first
        self.torque_first = real_vectors(capacity)  # [N m]
        self.torque_second = real_vectors(capacity)  # [N m]; about the body's centre for a shape
        for name in remembered:
            setattr(self, name, history_field(name, capacity))
        self.dissipated = account_field(capacity if "account" in remembered else 1, ACCOUNT_STORED)  # [J] since flushed
        self.row_start = integer_field(particle_count + 1)
        self.incidence_start = integer_field(particle_count + 1)
        self.incidence = integer_field(2 * capacity)
        self.feature_start = integer_field(particle_count + 1)  # by id: where its contacts with features begin in
        self.feature_contact = integer_field(capacity)  # this list, ordered by grain id, then feature
        self.mesh_felt = integer_field(mesh_capacity)  # whether a triangle counts, see dem/contact/meshes.py
        self.mesh_distance = position_field(mesh_capacity)  # [m]
        self.mesh_normal = position_vectors(mesh_capacity)
        self.mesh_point = position_vectors(mesh_capacity)  # [m], its point nearest to the grain, in the body's frame


def account_field(count: int, size: int) -> ti.Field:
    """Energies of contacts, in the precision of positions, since they are summed over a whole run."""
    return position_vectors(count, size)


def history_field(name: str, capacity: int) -> ti.Field:
    """A field of what contacts remember.

    `overlap` [m], 0 when apart; `tangential_displacement` and `rolling_displacement` [m]; `twisting_angle` [rad];
    `normal_memory`, a number of the normal law's; `account`, see dem/contact/ledger.py.
    """
    if name == "account":
        return account_field(capacity, ACCOUNT_SIZE)
    return real_vectors(capacity) if name.endswith("displacement") else real_field(capacity)


@ti.data_oriented
class History:
    """Contacts as they were before the last neighbour search, to hand their history on."""

    def __init__(self, particle_count: int, capacity: int, remembered: tuple[str, ...]) -> None:
        self.key = integer_field(capacity)
        for name in remembered:
            setattr(self, name, history_field(name, capacity))
        self.row_start = integer_field(particle_count + 1)
        self.slot_of_id = integer_field(particle_count)


@ti.data_oriented
class Bodies:
    """One record of fields per rigid body, shape (B,), in the precision of positions."""

    def __init__(self, count: int, shape_count: int, block_shape: tuple[int, int]) -> None:
        self.position = position_vectors(count)  # [m]
        self.orientation = position_vectors(count, 4)  # (w, x, y, z)
        self.position_at_search = position_vectors(count)
        self.orientation_at_search = position_vectors(count, 4)
        self.velocity = position_vectors(count)  # [m/s]
        self.angular_velocity = position_vectors(count)  # [rad/s]
        self.force = position_vectors(count)  # [N], of the soil
        self.torque = position_vectors(count)  # [N m], of the soil
        self.mass = ti.field(types.position, count)  # [kg]
        self.inertia = position_vectors(count)  # [kg m2], principal
        self.extent = ti.field(types.position, count)  # [m], farthest surface point
        self.prescribed = ti.Vector.field(6, ti.i32, count)  # flags per axis
        self.target = position_vectors(count, 6)  # [m/s, rad/s], prescribed velocities
        self.load = position_vectors(count, 6)  # [N, N m], applied
        self.work = ti.field(types.position, count)  # [J], done on the soil; kept only with tracks_energy
        self.impulse = position_vectors(count, 6)  # [N s, N m s], of the soil since it was last read
        self.shape_wrench = position_vectors(shape_count, 6)  # [N, N m], of the soil, about the body's centre
        self.block_wrench = position_vectors(block_shape, 6)  # per block of grain ids and shape of its world


class State:
    """Grains, bodies and contacts of one simulation.

    Attributes:
        particle_count, body_count, world_count: numbers of each.
        serial: run kernels on one thread, for scenes too small to share; few_bodies: those over worlds and bodies.
        block_start: first id of each block, whose sums are taken in one go; first_block: of each world.
        remembered: what a contact hands on when neighbours are listed anew.
        tracks_energy: contacts keep accounts of what they store and dissipate.
    """

    def __init__(self, worlds: Worlds, tracks_energy: bool = False) -> None:
        model, contact_capacity = worlds.union, int(worlds.contact_shares.sum())
        count = max(model.particle_count, 1)  # a field cannot be empty
        self.particle_count = model.particle_count
        self.body_count = len(model.bodies)
        self.serial = model.particle_count < SERIAL_BELOW
        self.few_blocks = model.particle_count < 10 * SERIAL_BELOW
        self._lay_out(worlds)
        self.particles = Particles(count)
        self.sorted = Particles(count)
        self.slot_of_id = integer_field(count)
        self.tracks_energy = tracks_energy
        self.remembered = ("overlap", *model.contact.histories, *(("account",) if tracks_energy else ()))
        mesh_capacity = contact_capacity if has_mesh(model.shapes) else 1
        self.contacts = Contacts(count, contact_capacity, self.remembered, mesh_capacity)
        self.history = History(count, contact_capacity, self.remembered)
        self.dissipated = account_field(self.world_count, ACCOUNT_STORED)  # [J] of contacts, but for what they hold
        self.block_dissipated = account_field(self.block_count if tracks_energy else 1, ACCOUNT_STORED)
        self.fixed_work = position_field(count if tracks_energy else 1)  # [J], of held grains on others, by id
        most_shapes = max(int(np.diff(worlds.first_shape).max()), 1)
        self.bodies = Bodies(self.body_count, max(len(model.shapes), 1), (self.block_count, most_shapes))
        self.time_step = ti.field(types.position, ())
        self.half_skin = ti.field(types.position, ())  # [m]
        self.stale = integer_field(())  # neighbours are to be searched again
        self.fault = integer_field(self.world_count)
        self.overlap_limit = real_field(())  # of the smaller radius; beyond it a fault is raised
        self.fill(worlds)

    def _lay_out(self, worlds: Worlds) -> None:
        self.world_count = worlds.count
        self.few_bodies = self.serial or self.world_count == 1
        starts = [_block_starts(worlds.particles(world)) for world in range(worlds.count)]
        self.block_count = sum(map(len, starts))
        self.block_start = integer_field(self.block_count + 1)
        self.block_start.from_numpy(np.concatenate([*starts, [self.particle_count]]).astype(np.int32))
        self.first_particle, self.first_block, self.contact_share = (
            integer_field(worlds.count + 1), integer_field(worlds.count + 1), integer_field(worlds.count),
        )  # fmt: skip
        self.first_particle.from_numpy(worlds.first_particle)
        self.first_block.from_numpy(np.cumsum([0, *map(len, starts)]).astype(np.int32))
        of_grain = np.repeat(np.arange(worlds.count, dtype=np.int32), np.diff(worlds.first_particle))
        self.world = integer_field(self.particle_count + 1)  # of a slot or an id, see `world_of`; and of an empty end
        self.world.from_numpy(np.append(of_grain, np.int32(worlds.count - 1)))

    def fill(self, worlds: Worlds) -> None:
        """Start from worlds with as many grains, bodies and shapes: nothing touches yet, nothing is remembered."""
        self.worlds, model = worlds, worlds.union
        self.contact_share.from_numpy(worlds.contact_shares)
        for counter in (self.contacts.count, self.contacts.row_start, self.stale, self.fault, self.particles.image):
            counter.fill(0)
        for accumulated in (self.particles.force, self.particles.torque, self.bodies.impulse):
            accumulated.fill(0.0)
        self.clear_energy()
        self._fill_particles(model.particles)
        self._fill_bodies(model)

    def clear_energy(self) -> None:
        """Begin the sums of dissipation and work anew."""
        for total in (self.contacts.dissipated, self.dissipated, self.fixed_work, self.bodies.work):
            total.fill(0.0)

    def _fill_particles(self, arrays: dict[str, np.ndarray]) -> None:
        if not self.particle_count:
            return
        particles, order = self.particles, np.arange(self.particle_count, dtype=np.int32)
        for name in ("position", "velocity", "angular_velocity", "radius", "mass", "material"):
            getattr(particles, name).from_numpy(arrays[name])
        particles.position_at_search.from_numpy(arrays["position"])
        particles.inverse_mass.from_numpy(np.where(arrays["fixed"], 0.0, 1.0 / arrays["mass"]))
        particles.id.from_numpy(order)
        self.slot_of_id.from_numpy(order)

    def _fill_bodies(self, model: Model) -> None:
        bodies, entries = self.bodies, model.bodies
        for name in ("position", "orientation", "velocity", "angular_velocity", "mass", "inertia"):
            getattr(bodies, name).from_numpy(np.array([getattr(entry, name) for entry in entries], float))
        bodies.position_at_search.copy_from(bodies.position)
        bodies.orientation_at_search.copy_from(bodies.orientation)
        extent = np.zeros(self.body_count)
        for placed in model.shapes:
            extent[placed.body] = max(extent[placed.body], placed.shape.extent)
        bodies.extent.from_numpy(extent)
        flags, velocities, loads = map(np.stack, zip(*(entry.motion.at(0.0) for entry in entries), strict=True))
        bodies.prescribed.from_numpy(flags)
        bodies.target.from_numpy(velocities)
        bodies.load.from_numpy(loads)

    def snapshot(self, world: int = 0) -> dict[str, np.ndarray]:
        """Copies of the arrays of a world's grains and bodies, both in the order they were added.

        Returns:
            position (N, 3) [m], velocity (N, 3) [m/s], angular_velocity (N, 3) [rad/s], force (N, 3) [N] and torque
            (N, 3) [N m] of the contacts, radius (N,) [m], mass (N,) [kg], material (N,), image (N, 3) boxes crossed,
            contact_count (N,), and body_position (B, 3), body_orientation (B, 4), body_velocity, body_angular_velocity,
            body_force, body_torque (B, 3), of the soil on the body.
        """
        slots = self.slot_of_id.to_numpy()[self.worlds.particles(world)]
        names = ("position", "velocity", "angular_velocity", "force", "torque", "radius", "mass", "material", "image")
        found = {name: getattr(self.particles, name).to_numpy()[slots] for name in names}
        found["contact_count"] = self._contact_count()[slots]
        for name in ("position", "orientation", "velocity", "angular_velocity", "force", "torque"):
            found[f"body_{name}"] = getattr(self.bodies, name).to_numpy()[self.worlds.bodies(world)]
        return found

    def contacts_of(self, grains: slice) -> slice:
        """Where in the list the contacts stand that a world's grains own."""
        rows = self.contacts.row_start.to_numpy()
        return slice(int(rows[grains.start]), min(int(rows[grains.stop]), self.contacts.capacity))

    def contact_arrays(self, world: int = 0) -> dict[str, np.ndarray]:
        """A world's touching contacts: grain ids first and second, or shape (-1 where not), overlap [m], force [N]."""
        contacts, grains = self.contacts, self.worlds.particles(world)
        part = self.contacts_of(grains)
        touching = part.start + np.flatnonzero(contacts.overlap.to_numpy()[part] > 0)
        ids, first_shape = self.particles.id.to_numpy(), self.worlds.first_shape[world]
        key = contacts.key.to_numpy()[touching]
        return {
            "first": ids[contacts.first.to_numpy()[touching]] - grains.start,
            "second": np.where(key < self.particle_count, key - grains.start, -1),
            "shape": np.where(key < self.particle_count, -1, contacts.second.to_numpy()[touching] - first_shape),
            "overlap": contacts.overlap.to_numpy()[touching],
            "force": contacts.force.to_numpy()[touching],
        }

    def _contact_count(self) -> np.ndarray:
        contacts, count = self.contacts, self.contacts.count[None]
        touching = np.flatnonzero(contacts.overlap.to_numpy()[:count] > 0)
        first, second = contacts.first.to_numpy()[touching], contacts.second.to_numpy()[touching]
        grains = second[contacts.key.to_numpy()[touching] < self.particle_count]
        both = np.concatenate([first, grains])
        return np.bincount(both, minlength=max(self.particle_count, 1))[: max(self.particle_count, 1)]


def _block_starts(grains: slice) -> np.ndarray:
    """First ids of the blocks of a world's grains, about as many as each holds; one where it has none."""
    count = max(grains.stop - grains.start, 1)
    return np.arange(grains.start, grains.start + count, 2 ** math.ceil(math.log2(math.sqrt(count) + 1)))


@ti.func
def world_of(state: ti.template(), i):
    """World of the grain with this slot, or with this id: both lie world after world. Free where there is only one."""
    world = 0
    if ti.static(state.world_count > 1):
        world = state.world[i]
    return world
