"""A session for all tests of contacts, and the laws at a table of overlaps without a simulation."""

import numpy as np
import pytest

import dem
from dem import backend
from dem.backend import real_rows, ti
from dem.contact.compose import attraction, normal_parts, tangential_force
from dem.contact.contact_laws import Laws
from dem.records import OVERLAP

SAND = {"density": 2600.0, "young_modulus": 1e8, "poisson_ratio": 0.3}


@pytest.fixture(scope="module")
def double(device):
    """A session in double precision on one thread."""
    with dem.start(device, precision="double", threads=1) as session:
        yield session


@ti.kernel
def _probe_laws(laws: ti.template(), given: ti.types.ndarray(), found: ti.types.ndarray()):
    """Laws of materials 0 on 0 for rows of overlap, normal velocity, sliding displacement and velocity."""
    for row in range(given.shape[0]):
        contact = laws.Contact(
            overlap=given[row, 0], previous_overlap=given[row, 0], normal=ti.Vector([0.0, 0.0, 1.0]),
            normal_velocity=given[row, 1], tangential_velocity=ti.Vector([given[row, 3], 0.0, 0.0]),
            rolling_velocity=ti.Vector([0.0, 0.0, 0.0]), twisting_velocity=0.0, radius_eff=given[row, 4],
            mass_eff=given[row, 5], inertia_eff=1.0, normal_stiffness=0.0, secant_stiffness=0.0, memory=given[row, 0],
            time_step=0.0,
        )  # fmt: skip
        if ti.static(laws.has_neck):
            contact.overlap = laws.cohesion.spec.indentation(laws.cohesion.table[0, 0], contact)
        elastic, normal_force, stiffness = normal_parts(laws, 0, 0, contact)
        contact.normal_stiffness = stiffness
        pull, extra_load = attraction(laws, 0, 0, contact)
        shift = ti.Vector([given[row, 2], 0.0, 0.0])
        tangential, _ = tangential_force(laws, 0, 0, contact, shift, normal_force + extra_load)
        energy = laws.normal.spec.energy(laws.normal.table[0, 0], contact)
        if ti.static(laws.has_cohesion):
            energy += laws.cohesion.spec.energy(laws.cohesion.table[0, 0], contact)
        found[row, 0], found[row, 1], found[row, 2] = elastic, normal_force, pull
        found[row, 3], found[row, 4], found[row, 5] = extra_load, tangential[0], energy
        found[row, 6] = stiffness


@pytest.fixture
def probe(double):
    """A function of laws, surface numbers and columns that gives force columns by name."""

    def evaluate(
        contact: dem.ContactLaws, numbers: dict, overlap, velocity=0.0, shift=0.0, sliding=0.0, size=(1e-3, 1.0)
    ):
        builder = dem.ModelBuilder(contact=contact)
        builder.add_particles(np.zeros((1, 3)), 1e-3, builder.add_material(dem.Material(**SAND, **numbers)))
        model = builder.finalize()
        laws = Laws(contact, (OVERLAP, *contact.histories), 1, model)
        laws.fill(model)
        given = np.stack(np.broadcast_arrays(np.atleast_1d(overlap), velocity, shift, sliding, *size), axis=1)
        found = real_rows(len(given), 7)
        _probe_laws(laws, given.astype(found.dtype), found)
        names = ("elastic", "normal_force", "pull", "extra_load", "tangential", "energy", "stiffness")
        return dict(zip(names, found.T, strict=True))

    assert backend.current()
    return evaluate
