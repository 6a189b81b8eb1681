"""The comparison of rigs: one experiment but for what moves the wheel, whose differences are judged by errors."""

import argparse

import pytest

from benchmarks.rig_comparison import ARMS, QUANTITIES, case_overrides, compare, differ, mean_over_beds
from dem.config import load_config
from dem.io import write_result


def case(value: float, error: float = 0.1, exchange: float = 1.0) -> dict:
    """A finished case whose quantities are all alike."""
    return {
        "steady": dict.fromkeys(QUANTITIES, (value, error)),
        "numerics": {"step_count": 100, "coupling_interval": 1e-3, "time_step": 1e-4},
        "time": {"run": 10.0, "exchange": exchange, "vehicle": 0.5, "exchanges": 50},
    }


def test_arms_have_one_bed_load_spin_and_window(tmp_path):
    options = argparse.Namespace(folder=tmp_path, grains=16.0, slope=8.0, turns=0.3)
    (tmp_path / "mujoco-2").mkdir()
    write_result(tmp_path / "mujoco-2", {"numerics": {"coupling_interval": 2e-3}})
    configs = {arm: load_config(case_overrides(options, arm, 2)) for arm in ARMS}
    first = configs["device"]
    duration = first.scenario.drive_duration
    for config in configs.values():
        assert (config.bed, config.gravity.vector_value()) == (first.bed, first.gravity.vector_value())
        assert config.scenario.ramp_duration == first.scenario.ramp_duration
        assert config.scenario.steady_fraction == first.scenario.steady_fraction
        assert config.wheel.load_mass == pytest.approx(110.0)
    for arm in ("mujoco", "mujoco_half"):
        rover = configs[arm]
        assert rover.rover.speed == pytest.approx(first.wheel.angular_velocity * first.wheel.radius)
        assert rover.scenario.drive_commands(rover).duration == pytest.approx(duration)
    assert configs["mujoco_half"].scenario.coupling_interval == pytest.approx(1e-3)
    assert configs["mesh"].wheel.mesh is not None


def test_error_of_a_mean_is_that_of_its_beds_or_of_their_periods_where_beds_are_alike():
    alike = mean_over_beds([case(1.0, 0.3), case(1.0, 0.4)], "sinkage")
    assert alike["standard_error"] == pytest.approx(0.25)  # sqrt(0.3^2 + 0.4^2) / 2
    apart = mean_over_beds([case(0.0, 0.0), case(2.0, 0.0)], "sinkage")
    assert (apart["mean"], apart["standard_error"]) == pytest.approx((1.0, 1.0))


def test_differences_are_in_units_of_both_errors():
    one, other = ({"mean": mean, "standard_error": error} for mean, error in ((1.0, 0.3), (2.0, 0.4)))
    assert differ(one, other)["in_errors"] == pytest.approx(2.0)
    cases = {arm: [case(1.0), case(1.0)] for arm in ARMS}
    assert compare(cases)["agree"]
    cases["mujoco"][0]["steady"] = {**cases["mujoco"][0]["steady"], "angular_velocity": (9.0, 0.0)}
    assert compare(cases)["agree"]  # a spin that is imposed is not judged
    cases["mesh"] = [case(2.0), case(2.0)]
    found = compare(cases)
    assert found["likely_by_chance_in_errors"] == pytest.approx(4.30, abs=0.01)  # two beds an arm
    assert not found["agree"]
    assert found["differences_from_device"]["mesh"]["sinkage"]["in_errors"] == pytest.approx(10.0)
    assert found["coupling"]["mujoco"]["share_of_run"] == pytest.approx(0.1)
    assert found["coupling"]["mujoco"]["ms_per_step"] == pytest.approx(10.0)
