"""A law names what a contact remembers for it: one that remembers something new is a class in a file, here this one."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from pouring import builder_of_grains

import dem
from dem import state
from dem.backend import ti
from dem.records import Memory

TIME_STEP = 4e-5  # [s]
STEPS = 1000


@ti.func
def remember_peak(law, contact):
    """Largest overlap [m], and how long they have touched [s]."""
    return ti.Vector([ti.max(contact.memory[0], contact.overlap), contact.memory[1] + contact.time_step])


@ti.func
def aging_force(law, contact):
    """Elastic force [N], damping [N s/m] and stiffness [N/m] of a spring that grows stiffer while they touch."""
    stiffness = law.normal_stiffness * (1.0 + contact.memory[1])
    damping = law.damping_factor * ti.sqrt(stiffness * contact.mass_eff)
    return stiffness * contact.overlap, damping, stiffness


@dataclass(frozen=True)
class AgingSpring(dem.LinearSpring):
    """A linear spring that remembers two numbers."""

    memory: ClassVar = Memory("peak_and_age", 2)
    force = staticmethod(aging_force)
    remember = staticmethod(remember_peak)


@ti.func
def path_torque(law, contact, path, load):
    """Rolling moment on the first partner [N m], and the new path: turned [rad], for how long [s]."""
    turned = contact.rolling_velocity.norm() * contact.time_step
    moment = -law.rolling_friction * contact.radius_eff * 1e-6 * contact.rolling_velocity
    return moment, ti.Vector([path[0] + turned, path[1] + contact.time_step])


@dataclass(frozen=True)
class PathTorque(dem.ConstantRollingTorque):
    """Viscous rolling resistance that remembers how far and how long it has turned."""

    memory: ClassVar = Memory("rolled_path", 2)
    moment = staticmethod(path_torque)


@ti.func
def counted_friction(law, contact, counted, load):
    """Sliding friction [N] without a spring, and a number that counts steps."""
    size = contact.tangential_velocity.norm()
    cap = law.sliding_friction * ti.max(load, 0.0)
    force = -ti.min(1.0, cap / ti.max(size, 1e-6)) * contact.tangential_velocity
    return force, counted + 1.0


@dataclass(frozen=True)
class CountedFriction(dem.ViscousTangential):
    """Friction that remembers a single number."""

    memory: ClassVar = Memory("slid_steps", 1)
    pair_numbers: ClassVar = ("sliding_friction",)
    members: ClassVar = ("sliding_friction",)
    force = staticmethod(counted_friction)
    energy = staticmethod(dem.ViscousTangential.energy)
    stiffness = staticmethod(lambda law, contact: (0.0, 0.0))


LAWS = dem.ContactLaws(AgingSpring(normal_stiffness=100.0), CountedFriction(), PathTorque())


@pytest.fixture(scope="module", params=["serial", "parallel"])
def poured(mixed, request):
    """A heap of grains at rest upon each other, on the path of few grains, and in bundles, that of many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(state, "SERIAL_BELOW", 2000 if request.param == "serial" else 0)
        model = builder_of_grains(LAWS, 4, 4, gravity=(0, 0, -100.0)).finalize()
        simulation = dem.Simulation(model, time_step=TIME_STEP, max_overlap=1.5, track_energy=True)
    simulation.run(STEPS * TIME_STEP)
    return simulation


def test_new_memories_are_kept(poured):
    found = poured.contacts()
    age, path, counted = found["peak_and_age"][:, 1], found["rolled_path"], found["slid_steps"]
    assert len(age) > 20
    assert (found["peak_and_age"][:, 0] >= found["overlap"]).all()
    assert age.max() > 100 * TIME_STEP  # through several searches of neighbours
    assert age == pytest.approx(TIME_STEP * counted, rel=1e-3)
    assert path[:, 1] == pytest.approx(age, rel=1e-3)
    assert (path[:, 0] > 0).any()
    assert abs(poured.energy()["balance_error"]) < 1.0


def test_new_memories_are_forgotten_with_the_contact(poured):
    kept = poured.state.contacts
    apart = kept.overlap.to_numpy() == 0.0
    assert not kept.peak_and_age.to_numpy()[apart].any()
    assert not kept.slid_steps.to_numpy()[apart].any()


def test_new_memories_are_restored(poured, tmp_path):
    poured.save(tmp_path / "heap.h5")
    poured.run(50 * TIME_STEP)
    expected = poured.snapshot() | poured.contacts() | poured.energy()
    poured.restore(tmp_path / "heap.h5")
    poured.run(50 * TIME_STEP)
    for name, values in (poured.snapshot() | poured.contacts() | poured.energy()).items():
        np.testing.assert_array_equal(values, expected[name], name)


@pytest.mark.parametrize(
    ("memory", "said"),
    [
        (Memory("tangential_displacement", 2), "remembers 'tangential_displacement', as tangential does"),
        (Memory("overlap", 1), "remembers 'overlap', a name that every contact has"),
        (Memory("normal", 0), "0 numbers"),
        (None, "must name"),
    ],
)
def test_memories_have_names_of_their_own(memory, said):
    @dataclass(frozen=True)
    class Forgetful(PathTorque):
        """Its memory is no good."""

    Forgetful.memory = memory
    with pytest.raises(dem.ConfigError, match=said):
        dem.ContactLaws(rolling=Forgetful())
