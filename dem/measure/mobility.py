"""What mobility engineers read off one wheel. Signs and radii as in docs/measures.md; every angle in radians.

Slip uses the slip radius; gross traction, efficiency and power number are those of Wong, Theory of Ground Vehicles,
ch. 2.
"""

import math

import numpy as np

RATIOS = (
    "drawbar_pull_ratio", "gross_traction_ratio", "motion_resistance_ratio", "tractive_efficiency", "power_number",
    "travel_reduction",
)  # fmt: skip


def slip_ratio(speed: float, angular_velocity: float, radius: float) -> float:
    """1 - v/(omega r) when driving, omega r / v - 1 (the skid ratio, negative) when dragged faster; NaN at rest."""
    rim_speed = angular_velocity * radius
    if rim_speed <= 0 and speed <= 0:
        return math.nan
    return 1 - speed / rim_speed if speed <= rim_speed else rim_speed / speed - 1


def speed_for_slip(slip: float, angular_velocity: float, radius: float) -> float:
    """Travel speed [m/s] that gives `slip`, the inverse of `slip_ratio`."""
    return angular_velocity * radius * (1 - slip) if slip >= 0 else angular_velocity * radius / (1 + slip)


def ratios(means: dict[str, float], radius: float) -> dict[str, float]:
    """Dimensionless numbers from steady means: drawbar_pull, wheel_load, driving_torque, velocity_x, angular_velocity.

    Args:
        means: steady means in SI.
        radius: that torque is turned into traction with [m].
    """
    pull, load, torque = means["drawbar_pull"], means["wheel_load"], means["driving_torque"]
    speed, angular_velocity = means["velocity_x"], means["angular_velocity"]
    power = torque * angular_velocity
    if load <= 0:  # a wheel that hovers, or has not come down yet
        return dict.fromkeys(RATIOS, math.nan)
    values = (
        pull / load,
        torque / (radius * load),
        torque / (radius * load) - pull / load,
        pull * speed / power if power > 0 and pull > 0 else math.nan,  # a wheel that is pushed has none
        power / (load * speed) if speed > 0 else math.nan,
        1 - speed / (angular_velocity * radius) if angular_velocity > 0 else math.nan,
    )
    return dict(zip(RATIOS, values, strict=True))


class RimStress:
    """Mean normal and shear stress along the rim, by angle from straight down, positive towards the front.

    Args:
        radius: to the grouser tips, whose cylinder the stress is referred to [m].
        width: [m].
        bin_count: around the whole wheel; 72 bins of 5 degrees hold several grains each at 25 grains a diameter.
    """

    def __init__(self, radius: float, width: float, bin_count: int = 72) -> None:
        self.edges = np.linspace(-np.pi, np.pi, bin_count + 1)
        self.area = radius * width * (self.edges[1] - self.edges[0])
        self.normal_force = np.zeros(bin_count)
        self.shear_force = np.zeros(bin_count)
        self.bearing_sum = 0.0
        self.sample_count = 0

    @property
    def bearing_grains(self) -> float:
        """Mean number of grains that bear the wheel, (sum of F)^2 / sum of F^2: of like forces all, else fewer."""
        return self.bearing_sum / max(self.sample_count, 1)

    def add(self, arm: np.ndarray, force: np.ndarray) -> None:
        """Add one moment's contacts.

        Args:
            arm: from the axle to each grain [m], shape (n, 3).
            force: of the wheel on each grain [N], shape (n, 3).
        """
        distance = np.hypot(arm[:, 0], arm[:, 2])
        outward = np.stack([arm[:, 0], arm[:, 2]], axis=1) / distance[:, None]
        angle = np.arctan2(outward[:, 0], -outward[:, 1])
        # Along the rim, the way a driving wheel drags its soil: backwards at the bottom.
        along = np.stack([outward[:, 1], -outward[:, 0]], axis=1)
        planar = force[:, [0, 2]]
        bins = np.clip(np.digitize(angle, self.edges) - 1, 0, len(self.normal_force) - 1)
        np.add.at(self.normal_force, bins, (planar * outward).sum(axis=1))
        np.add.at(self.shear_force, bins, (planar * along).sum(axis=1))
        size = np.linalg.norm(force, axis=1)
        self.bearing_sum += float(size.sum() ** 2 / max((size**2).sum(), 1e-300))
        self.sample_count += 1

    def profile(self) -> dict[str, np.ndarray]:
        """Bin centres `angle` [rad], `normal_stress` and `shear_stress` [Pa] on the tip cylinder."""
        scale = 1 / (self.area * max(self.sample_count, 1))
        return {
            "angle": (self.edges[:-1] + self.edges[1:]) / 2,
            "normal_stress": self.normal_force * scale,
            "shear_stress": self.shear_force * scale,
        }

    def contact_angles(self, threshold: float = 0.05) -> tuple[float, float]:
        """Entry (front) and exit (rear) angle [rad]: the outermost bins with `threshold` of the peak normal stress."""
        loaded = np.flatnonzero(self.normal_force > threshold * max(self.normal_force.max(), 1e-300))
        if not len(loaded):
            return math.nan, math.nan
        return float(self.edges[loaded[-1] + 1]), float(self.edges[loaded[0]])
