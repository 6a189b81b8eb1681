"""Restitution that is known exactly: clamped dashpots, Tsuji's polynomial, hysteretic springs."""

import math

import numpy as np

from dem.verify.closed_forms import damped_impact, damping_ratio

# alpha by powers of e, as published, for the mass of a particle: Marshall, J. Comput. Phys. 228 (2009) 1541, eq. 11.
TSUJI = (1.2728, -4.2783, 11.087, -22.348, 27.467, -18.022, 4.8218)


def clamped_linear_restitution(restitution: float) -> float:
    """What leaves a linear spring and dashpot of `restitution` if the contact ends where its force does.

    Schwager & Poeschel, Granular Matter 9 (2007) 465, eq. 20: exp(-beta t), t = (pi - atan(2 beta w / (1 - 2
    beta^2))) / w with w = sqrt(1 - beta^2), in units of the undamped frequency.
    """
    beta = damping_ratio(restitution)
    damped = math.sqrt(1 - beta**2)
    return math.exp(-beta / damped * (math.pi - math.atan2(2 * beta * damped, 1 - 2 * beta**2)))


def clamped_hertz_restitution(restitution: float) -> float:
    """The same for Hertz and its dashpot: the impulse of the pushing part, less what came in."""
    return damped_impact(restitution).push - 1.0


def tsuji_restitution(restitution: float, steps: int = 20000) -> float:
    """Speed that Tsuji's polynomial leaves of 1: x'' = -x^1.5 - alpha x^0.25 x' by Runge-Kutta 4.

    Two particles of mass m have m* = m/2, hence sqrt(2) in alpha sqrt(m* k).
    """
    damping = math.sqrt(2.0) * sum(factor * restitution**power for power, factor in enumerate(TSUJI))

    def rate(state: np.ndarray) -> np.ndarray:
        x = max(state[0], 0.0)
        return np.array([state[1], -(x**1.5) - damping * x**0.25 * state[1]])

    state, step = np.array([0.0, 1.0]), 12.0 / steps
    for _ in range(steps):
        one = rate(state)
        two = rate(state + 0.5 * step * one)
        three = rate(state + 0.5 * step * two)
        state = state + step / 6 * (one + 2 * two + 2 * three + rate(state + step * three))
        if state[0] <= 0:
            break
    return float(-state[1])


def hysteretic_path(
    time: np.ndarray, speed: float, frequency: float, restitution: float
) -> tuple[np.ndarray, np.ndarray]:
    """Overlap [m] and force over mass [m/s2] of Walton & Braun's springs after `time` [s] from the touch.

    Loading with frequency w1 = sqrt(k1/m) [rad/s] to delta_max = v/w1; unloading with w1/e from there about the overlap
    that remains, (1 - e^2) delta_max; then free flight with e v.
    """
    deepest, turning = speed / frequency, 0.5 * math.pi / frequency
    stiffer, remains = frequency / restitution, (1 - restitution**2) * deepest
    since = time - turning
    leaving = 0.5 * math.pi / stiffer
    unloading = remains + (deepest - remains) * np.cos(stiffer * since)
    flying = remains - restitution * speed * (since - leaving)
    overlap = np.select(
        [since < 0, since < leaving], [deepest * np.sin(frequency * time), unloading], np.maximum(flying, 0)
    )
    force = np.select([since < 0, since < leaving], [frequency**2 * overlap, stiffer**2 * (overlap - remains)], 0.0)
    return overlap, force
