"""A wheel held by MuJoCo on soil carries its load, and moves much as in the engine's own rig."""

import math

import numpy as np
import pytest

import dem
from dem.measure.statistics import block_mean
from dem.model import Motion
from dem.rover.coupling import MOST_STEPS, Coupling, choose_interval
from dem.rover.rover_spec import RoverSpec
from dem.rover.vehicle import Vehicle

RADIUS, WIDTH, MASS, SPIN, GRAIN = 0.1, 0.08, 4.0, 1.5, 0.016
LENGTH, BREADTH, LAYERS = 0.4, 0.128, 4  # [m, m, -], whole numbers of grains
SETTLE, DRIVE, STEADY = 0.2, 0.8, 0.45  # [s]; the last part of the drive counts
RIG = f"""<mujoco><worldbody><body name="carriage">
  <joint type="slide" axis="1 0 0"/><joint type="slide" axis="0 0 1"/>
  <inertial pos="0 0 0" mass="{MASS - 1}" diaginertia="1 1 1"/>
  <body name="wheel"><joint type="hinge" axis="0 1 0"/><inertial pos="0 0 0" mass="1" diaginertia="0.01 0.01 0.01"/>
  </body></body></worldbody></mujoco>"""


def make_model(motion: Motion) -> dem.Model:
    """A box of grains, and a wheel over it."""
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, -9.81))
    sand = builder.add_material(dem.Material(2600.0, 1e7, 0.3))
    metal = builder.add_material(dem.Material.rigid())
    for partner in (sand, metal):
        builder.set_pair(sand, partner, restitution=0.4, sliding_friction=0.6, rolling_friction=0.2)
    axes = [GRAIN * (0.5 + np.arange(round(size / GRAIN))) for size in (LENGTH, BREADTH, LAYERS * GRAIN)]
    position = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
    radius = GRAIN / 2 * np.random.default_rng(1).uniform(0.8, 1.0, len(position))
    builder.add_particles(position, radius, sand)
    builder.add_box_walls((0, 0, 0), (LENGTH, BREADTH, 0), sand, "-z -x +x")
    builder.set_domain((-GRAIN, 0, -GRAIN), (LENGTH + GRAIN, BREADTH, 1.0), periodic=(False, True, False))
    place = (0.14, BREADTH / 2, LAYERS * GRAIN + RADIUS)
    wheel = builder.add_body("wheel", MASS, (0.01, 0.01, 0.01), place, motion=motion)
    builder.add_shape(dem.GrouserWheel(RADIUS, WIDTH, 0.01, 0.004, 12), metal, wheel)
    return builder.finalize()


class Watch:
    """Rows of what a rig's wheel does, every 5 ms."""

    def __init__(self, simulation, body: int, take) -> None:
        self.simulation, self.body, self.take, self.rows = simulation, body, take, []
        self.position = simulation.snapshot()["body_position"][body]
        simulation.every(0.005, self.look)

    def look(self, simulation) -> None:
        wrench = self.take()
        position = simulation.snapshot()["body_position"][self.body]
        self.rows.append((simulation.time, *position[[0, 2]], wrench[2], -wrench[4]))

    def means(self) -> dict[str, tuple[float, float]]:
        """Means and standard errors over the steady part."""
        time, x, z, load, torque = np.array(self.rows).T
        keep = time > time[-1] - STEADY
        speed = np.gradient(x, time)
        period = 2 * math.pi / (12 * SPIN)
        found = {"speed": speed, "height": z, "load": load, "torque": torque}
        return {name: block_mean(time[keep], values[keep], period) for name, values in found.items()}


def drive_on_device(simulation_cache) -> dict:
    """The engine's own rig: free along x and z."""
    held = dict.fromkeys(("y", "rx", "rz"), 0.0)
    simulation = simulation_cache.simulate(make_model(Motion.fixed()), max_overlap=0.3)
    simulation.run(SETTLE)
    simulation.set_motion(1, Motion({**held, "ry": SPIN}))
    simulation.take_impulses()
    watch = Watch(simulation, 1, lambda: simulation.take_impulses()[1] / 0.005)
    simulation.run(DRIVE)
    return watch.means()


def drive_by_mujoco(simulation_cache, path, steps: int) -> tuple[dict, float]:
    """The same in MuJoCo, and what the exchange lost of the work on the soil."""
    rover = RoverSpec(
        name="rig", suspension="model", speed=SPIN * RADIUS, motor_torque=200.0, model=str(path),
        wheel_bodies={"wheel": "wheel"},
    )  # fmt: skip
    vehicle = Vehicle(rover, RADIUS, WIDTH)
    simulation = simulation_cache.simulate(make_model(Motion.fixed()), max_overlap=0.3)
    simulation.run(SETTLE)
    vehicle.place(*simulation.snapshot()["body_position"][1])
    vehicle.set_gravity(np.array([0.0, 0.0, -9.81]))
    vehicle.command(np.zeros(1), np.full(1, SPIN))
    coupling = Coupling(simulation, vehicle, [1], steps)
    coupling.attach()
    work = np.zeros(2)

    def take() -> np.ndarray:
        tally = coupling.take()
        work[:] += tally.soil_work[0], tally.vehicle_work[0]
        return tally.impulse[0] / tally.duration if tally.duration else np.zeros(6)

    watch = Watch(simulation, 1, take)
    simulation.run(DRIVE)
    followed = simulation.snapshot()["body_position"][1]
    # Between two exchanges the wheel is on its way to where MuJoCo is already.
    assert np.abs(followed - coupling.poses[0][0]).max() < 2 * coupling.interval
    return watch.means(), abs(work[0] - work[1]) / abs(work[0])


@pytest.mark.slow
def test_mujoco_rig_is_near_the_rig_on_the_device(mixed, tmp_path):
    """One bed each, too short for standard errors: load and energies are exact, the rest as near as one bed tells."""
    (tmp_path / "rig.xml").write_text(RIG)
    reference = drive_on_device(mixed)
    found, lost = drive_by_mujoco(mixed, tmp_path / "rig.xml", 2)
    assert lost < 0.02
    assert found["load"][0] == pytest.approx(MASS * 9.81, rel=0.02)
    assert found["speed"][0] == pytest.approx(reference["speed"][0], rel=0.1)
    assert found["height"][0] == pytest.approx(reference["height"][0], abs=0.1 * RADIUS)


def test_interval_shortens_with_stiffness_and_lightness():
    soft, stiff = choose_interval(1e-4, 100.0, 10.0, 1e-3), choose_interval(1e-4, 100.0, 10.0, 1e-5)
    assert 1 <= stiff < soft <= MOST_STEPS
    assert choose_interval(1e-4, 100.0, 1.0, 1e-3) < soft
    assert choose_interval(1.0, 100.0, 1.0, 1e-3) == 1
