"""Vehicles on rigid ground: loads follow statics, the differential holds, motors keep to their limits and commands."""

import math

import numpy as np
import pytest
from rigid_ground import RigidGround, make_vehicle

from dem.config import load_config
from dem.errors import ConfigError, NumericalError
from dem.rover.rover_spec import RoverSpec
from dem.rover.steering import plan_wheels
from dem.rover.vehicle import Vehicle

ROCKER_BOGIES = ("spirit", "curiosity", "sojourner")


def statics(config, gravity: float) -> dict[str, float]:
    """Loads of one side's wheels by moments about the bogie's and the rockers' pivots."""
    rover = config.rover
    front, middle, rear = (rover.hubs[f"{row}_left"][0] for row in ("front", "middle", "rear"))
    rocker, bogie = rover.rocker_pivot[0], rover.bogie_pivot[0]
    wheel, arm = rover.wheel_mass * gravity, rover.arm_mass * gravity
    body = rover.mass * gravity / 2 - 3 * wheel - 2 * arm  # half of it; the differential takes its moment
    held = rover.mass_center[0] * rover.mass - 2 * rover.wheel_mass * (front + middle + rear)
    held -= 2 * rover.arm_mass * (rocker + bogie)
    moment = body * (held / (2 * body / gravity) - rocker)  # of the body about the rockers' pivot, each side's half
    # The bogie's wheels carry its pin's push p and their own weights; the front wheel the rest.
    matrix = [[1, 1, -1, 0], [middle - bogie, rear - bogie, 0, 0], [0, 0, 1, 1],
              [0, 0, bogie - rocker, front - rocker]]  # fmt: skip
    right = [2 * wheel + arm, wheel * (middle + rear - 2 * bogie), body + arm + wheel,
             wheel * (front - rocker) + moment]  # fmt: skip
    loads = np.linalg.solve(np.array(matrix, float), np.array(right))
    return {"middle": loads[0], "rear": loads[1], "front": loads[3]}


@pytest.mark.parametrize("name", ROCKER_BOGIES)
def test_six_loads_are_those_of_statics(name):
    config = load_config(["scenario=rover_drive", f"rover={name}", "rover.mass_center=[0.03,0,0.2]"])
    vehicle = Vehicle(config.rover, config.wheel.radius, config.wheel.width)
    wrenches = RigidGround(vehicle, config.wheel.radius, friction=0.0).run(1.5)
    expected = statics(config, 3.71)
    for wheel, wrench in zip(vehicle.wheels, wrenches, strict=True):
        assert wrench[2] == pytest.approx(expected[wheel.name.split("_")[0]], rel=0.02), wheel.name
    assert wrenches[:, 2].sum() == pytest.approx(config.rover.mass * 3.71, rel=0.01)


def test_differential_holds_while_one_side_climbs():
    vehicle = make_vehicle("rover=curiosity")
    ground = RigidGround(vehicle, 0.254)
    climbing = [wheel.name == "front_left" for wheel in vehicle.wheels].index(True)
    worst = swing = 0.0
    for step in range(1000):
        ground.heights[climbing] = 5e-5 * step
        vehicle.advance(1e-3, ground.wrenches())
        angles = [float(vehicle.data.joint(f"rocker_{side}_pivot").qpos[0]) for side in ("left", "right")]
        worst, swing = max(worst, abs(sum(angles))), max(swing, abs(angles[0]))
    assert swing > 5e-3
    assert worst < 1e-6


@pytest.mark.slow
def test_a_rocker_bogie_keeps_all_wheels_down_over_a_rock():
    vehicle = make_vehicle("rover=curiosity", "rover.speed=0.3")
    ground = RigidGround(vehicle, 0.254)
    ground.run(0.5)
    ground.rock = (1.6, 1.1, 0.12, 0.45)  # before the left front wheel, as high as half a wheel's radius
    ground.command(0.3)
    share, least, worst, swing = vehicle.mass * 3.71 / 6, math.inf, 0.0, 0.0
    for _ in range(12_000):
        wrenches = ground.wrenches()
        vehicle.advance(1e-3, wrenches)
        angles = [float(vehicle.data.joint(f"rocker_{side}_pivot").qpos[0]) for side in ("left", "right")]
        least, swing = min(least, wrenches[:, 2].min()), max(swing, abs(angles[0]))
        worst = max(worst, abs(sum(angles)))
    assert vehicle.body_pose()[0][0] > 3.2  # the rear wheel has passed it too
    assert swing > 0.02
    assert least > 0.1 * share
    assert worst < 1e-6


def test_weight_is_the_sum_of_four_loads_and_straight_is_straight():
    vehicle = make_vehicle("rover=viper")
    ground = RigidGround(vehicle, 0.25, 1.62)
    ground.run(1.0)
    ground.command(0.2)
    start = vehicle.body_pose()[0]
    wrenches = ground.run(1.5)
    moved = vehicle.body_pose()[0] - start
    assert wrenches[:, 2].sum() == pytest.approx(440 * 1.62, rel=0.01)
    assert moved[0] == pytest.approx(0.3, rel=0.1)
    assert abs(moved[1]) < 1e-3


@pytest.mark.parametrize("name", ["viper", "spirit", "rashid1"])
def test_positive_turn_rates_turn_left(name):
    vehicle = make_vehicle(f"rover={name}")
    ground = RigidGround(vehicle, load_config(["scenario=rover_drive", f"rover={name}"]).wheel.radius)
    ground.run(0.5)
    speed = vehicle.rover.speed
    ground.command(speed, speed / 2.0)
    ground.run(1.0)
    quaternion = vehicle.body_pose()[1]
    heading = 2 * math.atan2(quaternion[3], quaternion[0])
    assert heading > 0.2 * speed / 2.0
    assert vehicle.body_pose()[0][0] > 0.5 * speed


def test_wheels_of_a_turn_point_across_its_radius():
    hubs = {"front_left": (1.0, 1.0), "front_right": (1.0, -1.0), "rear_left": (-1.0, 1.0), "rear_right": (-1.0, -1.0)}
    spot = plan_wheels(0.0, 0.1, hubs, list(hubs))
    assert spot["front_right"].angle == pytest.approx(math.pi / 4)
    assert spot["front_left"].angle == pytest.approx(-math.pi / 4)
    assert spot["front_left"].speed == pytest.approx(-0.1 * math.sqrt(2))
    skid = plan_wheels(0.0, 0.1, hubs, [])
    assert [skid[name].speed for name in hubs] == pytest.approx([-0.1, 0.1, -0.1, 0.1])
    arc = plan_wheels(0.2, 0.1, hubs, list(hubs))  # about (0, 2)
    assert arc["front_left"].angle == pytest.approx(math.atan2(1.0, 1.0))
    assert arc["front_right"].speed == pytest.approx(0.1 * math.hypot(1.0, 3.0))


def test_motors_keep_to_torque_and_power_and_dead_ones_give_none():
    vehicle = make_vehicle("rover=viper", "rover.motor_power=20")
    vehicle.kill(["rear_left"], locked=False)
    vehicle.kill(["rear_right"], locked=True)
    vehicle.command(np.zeros(4), np.full(4, 0.8))
    resist = np.zeros((4, 6))
    resist[:, 4] = [-40.0, -100.0, 0.0, -10.0]  # 20 W bear 25 N m at 0.8 rad/s
    for _ in range(40):
        before = vehicle.angular_velocities()
        vehicle.advance(5e-4, resist)
        torques, spins = vehicle.driving_torques(), vehicle.angular_velocities()
        assert (np.abs(torques[:2]) <= 60.0 + 1e-9).all()
        assert (np.abs(torques[:2] * before[:2]) <= 20.0 + 1e-9).all()
    assert (spins[2], torques[2]) == pytest.approx((0.0, 0.0), abs=1e-2)
    assert abs(spins[3]) < 1e-3
    assert torques[3] == pytest.approx(10.0, rel=0.1)


def test_state_goes_on_bit_for_bit():
    vehicle = make_vehicle("rover=spirit")
    ground = RigidGround(vehicle, 0.13)
    ground.run(0.05)
    state, last = vehicle.pack(), ground.last
    ground.run(0.05)
    first = vehicle.wheel_poses()[0]
    vehicle.unpack(state)
    ground.last = last
    ground.run(0.05)
    assert (vehicle.wheel_poses()[0] == first).all()


def test_numbers_that_go_wrong_stop_the_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # MuJoCo leaves a log where it warns
    vehicle = make_vehicle("rover=viper")
    with pytest.raises(NumericalError, match=r"joint .* of rover .* moves without bounds"):
        vehicle.advance(5e-4, np.full((4, 6), np.nan))


def own_rover(model: str, **keys) -> RoverSpec:
    """A rover by a model file."""
    return RoverSpec(name="mine", suspension="model", speed=0.1, motor_torque=5.0, model=model, **keys)


URDF = """<robot name="mine">
  <link name="base"><inertial><mass value="10"/><inertia ixx="1" iyy="1" izz="1" ixy="0" ixz="0" iyz="0"/></inertial>
  </link>{wheels}</robot>"""
URDF_WHEEL = """<link name="{name}"><inertial><mass value="1"/>
  <inertia ixx="0.01" iyy="0.01" izz="0.01" ixy="0" ixz="0" iyz="0"/></inertial></link>
  <joint name="{name}_joint" type="continuous"><parent link="base"/><child link="{name}"/>
  <origin xyz="{x} {y} -0.1" rpy="1.5708 0 0"/><axis xyz="0 0 1"/></joint>"""


def test_a_urdf_loads_floats_and_drives(tmp_path):
    places = {"fl": (0.3, 0.2), "fr": (0.3, -0.2), "rl": (-0.3, 0.2), "rr": (-0.3, -0.2)}
    wheels = "".join(URDF_WHEEL.format(name=name, x=x, y=y) for name, (x, y) in places.items())
    (tmp_path / "mine.urdf").write_text(URDF.format(wheels=wheels))
    vehicle = Vehicle(own_rover(str(tmp_path / "mine.urdf")), 0.1, 0.05)
    assert {wheel.name for wheel in vehicle.wheels} == set(places)
    assert vehicle.mass == pytest.approx(14.0)
    assert {wheel.sign for wheel in vehicle.wheels} == {-1.0}  # axles that point to the right
    ground = RigidGround(vehicle, 0.1)
    ground.run(0.5)
    ground.command(0.1)
    ground.run(1.0)
    assert vehicle.body_pose()[0][0] == pytest.approx(0.1, rel=0.15)


MJCF = '<mujoco><worldbody><body name="base"><freejoint/><inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/>{}</body></worldbody></mujoco>'  # noqa: E501
ROLLER = '<body name="wheel"><inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/><joint axis="{}"/></body>'
BAD = {
    "malformed": ("<mujoco><worldbody></mujoco>", {}, "not well-formed XML"),
    "other XML": ("<svg/>", {}, "not a model that MuJoCo can build"),
    "no wheel": (MJCF.format(ROLLER.format("1 0 0")), {}, "no outermost body with a hinge about y"),
    "missing wheel": (MJCF.format(ROLLER.format("0 1 0")), {"wheel_bodies": {"a": "whel"}}, "no such body"),
    "no axle": (MJCF.format(ROLLER.format("1 0 0")), {"wheel_bodies": {"a": "wheel"}}, "has no hinge about y"),
    "missing mesh": (
        MJCF.format(ROLLER.format("0 1 0") + '<geom type="mesh" mesh="m"/>').replace(
            "<worldbody>", '<asset><mesh name="m" file="gone.stl"/></asset><worldbody>'
        ),
        {}, "names a file that is missing",
    ),
    "outside": (MJCF.format('<include file="../../secret.xml"/>'), {}, "lies outside"),
    "missing include": (MJCF.format('<include file="gone.xml"/>'), {}, "includes 'gone.xml', which is missing"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_model_is_rejected_in_a_sentence(case, tmp_path):
    text, keys, expected = BAD[case]
    (tmp_path / "bad.xml").write_text(text)
    with pytest.raises(ConfigError, match=expected) as caught:
        Vehicle(own_rover(str(tmp_path / "bad.xml"), **keys), 0.1, 0.05)
    assert "; " in str(caught.value)  # the remedy


def test_specs_say_what_is_missing():
    with pytest.raises(ConfigError, match=r"rover\.model is 'gone\.xml'"):
        own_rover("gone.xml")
    with pytest.raises(ConfigError, match=r"rover\.mass is missing, rover\.suspension=four_wheel needs it"):
        RoverSpec(name="mine", suspension="four_wheel", speed=0.1, motor_torque=5.0)
