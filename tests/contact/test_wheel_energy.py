"""The energy balance of a wheel driven over grains closes in mixed precision."""

import pytest
from pouring import RADIUS, builder_of_grains, turnover

import dem


@pytest.fixture(scope="module")
def drive(device):
    """Energies before and after a grouser wheel ploughs a settled bed, in mixed precision."""
    with dem.start(device, precision="mixed", threads=1):
        builder = builder_of_grains(dem.ContactLaws(), 5, 12)
        side = 12 * 2.4 * RADIUS
        wheel = dem.GrouserWheel(0.02, 0.02, grouser_height=0.003, grouser_thickness=0.002, grouser_count=10)
        start = (0.4 * side, side / 2, 0.045)
        body = builder.add_body("wheel", 1.0, (1, 1, 1), start, motion=dem.Motion.fixed())
        builder.add_shape(wheel, 0, body)
        simulation = dem.Simulation(builder.finalize(), track_energy=True)
        simulation.run(0.12)
        before = simulation.energy()
        commands = {"x": 0.05, "y": 0.0, "z": -0.04, "rx": 0.0, "ry": 8.0, "rz": 0.0}
        simulation.set_motion(body, dem.Motion(prescribed=commands))
        simulation.run(0.4)
        yield before, simulation.energy()


def test_a_wheel_run_closes(drive):
    before, after = drive
    work = after["body_work"] - before["body_work"]
    assert before["body_work"] == 0.0
    assert work > 1e-3
    assert turnover(after) - turnover(before) == pytest.approx(work, rel=0.2)
    assert abs(after["balance_error"] - before["balance_error"]) < 0.01 * work
    assert abs(after["balance_error"]) < 0.01 * turnover(after)
