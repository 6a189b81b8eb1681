"""The device that DEM_DEVICE names against the CPU: small scenes with all that contacts and bodies can do.

A GPU may fuse a product and a sum, or divide to the last bit but one: so nothing is compared to the last bit, but for
what the device itself must repeat.
"""

import numpy as np
import pytest

import dem
from dem.shapes.revolved import surface_of_revolution
from dem.verify.bed import Bed

RADIUS = 2e-3
HALF = 250  # steps before and after a world is retired
# By how much places [m] and energies (of the largest) may differ after some hundred steps: a rounding of the forces, of
# 2^-53 or 2^-24, grows with each contact that opens or slides.
LIMITS = {"double": (1e-9, 1e-9), "mixed": (2e-6, 1e-3), "single": (1e-5, 2e-2)}


@pytest.fixture(scope="module", autouse=True)
def other_device(device):
    """There must be another device than the CPU."""
    if device == "cpu":
        pytest.skip("compares DEM_DEVICE with the CPU; set DEM_DEVICE=vulkan, for one")


def sticky_bed(gravity: float) -> dem.Model:
    """Grains that stick, resist twisting and are ploughed by a turning mesh, which is then drawn off them."""
    laws = dem.ContactLaws(cohesion=dem.JKR(), twisting=dem.MarshallTwisting())
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, -gravity), contact=laws)
    sand = builder.add_material(dem.Material(2500, 2e6, 0.3, 0.4, 0.5, 0.1, surface_energy=0.2))
    index = np.stack(np.meshgrid(np.arange(6), np.arange(6), np.arange(3), indexing="ij"), -1).reshape(-1, 3)
    spread = np.random.default_rng(3).uniform(-0.01, 0.01, index.shape)
    builder.add_particles((1.99 * index + [1.0, 1.0, 0.99] + spread) * RADIUS, RADIUS, sand)
    builder.add_plane((0, 0, 0), (0, 0, 1), sand)
    side = 12 * RADIUS
    builder.set_domain((0, 0, -1.0), (side, side, 1.0), periodic=(True, True, False))
    wheel = surface_of_revolution(
        [[0, -2 * RADIUS], [4 * RADIUS, -2 * RADIUS], [4 * RADIUS, 2 * RADIUS], [0, 2 * RADIUS]], 12
    )
    motion = dem.Motion(prescribed={
        "x": 0.05, "y": 0.0, "z": lambda time: -0.1 if time < 0.006 else 0.2, "rx": 0.0, "ry": 10.0, "rz": 2.0,
    })  # fmt: skip
    upright = (np.sqrt(0.5), np.sqrt(0.5), 0.0, 0.0)
    place = (0.5 * side, 0.5 * side, 10.0 * RADIUS)
    body = builder.add_body("wheel", 0.1, (1e-5, 1e-5, 1e-5), place, motion=motion, orientation=upright)
    builder.add_shape(wheel, sand, body)
    return builder.finalize()


def ploughed(name: str, precision: str) -> dict[str, np.ndarray]:
    """Both worlds of a batch of sticky beds with energy, the second retired half way; and again, resumed from there."""
    with dem.start(name, precision, threads=1 if name == "cpu" else None):
        simulation = dem.Simulation([sticky_bed(9.81), sticky_bed(1.62)], time_step=4e-5, track_energy=True)
        simulation.run(HALF * simulation.time_step)
        packed = simulation.pack()
        found = {}
        for again in (False, True):
            if again:
                simulation.unpack(*packed)
            simulation.retire(1)
            simulation.run(HALF * simulation.time_step)
            snapshots = [simulation.snapshot(world) for world in range(2)]
            made = {f"{key} {world}": value for world in range(2) for key, value in snapshots[world].items()}
            made["energy"] = np.array(list(simulation.energy(0).values()))
            made["contacts"] = simulation.contacts(0)["point"]
            if again:  # but for the energies, which are added up at each search, and resuming is one more
                differing = [key for key in made if not np.array_equal(made[key], found[key])]
                assert set(differing) <= {"energy"}
                rounding = 1e-5 if precision == "single" else 1e-12
                np.testing.assert_allclose(made["energy"], found["energy"], rtol=0, atol=rounding * max(made["energy"]))
            found = made
        assert simulation.energy(0)["dissipated_twisting"] > 0.0
        return found


@pytest.mark.parametrize("precision", ["mixed", "double", pytest.param("single", marks=pytest.mark.slow)])
def test_sticky_beds_end_as_on_the_cpu(precision, device):
    expected, found = ploughed("cpu", precision), ploughed(device, precision)
    nearest, balance = LIMITS[precision]
    for world in range(2):
        for key in ("position", "body_position"):
            np.testing.assert_allclose(found[f"{key} {world}"], expected[f"{key} {world}"], rtol=0, atol=nearest)
    np.testing.assert_allclose(found["energy"], expected["energy"], rtol=0, atol=balance * expected["energy"].max())
    if precision == "double":
        np.testing.assert_allclose(found["contacts"], expected["contacts"], rtol=0, atol=nearest)


def bed_after(name: str, precision: str, steps: int) -> dict[str, np.ndarray]:
    """A bed of 432 grains in a box with a grouser wheel that sinks into it and rolls."""
    with dem.start(name, precision, threads=1 if name == "cpu" else None):
        bed = Bed()
        simulation = dem.Simulation(bed.build(), time_step=bed.time_step)
        simulation.run(steps * bed.time_step)
        return simulation.snapshot()


def test_a_bed_under_a_wheel_is_where_the_cpu_has_it_after_a_thousand_steps(device):
    expected, found = bed_after("cpu", "double", 1000), bed_after(device, "double", 1000)
    np.testing.assert_allclose(found["position"], expected["position"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(found["body_position"], expected["body_position"], rtol=0, atol=1e-9)
    assert found["contact_count"].sum() > 500
