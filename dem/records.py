"""Structures of arrays on the device: grains, contacts and their history, bodies."""

from typing import NamedTuple

from dem.backend import (
    integer_field,
    integer_vectors,
    place_together,
    position_field,
    position_vectors,
    real_field,
    real_vectors,
    ti,
)

ENERGY_KINDS = 4  # energies of a contact: normal, sliding, rolling, twisting
ENERGY_SUMS = 9  # over grains: kinetic energy, energy that contacts store, mass times place (3), dissipated (4)
TALLY_SIZE = 11  # and the forces of the last step that dissipate: one along the normal, tangential, moment


class Memory(NamedTuple):
    """What a contact remembers from step to step: a field of this name, zero where a contact begins.

    Attributes:
        name: of the field; size: numbers of a contact, a vector of them if there are several.
    """

    name: str
    size: int


OVERLAP = Memory("overlap", 1)  # [m], 0 when apart
ENERGY_TALLY = Memory("energy_tally", TALLY_SIZE)  # see dem/contact/dissipation.py


@ti.data_oriented  # lets kernels give the record a short name
class Particles:
    """One record of fields per grain, shape (N,); `names` are those that a grain takes along when grains are sorted."""

    def __init__(self, count: int, tracks_energy: bool = False) -> None:
        self.names: tuple[str, ...] = (
            "position", "position_at_search", "velocity", "angular_velocity", "force", "torque", "radius", "mass",
            "inverse_mass", "material", "id", "image", "extra_skin",
        )  # fmt: skip
        if tracks_energy:
            self.names += ("dissipated",)
            self.dissipated = energy_field(count, ENERGY_KINDS)  # [J], by the contacts it is the first partner of
        self.position = position_vectors(None)  # [m]
        self.position_at_search = position_vectors(count)  # [m], where neighbours were last searched
        self.velocity = real_vectors(None)  # [m/s]
        self.angular_velocity = real_vectors(None)  # [rad/s]
        self.force = real_vectors(count)  # [N], of contacts
        self.torque = real_vectors(count)  # [N m], of contacts
        self.own_force = real_vectors(count)  # [N], of the contacts it is the first partner of
        self.own_torque = real_vectors(count)  # [N m]
        self.radius = real_field(None)  # [m]
        self.mass = real_field(None)  # [kg]
        self.inverse_mass = real_field(None)  # [1/kg], 0 for a fixed grain
        self.material = integer_field(None)
        self.id = integer_field(count)
        self.image = integer_vectors(count)  # periodic boxes crossed
        self.extra_skin = real_field(count)  # [m], extra skin: that it may move beyond half the skin before a search
        self.unlisted_distance = real_field(count)  # [m] to the nearest element not listed, found at each search
        # What a contact gathers of its partners: 64 bytes in mixed precision.
        place_together(
            count, self.position, self.velocity, self.angular_velocity, self.radius, self.mass, self.inverse_mass,
            self.material,
        )  # fmt: skip


@ti.data_oriented
class Contacts:
    """Candidate contacts: fields of shape (capacity,), rows and incidence lists per grain.

    `row_start[slot]` begins a grain's own contacts, `incidence_start[slot]` its list of those that others own. What the
    laws remember is there if they do: see `remember`.
    """

    def __init__(
        self, particle_count: int, capacity: int, remembered: tuple[Memory, ...], mesh_capacity: int = 1
    ) -> None:
        self.capacity = capacity
        self.count = integer_field(())
        self.first = integer_field(capacity)  # slot
        self.second = integer_field(capacity)  # slot, or shape
        self.key = integer_field(capacity)
        self.force = real_vectors(None)  # [N], on the first
        self.torque = real_vectors(None)  # [N m], on the second; about the body's centre for a shape
        place_together(capacity, self.force, self.torque)
        remember(self, remembered, capacity)
        self.row_start = integer_field(particle_count + 1)
        self.incidence_start = integer_field(particle_count + 1)
        self.incidence = integer_field(capacity)
        self.element_start = integer_field(particle_count + 1)  # by id: where its contacts with elements begin in
        self.element_contact = integer_field(capacity)  # this list, ordered by grain id, then element
        self.mesh_felt = integer_field(mesh_capacity)  # whether a triangle counts, see dem/contact/meshes.py
        self.mesh_distance = position_field(mesh_capacity)  # [m]
        self.mesh_normal = position_vectors(mesh_capacity)
        self.mesh_point = position_vectors(mesh_capacity)  # [m], its point nearest to the grain, in the body's frame


def energy_field(count: int, size: int) -> ti.Field:
    """Sums of energies, in the precision of positions, since they run over a whole run."""
    return position_vectors(count, size)


def remember(record: object, remembered: tuple[Memory, ...], capacity: int) -> None:
    """Give a record the fields of what contacts remember."""
    made = []
    for name, size in remembered:
        made.append(real_vectors(None, size) if size > 1 else real_field(None))
        setattr(record, name, made[-1])
    place_together(capacity, *made)


@ti.data_oriented
class History:
    """Contacts as they were before the last neighbour search, to pass their history on."""

    def __init__(self, particle_count: int, capacity: int, remembered: tuple[Memory, ...]) -> None:
        self.key = integer_field(capacity)
        remember(self, remembered, capacity)
        self.row_start = integer_field(particle_count + 1)
        self.slot_of_id = integer_field(particle_count)


@ti.data_oriented
class Bodies:
    """One record of fields per rigid body, shape (B,), in the precision of positions."""

    def __init__(self, count: int, shape_count: int) -> None:
        self.position = position_vectors(count)  # [m]
        self.orientation = position_vectors(count, 4)  # (w, x, y, z)
        self.position_at_search = position_vectors(count)
        self.orientation_at_search = position_vectors(count, 4)
        self.velocity = position_vectors(count)  # [m/s]
        self.angular_velocity = position_vectors(count)  # [rad/s]
        self.force = position_vectors(count)  # [N], of the soil
        self.torque = position_vectors(count)  # [N m], of the soil
        self.mass = position_field(count)  # [kg]
        self.inertia = position_vectors(count)  # [kg m2], principal
        self.extent = position_field(count)  # [m], farthest surface point
        self.prescribed = integer_vectors(count, 6)  # flags per axis
        self.target = position_vectors(count, 6)  # [m/s, rad/s], prescribed velocities
        self.load = position_vectors(count, 6)  # [N, N m], applied
        self.work = position_field(count)  # [J], done on the soil; kept only with tracks_energy
        self.impulse = position_vectors(count, 6)  # [N s, N m s], of the soil since it was last read
        self.shape_wrench = position_vectors(shape_count, 6)  # [N, N m], of the soil, about the body's centre
