"""The suite's closed forms against numbers typed from the sources, and against each other."""

import numpy as np
import pytest

from dem.verify.cases.impacts_normal import ALUMINIUM, GLASS, LIMESTONE, MAGNESIUM, pair_impact, plane_impact
from dem.verify.closed_forms import (
    HERTZ_DURATION,
    SoftBounce,
    crossing_time,
    damped_impact,
    jkr_force,
    mean_overlap_of_elastic_impact,
    parabola_peak,
)

# Chung & Ooi, Granular Matter 13 (2011) 643, tests 1 and 2: overlap [m], force [N], contact time [s]
TYPED = [
    (pair_impact(GLASS, 0.01, 10.0), 2.741127e-4, 10696.889, 4.033945e-5),
    (pair_impact(LIMESTONE, 0.01, 10.0), 3.683040e-4, 7108.241, 5.420100e-5),
    (plane_impact(MAGNESIUM, 0.1, 0.2), 5.212329e-5, 7232.681, 7.670659e-4),
    (plane_impact(ALUMINIUM, 0.1, 0.2), 4.930154e-5, 11465.712, 7.255399e-4),
]


@pytest.mark.parametrize(("exact", "overlap", "force", "duration"), TYPED)
def test_hertz_impacts(exact, overlap, force, duration):
    assert exact.overlap == pytest.approx(overlap, rel=2e-7)
    assert exact.force == pytest.approx(force, rel=2e-7)
    assert exact.duration == pytest.approx(duration, rel=2e-7)


def test_duration_factor():
    assert pytest.approx(2.943275, rel=1e-7) == HERTZ_DURATION


def test_damped_impact_ends_in_the_elastic_one():
    elastic = damped_impact(1.0)
    assert elastic.overlap == pytest.approx(1.25**0.4, rel=1e-6)
    assert elastic.duration == pytest.approx(HERTZ_DURATION * 1.25**0.4, rel=1e-5)
    assert elastic.push == pytest.approx(2.0, rel=1e-6)
    assert elastic.arm_loss == pytest.approx(mean_overlap_of_elastic_impact(1.25**0.4), rel=1e-6)


def test_soft_bounce_ends_in_the_hard_one():
    time, speed = SoftBounce(1e5, 0.0, 2.0, 9.81).rebound()
    assert time == pytest.approx(np.pi / 1e5, rel=1e-3)
    assert speed == pytest.approx(2.0, rel=1e-6)


def test_jkr_forces():
    overlap = np.array([0.0, 1e-5])
    force, gap = jkr_force(overlap, 3e6, 0.005, 0.05)
    assert force[0] == pytest.approx(-8 / 3 * np.pi * 0.05 * 0.005, rel=1e-9)
    least, _ = jkr_force(np.array([-gap * (1 - 1e-9)]), 3e6, 0.005, 0.05)
    assert least[0] == pytest.approx(-3 * np.pi * 0.05 * 0.005, rel=1e-3)


def test_peaks_and_crossings_between_samples():
    times = np.linspace(0, 1, 21)
    assert parabola_peak(3 - (times - 0.512) ** 2) == pytest.approx(3, abs=1e-12)
    assert crossing_time(times, 0.337 - times) == pytest.approx(0.337, abs=1e-12)
