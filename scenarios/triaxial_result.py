"""What a triaxial test says in the end: strength, stiffness, dilation, density, whether it was run well, its figure."""

import math
from typing import Any

import numpy as np

import dem
from dem.measure.packing import box_solid_fraction
from dem.measure.strength import (
    MohrCoulomb,
    fit_principal_stresses,
    running_mean,
    secant_modulus,
    triaxial_dilation_angle,
)
from scenarios.strength_result import StrengthResult
from scenarios.triaxial_cell import Cube
from scenarios.virtual_test import estimate, verdict

SMOOTHING = 0.01  # axial strain over which stresses are averaged to find the peak
SLOPE_WINDOW = 0.03  # axial strain over which the growth of the volume is taken
EDGE = 2.0  # grain diameters at the walls, which pack otherwise
POINT_STEP = 1 / 12  # of a grain diameter, between the points that tell the solid fraction
STRESS_TOLERANCE = 0.03  # of the confining stress
SLOW = 0.01  # inertial number below which strength hardly depends on the rate (GDR MiDi, Eur. Phys. J. E 14 (2004) 341)
LINEARITY = 0.08  # of sigma_1: how far a point may lie from the line


class TriaxialResult(StrengthResult):
    """Reduces what a finished `Triaxial` measured."""

    def __init__(self, test: Any, session: Any) -> None:
        super().__init__(test, session)
        sizes, stresses = np.array(test.sizes), np.array(test.stresses)
        start = np.array([cube.size for cube in test.cubes])
        self.strain = 1 - sizes[:, :, 2] / start[:, 2]
        self.growth = sizes.prod(axis=2) / start.prod(axis=1) - 1
        worlds = range(len(test.cases))
        smooth = [
            [running_mean(self.strain[:, world], stresses[:, world, axis], SMOOTHING) for axis in range(3)]
            for world in worlds
        ]
        self.stress = np.array(smooth).transpose(2, 0, 1)
        self.lateral = self.stress[:, :, :2].mean(axis=2)
        self.peaks = (self.stress[:, :, 2] / self.lateral).argmax(axis=0)
        self.is_steady = self.strain[:, 0] >= (1 - self.spec.steady_fraction) * self.strain[-1, 0]

    def collect(self) -> dict[str, Any]:
        """The result, for `result.json`."""
        test, fractions = self.test, [self.solid_fraction(cube) for cube in self.test.cubes]
        peak, steady = self.lines(self._peak_points()), self.lines(self._steady_points())
        density = test.soil.particle_density
        fit = {
            "friction_angle_peak": estimate([line.friction_angle for line in peak], "rad"),
            "friction_angle_secant": estimate(self.per_seed(self._secants()), "rad"),
            "friction_angle_steady": estimate([line.friction_angle for line in steady], "rad"),
            "cohesion": estimate([line.cohesion for line in peak], "Pa"),
            "dilation_angle": estimate(self.per_seed(self._dilations()), "rad"),
            **self._stiffnesses(),
            "solid_fraction": estimate(self.per_seed(fractions)),
            "bulk_density": estimate(self.per_seed([density * fraction for fraction in fractions]), "kg/m3"),
        }
        return {
            "scenario": self.spec.name, "title": self.title(fit), "fit": fit, "samples": self._samples(fractions),
            "numerics": self._numerics(), "checks": self.checks(peak),
            "contact": dem.describe_contacts(test.simulation.worlds.models[0]), "figure": self.figure(fit),
        }  # fmt: skip

    def lines(self, points: tuple[np.ndarray, np.ndarray]) -> list[MohrCoulomb]:
        """The line of strength of each filling, from sigma_3 and sigma_1 of each world."""
        shape = (self.spec.repeats, -1)
        return [fit_principal_stresses(*pair) for pair in zip(*(part.reshape(shape) for part in points), strict=True)]

    def solid_fraction(self, cube: Cube) -> float:
        """Of the sample's core, away from the walls."""
        diameter = self.test.maker.diameter
        edge = np.full(3, EDGE * diameter)
        return box_solid_fraction(cube.position, cube.radius, edge, cube.size - edge, POINT_STEP * diameter)

    def checks(self, lines: list[MohrCoulomb]) -> dict[str, Any]:
        """Whether the test was run as it says."""
        asked = np.array([stress for _, stress in self.test.cases])
        held = self.stress[:, :, :2].mean(axis=0) / asked[:, None]
        return {
            "confining_stress_error": verdict(float(np.abs(held - 1).max()), STRESS_TOLERANCE),
            "inertial_number": verdict(self.spec.inertial_number, SLOW),
            "linearity": verdict(max(line.residual for line in lines), LINEARITY),
            "largest_overlap": verdict(self.test.largest_overlap, self.test.simulation.max_overlap),
            "failed_samples": verdict(len(self.test.simulation.failures), 0),
        }

    def figure(self, fit: dict[str, Any]) -> dict[str, Any]:
        """Panels: stress ratio and volume over axial strain, and the line of strength."""
        names = [f"{stress / 1e3:g} kPa" for stress in self.spec.confining_stresses]
        strain = self.over_seeds(self.strain)
        ratio, growth = self.over_seeds(self.stress[:, :, 2] / self.lateral), self.over_seeds(self.growth)
        panels = [
            ("axial strain [-]", "axial / lateral stress [-]", "Strength", _curves(strain, ratio, names)),
            ("axial strain [-]", "growth of the volume [-]", "Dilation", _curves(strain, growth, names)),
            ("lateral stress [kPa]", "axial stress [kPa]", "Mohr-Coulomb", self._strengths()),
        ]
        keys = ("x", "y", "title", "curves")
        drawn = [dict(zip(keys, panel, strict=True)) for panel in panels]
        return {"name": self.spec.name, "title": self.title(fit), "panels": drawn}

    def _strengths(self) -> list[dict[str, Any]]:
        curves = []
        for color, (name, points) in enumerate({"peak": self._peak_points(), "steady": self._steady_points()}.items()):
            least, greatest = (part.reshape(self.spec.repeats, -1) / 1e3 for part in points)
            spread = greatest.std(axis=0, ddof=1) if self.spec.repeats > 1 else np.zeros(greatest.shape[1])
            error = (spread / math.sqrt(self.spec.repeats)).tolist()
            means = {"x": least.mean(axis=0).tolist(), "y": greatest.mean(axis=0).tolist(), "error": error}
            lines = self.lines(points)
            angle = float(np.mean([line.friction_angle for line in lines]))
            cohesion = float(np.mean([line.cohesion for line in lines]))
            slope = (1 + math.sin(angle)) / (1 - math.sin(angle))
            ends = np.array([0.0, float(least.max())])
            line = {"x": ends.tolist(), "y": (slope * ends + 2e-3 * cohesion * math.sqrt(slope)).tolist()}
            said = f"{name}: {math.degrees(angle):.1f} deg, {cohesion:.0f} Pa"
            curves += [
                {**means, "style": "points", "color": color},
                {**line, "style": "fit", "color": color, "label": said},
            ]
        return curves

    def _stiffnesses(self) -> dict[str, Any]:
        """Bulk modulus from the rise of the load, and E50, of the grains as soft as they are here."""
        before, after = (sizes.prod(axis=1) for sizes in self.test.probed)
        asked = np.array([stress for _, stress in self.test.cases])
        bulk = (1 - self.test.probe) * asked * before / np.maximum(before - after, 1e-12 * before)
        worlds = range(len(self.test.cases))
        deviator = self.stress[:, :, 2] - self.lateral
        young = [secant_modulus(self.strain[:, world], deviator[:, world]) for world in worlds]
        return {
            "bulk_modulus": estimate(self.per_seed(bulk), "Pa"),
            "young_modulus_bulk": estimate(self.per_seed(young), "Pa"),
        }

    def _dilations(self) -> list[float]:
        worlds = range(len(self.test.cases))
        return [triaxial_dilation_angle(self.strain[:, w], self.growth[:, w], SLOPE_WINDOW) for w in worlds]

    def _peak_points(self) -> tuple[np.ndarray, np.ndarray]:
        """Lateral and axial stress [Pa] (W,) where their ratio is largest."""
        worlds = np.arange(len(self.peaks))
        return self.lateral[self.peaks, worlds], self.stress[self.peaks, worlds, 2]

    def _secants(self) -> np.ndarray:
        """Angle of each world's peak (W,) [rad], as of a soil without cohesion: sin phi = deviator / sum."""
        least, greatest = self._peak_points()
        return np.arcsin((greatest - least) / (greatest + least))

    def _steady_points(self) -> tuple[np.ndarray, np.ndarray]:
        return self.lateral[self.is_steady].mean(axis=0), self.stress[self.is_steady, :, 2].mean(axis=0)

    def _samples(self, fractions: list[float]) -> list[dict[str, float]]:
        """What each world gave."""
        peak, steady = self._peak_points(), self._steady_points()
        return [
            {
                "seed": seed, "confining_stress": stress, "solid_fraction": fractions[world],
                "peak_lateral_stress": float(peak[0][world]), "peak_axial_stress": float(peak[1][world]),
                "steady_lateral_stress": float(steady[0][world]), "steady_axial_stress": float(steady[1][world]),
                "peak_strain": float(self.strain[self.peaks[world], world]),
            }
            for world, (seed, stress) in enumerate(self.test.cases)
        ]  # fmt: skip

    def _numerics(self) -> dict[str, Any]:
        simulation = self.test.simulation
        return {
            "device": self.session.device, "precision": self.session.precision, "time_step": simulation.time_step,
            "world_count": simulation.world_count, "particle_count": simulation.model.particle_count,
            "press_steps": simulation.step_count, "young_modulus": self.test.maker.young_modulus,
            "strain_rate": self.test.strain_rate, "largest_overlap": self.test.largest_overlap,
        }  # fmt: skip


def _curves(x: np.ndarray, columns: np.ndarray, names: list[str]) -> list[dict[str, Any]]:
    rows = zip(x.T, columns.T, names, strict=True)
    return [{"x": own.tolist(), "y": column.tolist(), "label": name} for own, column, name in rows]
