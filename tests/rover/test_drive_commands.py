"""Commands over time: what rows say between them, where they lead, how a rover follows; motors that give a torque."""

import math

import numpy as np
import pytest
from rigid_ground import RigidGround, make_vehicle

from dem.config import load_config
from dem.errors import ConfigError
from scenarios.rover_drive.commands import constant, read_commands

ROWS = [{"time": 0, "speed": 0.2}, {"time": 2, "speed": 0.2, "arc_radius": 2.0}, {"time": 4}, {"time": 6}]
LISTED = ["scenario=rover_drive", "scenario.command=list"]


def test_rows_are_joined_by_lines():
    commands = read_commands(ROWS, None)
    assert commands.duration == 6.0
    assert commands.twist(1.0) == pytest.approx((0.2, 0.05))
    assert commands.twist(3.0) == pytest.approx((0.1, 0.05))
    assert commands.twist(5.0) == (0.0, 0.0)
    assert commands.steering_twist(5.0) == pytest.approx((0.2, 0.1))  # as they were steered before it stood
    assert commands.slip(1.0, 0.1, 0.05) == pytest.approx(0.5)
    assert commands.slip(5.0, 0.1, 0.05) == 0.0


def test_a_path_is_an_arc_where_the_command_is_one():
    x, y, headings = constant(3.0, 0.5, 0.4, None).path(0.5)
    assert headings[-1] == pytest.approx(0.4 * 3.5)
    assert (x[-1], y[-1]) == pytest.approx((0.5 / 0.4 * math.sin(1.4), 0.5 / 0.4 * (1 - math.cos(1.4))))
    x, y, headings = read_commands(ROWS, None).path(0.0)
    assert headings[-1] == pytest.approx(0.5 * 0.1 * 2 + 0.5 * 0.1 * 2)
    assert np.hypot(np.diff(x), np.diff(y)).sum() == pytest.approx(0.2 * 2 + 0.5 * 0.2 * 2, rel=1e-4)


def test_a_file_says_what_rows_say(tmp_path):
    path = tmp_path / "drive.csv"
    path.write_text("time, speed, arc_radius\n0, 0.2,\n2, 0.2, 2.0\n4, 0,\n6, 0,\n")
    one, other = read_commands(str(path), 3.0), read_commands(ROWS, 3.0)
    for name in ("times", "speeds", "turn_rates", "torques"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    path.write_text("time, speed\n0, fast\n1, 0.2\n")
    with pytest.raises(ConfigError, match=r"scenario\.commands\[0\]\.speed is 'fast'"):
        read_commands(str(path), None)


def test_a_rover_follows_its_rows_on_rigid_ground():
    vehicle = make_vehicle("rover=viper")
    ground, commands = RigidGround(vehicle, 0.25, 1.62), read_commands(ROWS[:3], None)
    ground.run(0.5)
    start = vehicle.body_pose()[0]
    for time in np.arange(0.0, commands.duration, 0.02):
        ground.command(*commands.twist(time))
        ground.run(0.02)
    place, turn = vehicle.body_pose()
    x, y, headings = commands.path(0.0)
    assert (place - start)[:2] == pytest.approx((x[-1], y[-1]), abs=0.05)
    assert 2 * math.atan2(turn[3], turn[0]) == pytest.approx(headings[-1], rel=0.2)


def test_motors_that_give_a_torque_give_it_whatever_the_spin():
    """They speed the rover up as the torque over radius does, within the limit; a locked wheel keeps still."""
    vehicle = make_vehicle("rover=viper", "rover.motor_torque=30")
    ground = RigidGround(vehicle, 0.25, 1.62)
    ground.run(0.5)
    start = vehicle.center_velocity()[0]
    vehicle.push(np.zeros(4), np.full(4, 3.0))
    ground.run(1.0)
    armature = sum(vehicle.model.dof_armature[vehicle.model.jnt_dofadr[wheel.drive]] for wheel in vehicle.wheels)
    inertia = armature + sum(vehicle.model.body_inertia[wheel.body][1] for wheel in vehicle.wheels)
    expected = 4 * 3.0 / 0.25 / (vehicle.mass + inertia / 0.25**2)
    assert vehicle.driving_torques() == pytest.approx(np.full(4, 3.0))
    assert vehicle.center_velocity()[0] - start == pytest.approx(expected, rel=0.1)
    vehicle.push(np.zeros(4), np.full(4, 100.0))
    ground.run(0.01)
    assert vehicle.driving_torques() == pytest.approx(np.full(4, 30.0))
    vehicle.command(np.zeros(4), np.zeros(4))
    ground.run(1.0)
    assert abs(vehicle.center_velocity()[0]) < 0.02


def test_beds_hold_a_path_of_rows():
    rows = "scenario.commands=[{time: 0, speed: 0.2}, {time: 5, speed: 0.2}, {time: 10, speed: -0.2}]"
    config = load_config([*LISTED, rows])
    straight = load_config(["scenario=rover_drive", "scenario.distance=1.25"])  # back by as much as ahead of its turn
    assert config.bed.length == pytest.approx(straight.bed.length, abs=0.03)


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["scenario.command=list"], r"scenario\.commands must be two rows"),
        (["scenario.commands=[{time: 0},{time: 1}]"], r"scenario\.commands is .*scenario\.command=list"),
        ([*LISTED, "scenario.commands=gone.csv"], r"scenario\.commands is 'gone\.csv'"),
        ([*LISTED, "scenario.commands=[{time: 0},{time: 1}]"], "never moves the rover"),
        ([*LISTED, "scenario.commands=[{time: 1, speed: 1},{time: 0}]"], "must rise from 0"),
        ([*LISTED, "scenario.commands=[{time: 0, speed: 1, yaw: 2},{time: 1}]"], r"scenario\.commands\[0\] is"),
        (["rover.motor_control=torque"], r"scenario\.torque is missing"),
        (["scenario.torque=5"], r"scenario\.torque is given"),
        (["rover.motor_control=power"], r"rover\.motor_control is 'power'"),
    ],
)
def test_bad_commands_are_said(overrides, expected):
    with pytest.raises(ConfigError, match=expected):
        load_config(["scenario=rover_drive", *overrides])
