"""What strength tests share: specimens under several stresses, their lines of strength, and the layout of results."""

import math
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dem.experiment import estimate, not_measured, verdict
from dem.measure.strength import MohrCoulomb
from scenarios.shared.soil_experiment import SoilExperiment, panel

RANDOM_VELOCITY_NUMBER = 0.1  # rms of random initial velocities, in sqrt(stress / density): they dissolve the lattice
PRESS_NUMBER = 0.02  # inertial number of compression, the same at any stress, so that all specimens pack alike
REST_TIMES = 10.0  # of d sqrt(density / stress), for a specimen to come to rest under its load
SAMPLES = 240  # of the measured phase, where output.sample_interval is null
SLOW = 0.01  # inertial number below which strength hardly depends on the rate (GDR MiDi, Eur. Phys. J. E 14 (2004) 341)
LINE_POINTS = 2  # always lie on a line
LINEARITY = 0.08  # of the strength: how far a point may lie from the line
POINT_STEP = 1 / 12  # of a grain diameter, between the points that tell the solid fraction
EDGE = 2.0  # grain diameters at walls, which pack otherwise

Points = tuple[np.ndarray, np.ndarray]  # of each world (W,): abscissa and strength [Pa]


class StrengthExperiment(SoilExperiment):
    """Worlds are specimen by specimen, stress by stress.

    Attributes:
        stresses: that each specimen is tested under [Pa].
    """

    stresses: Sequence[float]

    @property
    def cases(self) -> list[tuple[int, float]]:
        """Seed and stress [Pa] of each world."""
        return [(seed, stress) for seed in self.spec.seeds for stress in self.stresses]

    @property
    def world_names(self) -> list[str]:
        """Seed and stress of each world."""
        return [f"seed_{seed}_{stress:g}_Pa" for seed, stress in self.cases]

    @property
    def stress(self) -> np.ndarray:
        """Stress of each world (W,) [Pa]."""
        return np.array([stress for _, stress in self.cases])

    def title(self) -> str:
        """Scenario and soil, for titles."""
        return f"{self.spec.name} of {self.soil.name}"

    def sound(self, stress: float) -> float:
        """Speed sqrt(stress / density) [m/s], which inertial numbers are relative to."""
        return math.sqrt(stress / self.soil.particle_density)

    def random_velocities(self, seed: int, stress: float, count: int) -> np.ndarray:
        """Random velocities of grains (n, 3) [m/s]."""
        random = np.random.default_rng([seed, 1])
        return RANDOM_VELOCITY_NUMBER * self.sound(stress) * random.normal(size=(count, 3))

    @property
    def slowest(self) -> float:
        """Time d sqrt(density / stress) at the lowest stress [s]."""
        return self.spec.grain_diameter / self.sound(min(self.stresses))

    def measured_interval(self, duration: float) -> float:
        """Time between samples of the measured phase [s]."""
        return self.output.sample_interval or duration / SAMPLES


class StrengthResult:
    """Reduces a finished test.

    Args:
        test: finished.
    """

    fit_line: Callable[[np.ndarray, np.ndarray], MohrCoulomb]

    def __init__(self, experiment: Any) -> None:
        self.experiment, self.spec, self.recorder = experiment, experiment.spec, experiment.recorder

    @abstractmethod
    def peak_points(self) -> Points:
        """Where the stress ratio is largest."""

    @abstractmethod
    def steady_points(self) -> Points:
        """Means over the steady part."""

    @abstractmethod
    def secants(self) -> np.ndarray:
        """Angle of each world's peak (W,) [rad], as of a soil without cohesion."""

    @abstractmethod
    def strength(self, line: MohrCoulomb, at: np.ndarray) -> np.ndarray:
        """What a line gives at some abscissae [Pa]."""

    def per_seed(self, values: Any) -> list[float]:
        """Means over the stresses of each specimen, from a number a world."""
        return self.experiment.per_seed(values)

    def over_seeds(self, series: np.ndarray) -> np.ndarray:
        """Mean over the specimens, (S, stresses), of series (S, W)."""
        return series.reshape(len(series), self.spec.repeats, -1).mean(axis=1)

    def lines(self, points: Points) -> list[MohrCoulomb]:
        """The line of strength of each specimen."""
        shape = (self.spec.repeats, -1)
        return [type(self).fit_line(*pair) for pair in zip(*(part.reshape(shape) for part in points), strict=True)]

    def strengths(self) -> dict[str, Any]:
        """Angles and cohesion of the lines, for `fit`."""
        peak, steady = self.lines(self.peak_points()), self.lines(self.steady_points())
        return {
            "friction_angle_peak": estimate([line.friction_angle for line in peak], "rad"),
            "friction_angle_steady": estimate([line.friction_angle for line in steady], "rad"),
            "friction_angle_secant": estimate(self.per_seed(self.secants()), "rad"),
            "cohesion": estimate([line.cohesion for line in peak], "Pa"),
            "cohesion_steady": estimate([line.cohesion for line in steady], "Pa"),
        }

    def packing(self) -> dict[str, Any]:
        """Density as the measured phase began, for `fit`."""
        density, fractions = self.experiment.soil.particle_density, self.experiment.kept["solid_fraction"]
        return {
            "solid_fraction": estimate(self.per_seed(fractions)),
            "bulk_density": estimate(self.per_seed(density * fractions), "kg/m3"),
        }

    def samples(self, stress_name: str, names: tuple[str, str], **more: np.ndarray) -> list[dict[str, float]]:
        """What each world gave; `names` are of the abscissa and the strength."""
        peak, steady = self.peak_points(), self.steady_points()
        columns = {f"{when}_{name}": points[place] for when, points in (("peak", peak), ("steady", steady))
                   for place, name in enumerate(names)}  # fmt: skip
        columns |= {"solid_fraction": self.experiment.kept["solid_fraction"], **more}
        return [
            {"seed": seed, stress_name: stress, **{name: float(values[world]) for name, values in columns.items()}}
            for world, (seed, stress) in enumerate(self.experiment.cases)
        ]

    def checks(self) -> dict[str, Any]:
        """Whether the test was slow, and its points lie on a line."""
        worst = max(line.residual for line in self.lines(self.peak_points()))
        is_told = len(set(self.experiment.stresses)) > LINE_POINTS
        return {
            "inertial_number": verdict(self.spec.inertial_number, SLOW),
            "linearity": verdict(worst, LINEARITY) if is_told else not_measured(LINEARITY),
        }

    def title(self, fit: dict[str, Any]) -> str:
        """Title of figures: the test, density and both angles."""
        peak, steady = (math.degrees(fit[f"friction_angle_{name}"]["mean"]) for name in ("peak", "steady"))
        density = fit["bulk_density"]["mean"]
        return f"{self.experiment.title()}, {density:.0f} kg/m3: peak {peak:.1f} deg, steady {steady:.1f} deg"

    def curves(self, x: np.ndarray, columns: np.ndarray) -> list[dict[str, Any]]:
        """Means over the specimens at each stress, of series (S, W) over x (S,) or (S, W)."""
        rows = self.over_seeds(np.broadcast_to(x.reshape(len(x), -1), columns.shape))
        names = [f"{stress / 1e3:g} kPa" for stress in self.experiment.stresses]
        return [
            {"x": own.tolist(), "y": column.tolist(), "label": name}
            for own, column, name in zip(rows.T, self.over_seeds(columns).T, names, strict=True)
        ]

    def mohr_coulomb(self, x: str, y: str) -> dict[str, Any]:
        """The panel of the lines of strength."""
        curves = []
        for color, (name, points) in enumerate({"peak": self.peak_points(), "steady": self.steady_points()}.items()):
            at, found = (part.reshape(self.spec.repeats, -1) for part in points)
            count, lines = len(found), self.lines(points)
            error = found.std(axis=0, ddof=1) / math.sqrt(count) if count > 1 else np.zeros(found.shape[1])
            means = {"x": at.mean(axis=0) / 1e3, "y": found.mean(axis=0) / 1e3, "error": error / 1e3}
            ends = np.array([0.0, float(at.max())])
            drawn = np.mean([self.strength(line, ends) for line in lines], axis=0)
            angle = math.degrees(np.mean([line.friction_angle for line in lines]))
            said = f"{name}: {angle:.1f} deg, {np.mean([line.cohesion for line in lines]):.0f} Pa"
            line = {"x": (ends / 1e3).tolist(), "y": (drawn / 1e3).tolist(), "style": "fit", "label": said}
            curves.append({key: values.tolist() for key, values in means.items()} | {"style": "points", "color": color})
            curves.append({**line, "color": color})
        return panel(x, y, "Mohr-Coulomb", curves)
