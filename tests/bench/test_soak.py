"""The soak sees a leak and an energy balance that does not close; a short one of a few seconds is sound."""

import pytest

import dem
from benchmarks.soak import judge, soak

STILL = dict.fromkeys(
    ("kinetic", "elastic", "gravity_work", "dissipated_normal", "dissipated_rolling", "dissipated_twisting"), 0.0
)


def rows_of(leak: float, error: float) -> list[dict[str, float]]:
    """An hour of notes, with a leak [bytes/h] after a start that takes memory, and an energy balance error [J]."""
    energies = {**STILL, "dissipated_sliding": 50.0, "body_work": 50.0, "gravitational": -1.0, "balance_error": error}
    hours = [count / 60 for count in range(61)]
    return [
        {"elapsed": 3600 * hour, "resident_bytes": 2e8 + 1e8 * (hour > 0.2) + leak * hour} | energies for hour in hours
    ]


@pytest.mark.parametrize(
    ("leak", "error", "flat", "close"),
    [(0.0, 1e-3, True, True), (1e6, -1e-3, True, True), (2e7, 0.0, False, True), (0.0, 2.0, True, False),
     (0.0, -2.0, True, False)],
)  # fmt: skip
def test_leaks_and_open_books_are_said(leak, error, flat, close):
    verdict = judge(rows_of(leak, error))
    assert verdict["resident_bytes_flat"] == flat
    assert verdict["resident_bytes_per_hour"] == pytest.approx(leak, abs=1.0)
    assert verdict["balance_closes"] == close
    assert ("NOT flat" in verdict["resident_bytes"]) == (not flat)
    assert ("does NOT close" in verdict["energy_balance"]) == (not close)


@pytest.mark.slow
def test_a_short_soak_is_sound():
    with dem.start("cpu", "mixed", 1):
        rows = soak(5.0, 0.5, 9)
    assert len(rows) > 3
    verdict = judge(rows)
    assert verdict["balance_closes"], verdict["energy_balance"]
    assert rows[-1]["body_work"] > 0
