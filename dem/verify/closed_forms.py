"""Answers that are known exactly: Hertz impacts, sliding rebounds, balls on inclines, bouncing on a spring.

R* = R1 R2 / (R1 + R2) (R at a plane), m* likewise, 1/E* = sum (1 - nu^2) / E.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np


@dataclass(frozen=True)
class HertzImpact:
    """An elastic head-on impact of closing speed v.

    Attributes:
        overlap: largest [m], (15 m* v^2 / (16 E* sqrt(R*)))^0.4.
        force: largest [N], 4/3 E* sqrt(R*) overlap^1.5.
        duration: [s], 2.943275 overlap / v.
    """

    overlap: float
    force: float
    duration: float


# 2 int_0^1 du / sqrt(1 - u^2.5) = 4 sqrt(pi) Gamma(2/5) / (5 Gamma(9/10))
HERTZ_DURATION = 4 * math.sqrt(math.pi) * math.gamma(0.4) / (5 * math.gamma(0.9))


def hertz_impact(young_modulus_eff: float, radius_eff: float, mass_eff: float, speed: float) -> HertzImpact:
    """Largest overlap and force, and duration, of an elastic impact (Timoshenko & Goodier, art. 142)."""
    stiffness = 4 / 3 * young_modulus_eff * math.sqrt(radius_eff)
    overlap = (1.25 * mass_eff * speed**2 / stiffness) ** 0.4
    return HertzImpact(overlap, stiffness * overlap**1.5, HERTZ_DURATION * overlap / speed)


@dataclass(frozen=True)
class DampedImpact:
    """A Hertz impact with the dashpot of constant restitution, in units of v and L = (m* v^2 / k)^0.4.

    Here k = 4/3 E* sqrt(R*).

    Attributes:
        overlap: largest [L]; duration: [L / v].
        push: impulse of the pushing part alone [m* v]; 1 + e is that of all of it.
        arm_loss: mean overlap [L] during the push, weighted by force.
    """

    overlap: float
    duration: float
    push: float
    arm_loss: float


@cache
def damped_impact(restitution: float, steps: int = 8000) -> DampedImpact:
    """Integrate x'' = -x^1.5 - sqrt(5) beta x^0.25 x' by Runge-Kutta 4; the reference for e < 1 (e > 0)."""
    logarithm = math.log(restitution)
    damping = -math.sqrt(5) * logarithm / math.hypot(logarithm, math.pi)

    def rate(state: np.ndarray) -> np.ndarray:
        x, speed = max(state[0], 0.0), state[1]
        push = x**1.5 + damping * x**0.25 * speed
        return np.array([speed, -push, max(push, 0.0), max(push, 0.0) * x])

    state, step, time, largest = np.array([0.0, 1.0, 0.0, 0.0]), 12.0 / steps, 0.0, 0.0
    while time < 12.0:
        one = rate(state)
        two = rate(state + 0.5 * step * one)
        three = rate(state + 0.5 * step * two)
        after = state + step / 6 * (one + 2 * two + 2 * three + rate(state + step * three))
        if after[1] < 0 <= state[1]:
            largest = state[0] + 0.5 * state[1] ** 2 / max(one[1], -1e9) * -1
        if after[0] <= 0 < time:
            break
        state, time = after, time + step
    return DampedImpact(float(largest), time - state[0] / state[1], float(state[2]), float(state[3] / state[2]))


def mean_overlap_of_elastic_impact(overlap: float) -> float:
    """Overlap [m] averaged over an elastic impact with the force as weight: B(7/5, 1/2) / 2 of the largest."""
    return overlap * 0.5 * math.gamma(1.4) * math.gamma(0.5) / math.gamma(1.9)


def parabola_peak(values: np.ndarray) -> float:
    """Largest of equally spaced samples, by the parabola through the highest and its neighbours."""
    top = int(np.argmax(values))
    before, here, after = values[top - 1 : top + 2]
    return float(here + (after - before) ** 2 / (8 * (2 * here - before - after)))


def crossing_time(times: np.ndarray, values: np.ndarray) -> float:
    """Time of the last passage of `values` through 0, between samples on a line."""
    index = int(np.flatnonzero(np.diff(np.signbit(values)))[-1])
    share = values[index] / (values[index] - values[index + 1])
    return float(times[index] + share * (times[index + 1] - times[index]))


@dataclass(frozen=True)
class SoftBounce:
    """A ball that lands on a linear spring and dashpot under gravity, y = 0 where the spring is at rest.

    Attributes:
        frequency: w0 = sqrt(k/m) [rad/s]; ratio: beta of the dashpot.
        speed: of landing [m/s]; gravity: [m/s2].
    """

    frequency: float
    ratio: float
    speed: float
    gravity: float

    def height(self, time: np.ndarray) -> np.ndarray:
        """Height y [m] at `time` after landing [s]: MFIX-DEM verification, DEM01, y - R."""
        sag = self.gravity / self.frequency**2
        damped = self.frequency * math.sqrt(1 - self.ratio**2)
        swing = (self.ratio * self.gravity / self.frequency - self.speed) / damped
        decay = np.exp(-self.ratio * self.frequency * time)
        return -sag + decay * (sag * np.cos(damped * time) + swing * np.sin(damped * time))

    @property
    def leaves(self) -> bool:
        """Whether it rises to y = 0 again."""
        return bool((self.height(self._span()) > 0).any())

    def _span(self) -> np.ndarray:
        return np.linspace(0.5 * math.pi / self.frequency, 4 * math.pi / self.frequency, 4001)

    def rebound(self) -> tuple[float, float]:
        """Time after landing [s] and speed [m/s] at which y is 0 again."""
        times = self._span()
        first = int(np.flatnonzero(self.height(times) > 0)[0])
        low, high = times[first - 1], times[first]
        for _ in range(60):
            middle = 0.5 * (low + high)
            low, high = (low, middle) if self.height(middle) > 0 else (middle, high)
        step = 1e-6 / self.frequency
        return high, float((self.height(high + step) - self.height(high - step)) / (2 * step))


def damping_ratio(restitution: float) -> float:
    """Damping ratio beta = -ln e / sqrt(ln^2 e + pi^2)."""
    return -math.log(restitution) / math.hypot(math.log(restitution), math.pi)


def jkr_force(
    overlap: np.ndarray, young_modulus_eff: float, radius_eff: float, surface_energy: float
) -> tuple[np.ndarray, float]:
    """Force [N] of a JKR contact that is being opened, 0 beyond its neck, and the gap at which that breaks [m].

    F = 4 E* a^3 / 3 R* - 4 sqrt(pi gamma E* a^3),  delta = a^2/R* - 2 sqrt(pi gamma a / E*), by bisection for a.
    """
    adhesion = math.pi * surface_energy
    breaking = (0.25 * 9 * adhesion * radius_eff**2 / young_modulus_eff) ** (1 / 3)

    def depth(contact_radius: np.ndarray) -> np.ndarray:
        return contact_radius**2 / radius_eff - 2 * np.sqrt(adhesion * contact_radius / young_modulus_eff)

    low = np.full_like(overlap, breaking)
    high = np.full_like(overlap, 10 * math.sqrt(radius_eff * np.abs(overlap).max()) + 10 * breaking)
    for _ in range(100):
        middle = 0.5 * (low + high)
        too_large = depth(middle) > overlap
        low, high = np.where(too_large, low, middle), np.where(too_large, middle, high)
    gap = -float(depth(np.array(breaking)))
    hertz = 4 * young_modulus_eff * high**3 / (3 * radius_eff)
    return np.where(overlap > -gap, hertz - 4 * np.sqrt(adhesion * young_modulus_eff * high**3), 0.0), gap
