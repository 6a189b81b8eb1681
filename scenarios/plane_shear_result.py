"""What a plane shear test says in the end: strength, dilation, density, whether it was run well, and its figure."""

import math
from typing import Any

import numpy as np

import dem
from dem.measure.packing import box_solid_fraction
from dem.measure.strength import MohrCoulomb, dilation_angle, fit_janosi, fit_mohr_coulomb, running_mean
from scenarios.plane_shear_sample import Sample
from scenarios.strength_result import StrengthResult
from scenarios.virtual_test import estimate, verdict

SMOOTHING = 0.4  # grain diameters of displacement over which forces are averaged to find the peak
SLOPE_WINDOW = 0.8  # grain diameters over which the rise of the platen is taken
EDGE = 2.0  # grain diameters at platens and end walls, which pack otherwise
POINT_STEP = 1 / 12  # of a grain diameter, between the points that tell the solid fraction
STRESS_TOLERANCE = 0.03  # of the platen's load
BALANCE_TOLERANCE = 0.03  # of the shear force, between the halves
SLOW = 0.01  # inertial number below which strength hardly depends on the rate (GDR MiDi, Eur. Phys. J. E 14 (2004) 341)
LINEARITY = 0.08  # of the strength: how far a point may lie from the line


class PlaneShearResult(StrengthResult):
    """Reduces the rows of a finished `PlaneShear`."""

    def __init__(self, test: Any, session: Any) -> None:
        super().__init__(test, session)
        self.maker = test.maker
        rows = {name: np.array(values) for name, values in test.rows.items()}
        self.displacement, self.height = rows["displacement"], rows["height"]
        self.rows = rows
        above = np.array([self._weight_above(sample) for sample in test.samples])
        self.normal = (rows["normal_force"] + above) / self.maker.area
        # The standing half feels what the shear plane passes on; the moving one also what set it in motion.
        self.shear = rows["reaction"] / self.maker.area
        window = SMOOTHING * self.maker.diameter
        smooth = [running_mean(self.displacement, series, window) for series in (self.shear / self.normal).T]
        self.ratio = np.array(smooth).T
        whole = self.displacement >= window / 2  # before that the mean is over less than a window
        self.peaks = np.where(whole[:, None], self.ratio, -np.inf).argmax(axis=0)
        self.is_steady = self.displacement >= (1 - self.spec.steady_fraction) * self.displacement[-1]

    def collect(self) -> dict[str, Any]:
        """The result, for `result.json`."""
        peak, steady = self.lines(self._peak_points()), self.lines(self._steady_points())
        fractions = [self.solid_fraction(sample) for sample in self.test.samples]
        fit = {
            "friction_angle_peak": estimate([line.friction_angle for line in peak], "rad"),
            "friction_angle_steady": estimate([line.friction_angle for line in steady], "rad"),
            "friction_angle_secant": estimate(self.per_seed(self._secants()), "rad"),
            "cohesion": estimate([line.cohesion for line in peak], "Pa"),
            "cohesion_steady": estimate([line.cohesion for line in steady], "Pa"),
            **self._deformation(),
            **self._packing(fractions),
        }
        return {
            "scenario": self.spec.name, "title": self.title(fit), "fit": fit, "samples": self._samples(fractions),
            "numerics": self._numerics(), "checks": self.checks(peak),
            "contact": dem.describe_contacts(self.test.simulation.worlds.models[0]),
            "figure": self.figure(fit),
        }  # fmt: skip

    def _deformation(self) -> dict[str, Any]:
        window = SLOPE_WINDOW * self.maker.diameter
        rises = [dilation_angle(self.displacement, heights, window) for heights in self.height.T]
        moduli = [self._janosi(world) for world in range(len(self.test.cases))]
        return {
            "dilation_angle": estimate(self.per_seed(rises), "rad"),
            "shear_deformation_modulus": estimate(self.per_seed(moduli), "m"),
        }

    def _packing(self, fractions: list[float]) -> dict[str, Any]:
        density = self.test.soil.particle_density
        found = {
            "solid_fraction": estimate(self.per_seed(fractions)),
            "bulk_density": estimate(self.per_seed([density * fraction for fraction in fractions]), "kg/m3"),
        }
        if not self.maker.is_walled:  # only there the whole core shears
            sheared = [self.solid_fraction(sample) for sample in self.test.sheared]
            found["solid_fraction_steady"] = estimate(self.per_seed(sheared))
        return found

    def lines(self, points: tuple[np.ndarray, np.ndarray]) -> list[MohrCoulomb]:
        """The line of strength of each filling."""
        shape = (self.spec.repeats, -1)
        return [fit_mohr_coulomb(*pair) for pair in zip(*(part.reshape(shape) for part in points), strict=True)]

    def solid_fraction(self, sample: Sample) -> float:
        """Of the sample's core, away from platens and end walls."""
        edge, half = EDGE * self.maker.diameter, self.maker.size / 2
        inner = edge if self.maker.is_walled else 0.0
        lower = np.array([-half[0] + inner, -half[1], -half[2] + edge])
        upper = np.array([half[0] - inner, half[1], sample.top - edge])
        steps = [0.0] if self.maker.is_walled else [-1.0, 0.0, 1.0]
        shifts = np.array([(x, y, 0.0) for x in steps for y in (-1.0, 0.0, 1.0)]) * self.maker.size
        images, radius = (sample.position + shifts[:, None]).reshape(-1, 3), np.tile(sample.radius, len(shifts))
        return box_solid_fraction(images, radius, lower, upper, POINT_STEP * self.maker.diameter)

    def checks(self, lines: list[MohrCoulomb]) -> dict[str, Any]:
        """Whether the test was run as it says."""
        asked = np.array([stress for _, stress in self.test.cases])
        carried = self.rows["platen_force"].mean(axis=0) / self.maker.area
        shear, reaction = self.rows["shear_force"].mean(axis=0), self.rows["reaction"].mean(axis=0)
        return {
            "normal_stress_error": verdict(float(np.abs(carried / asked - 1).max()), STRESS_TOLERANCE),
            "force_balance_error": verdict(float(np.abs(reaction / shear - 1).max()), BALANCE_TOLERANCE),
            "inertial_number": verdict(self.spec.inertial_number, SLOW),
            "linearity": verdict(max(line.residual for line in lines), LINEARITY),
            "largest_overlap": verdict(self.test.largest_overlap, self.test.simulation.max_overlap),
            "failed_samples": verdict(len(self.test.simulation.failures), 0),
        }

    def figure(self, fit: dict[str, Any]) -> dict[str, Any]:
        """Panels: stress ratio and rise over displacement, and the line of strength."""
        millimetres = (1e3 * self.displacement).tolist()
        names = [f"{stress / 1e3:g} kPa" for stress in self.spec.normal_stresses]
        ratio, rise = self.over_seeds(self.ratio), self.over_seeds(1e3 * (self.height - self.height[0]))
        label = "shear displacement [mm]"
        panels = [
            (label, "shear / normal stress [-]", "Strength", _curves(millimetres, ratio, names)),
            (label, "rise of the platen [mm]", "Dilation", _curves(millimetres, rise, names)),
            ("normal stress [kPa]", "shear stress [kPa]", "Mohr-Coulomb", self._strengths()),
        ]
        keys = ("x", "y", "title", "curves")
        drawn = [dict(zip(keys, panel, strict=True)) for panel in panels]
        return {"name": self.spec.name, "title": self.title(fit), "panels": drawn}

    def _strengths(self) -> list[dict[str, Any]]:
        curves = []
        for color, (name, points) in enumerate({"peak": self._peak_points(), "steady": self._steady_points()}.items()):
            sigma, tau = (part.reshape(self.spec.repeats, -1) / 1e3 for part in points)
            spread = tau.std(axis=0, ddof=1) / math.sqrt(len(tau)) if len(tau) > 1 else np.zeros(tau.shape[1])
            found = self.lines(points)
            ends = np.array([0.0, float(sigma.max())])
            line = np.mean([one.strength(1e3 * ends) for one in found], axis=0) / 1e3
            points_curve = {"x": sigma.mean(axis=0).tolist(), "y": tau.mean(axis=0).tolist(), "error": spread.tolist()}
            curves.append({**points_curve, "style": "points", "color": color})
            angle = math.degrees(np.mean([one.friction_angle for one in found]))
            said = f"{name}: {angle:.1f} deg, {np.mean([one.cohesion for one in found]):.0f} Pa"
            curves.append({"x": ends.tolist(), "y": line.tolist(), "style": "fit", "color": color, "label": said})
        return curves

    def _peak_points(self) -> tuple[np.ndarray, np.ndarray]:
        """Normal and shear stress [Pa] (W,) where the ratio is largest."""
        worlds = np.arange(len(self.peaks))
        window = SMOOTHING * self.maker.diameter
        normal = np.array([running_mean(self.displacement, series, window) for series in self.normal.T]).T
        found = normal[self.peaks, worlds]
        return found, self.ratio[self.peaks, worlds] * found

    def _secants(self) -> np.ndarray:
        """Angle of each world's peak (W,) [rad], as of a soil without cohesion."""
        normal, shear = self._peak_points()
        return np.arctan(shear / normal)

    def _steady_points(self) -> tuple[np.ndarray, np.ndarray]:
        return self.normal[self.is_steady].mean(axis=0), self.shear[self.is_steady].mean(axis=0)

    def _janosi(self, world: int) -> float:
        """Shear deformation modulus [m] of the rise to the peak."""
        last = max(int(self.peaks[world]), 3) + 1
        return fit_janosi(self.displacement[:last], self.shear[:last, world])[1]

    def _weight_above(self, sample: Sample) -> float:
        """Of the grains above the shear plane [N]."""
        volume = 4 / 3 * math.pi * sample.radius[sample.position[:, 2] > 0] ** 3
        return float(-self.maker.gravity[2] * self.test.soil.particle_density * volume.sum())

    def _samples(self, fractions: list[float]) -> list[dict[str, float]]:
        """What each world gave."""
        peak, steady = self._peak_points(), self._steady_points()
        return [
            {
                "seed": seed, "normal_stress": stress, "solid_fraction": fractions[world],
                "peak_normal_stress": float(peak[0][world]), "peak_shear_stress": float(peak[1][world]),
                "steady_normal_stress": float(steady[0][world]), "steady_shear_stress": float(steady[1][world]),
                "peak_displacement": float(self.displacement[self.peaks[world]]),
            }
            for world, (seed, stress) in enumerate(self.test.cases)
        ]  # fmt: skip

    def _numerics(self) -> dict[str, Any]:
        simulation = self.test.simulation
        return {
            "device": self.session.device, "precision": self.session.precision, "time_step": simulation.time_step,
            "world_count": simulation.world_count, "particle_count": simulation.model.particle_count,
            "shear_steps": simulation.step_count, "young_modulus": self.maker.young_modulus,
            "shear_speed": self.test.speed, "largest_overlap": self.test.largest_overlap,
        }  # fmt: skip


def _curves(x: list[float], columns: np.ndarray, names: list[str]) -> list[dict[str, Any]]:
    return [{"x": x, "y": column.tolist(), "label": name} for column, name in zip(columns.T, names, strict=True)]
