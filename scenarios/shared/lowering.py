"""How wheels are put down: like on a rig, slower the more of the load the sand already carries.

The downward speed is v (1 - F / W), with F the force of the sand and W the load to come, so the force rises to W
without overshoot, exponentially with W / (k v), where k is the stiffness of the footing. Above the sand the speed rises
in proportion to the gap, so that a large clearance costs little.
"""

import math
from dataclasses import dataclass

import numpy as np

SPEED = 0.1  # of sqrt(g r): downwards, as the wheel touches
APPROACH = 0.1  # of sqrt(r / g): time in which a gap closes to 1/e
FASTEST = 5.0  # times the speed of touching, however large the gap is
TICK = 0.004  # of sqrt(r / g): between two corrections of the speed
RESTING_LOAD = 0.02  # of the weight: by which the load may be off once the wheel rests
RESTING_SPEED = 0.005  # of sqrt(g r), likewise of the vertical speed
RESTING_TIMES = 0.2  # of sqrt(r / g): for so long it rests before that is believed


@dataclass(frozen=True)
class Lowering:
    """The pace at which a wheel of radius r [m] comes down under gravity g [m/s2]."""

    radius: float
    gravity: float

    @property
    def fall_time(self) -> float:
        """sqrt(r / g) [s]."""
        return math.sqrt(self.radius / self.gravity)

    @property
    def touch_speed(self) -> float:
        """Downward speed of a wheel that the sand does not carry yet [m/s]."""
        return SPEED * math.sqrt(self.gravity * self.radius)

    @property
    def tick(self) -> float:
        """Time between two corrections of the speed [s]."""
        return TICK * self.fall_time

    def free_speed(self, gap: float) -> float:
        """Downward speed [m/s] at a gap [m] above the highest grain, or in touch with it (gap 0)."""
        return min(self.touch_speed + max(gap, 0.0) / (APPROACH * self.fall_time), FASTEST * self.touch_speed)

    def speed(self, gap: float, load_share: float) -> float:
        """Downward speed [m/s]; upwards where the sand carries more than the load.

        Args:
            gap: between the wheel's lowest point and the highest grain [m].
            load_share: force of the sand over the load to come [-].
        """
        return self.free_speed(gap) * max(1.0 - load_share, -1.0)

    def rest_errors(self, rows: dict[str, np.ndarray], load: str, weight: float) -> tuple[float, float]:
        """Largest deviation of the load, over the weight, and of the speed, over sqrt(g r), over the last rows [-].

        Args:
            rows: `time` [s], `velocity_z` [m/s] and the load [N], (n,) each, up to the moment asked about.
            load: name of the load.
            weight: that it should be [N].
        """
        time = rows["time"]
        last = time > time[-1] - RESTING_TIMES * self.fall_time if len(time) else np.zeros(0, bool)
        if last.all():  # not long enough to tell
            return math.inf, math.inf
        pace = math.sqrt(self.gravity * self.radius)
        return float(np.abs(rows[load][last] / weight - 1).max()), float(np.abs(rows["velocity_z"][last]).max() / pace)

    def rests(self, rows: dict[str, np.ndarray], load: str, weight: float) -> bool:
        """Whether the wheel has come to rest on the sand, which carries it; arguments as in `rest_errors`."""
        load_error, speed = self.rest_errors(rows, load, weight)
        return load_error <= RESTING_LOAD and speed <= RESTING_SPEED
