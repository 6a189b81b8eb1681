"""What a plane shear test says in the end: strength, dilation, density, whether it was run well, and its figure."""

import math
from typing import Any

import numpy as np

from dem.experiment import estimate, verdict
from dem.measure.packing import box_solid_fraction
from dem.measure.strength import MohrCoulomb, dilation_angle, fit_janosi, fit_mohr_coulomb, running_mean
from scenarios.shared.plane_shear.specimen import Specimen, SpecimenMaker
from scenarios.shared.soil_experiment import panel
from scenarios.shared.strength import EDGE, POINT_STEP, Points, StrengthResult

SMOOTHING = 0.4  # grain diameters of displacement over which forces are averaged to find the peak
SLOPE_WINDOW = 0.8  # grain diameters over which the rise of the platen is taken
STRESS_TOLERANCE = 0.03  # of the platen's load
BALANCE_TOLERANCE = 0.03  # of the shear force, between the halves


class PlaneShearResult(StrengthResult):
    """Reduces the rows of a finished `PlaneShear`."""

    fit_line = staticmethod(fit_mohr_coulomb)

    def __init__(self, experiment: Any) -> None:
        super().__init__(experiment)
        self.maker, area = experiment.maker, experiment.maker.area
        self.displacement, self.height = (self.recorder.array(name) for name in ("displacement", "height"))
        self.normal = (self.recorder.array("normal_force") + experiment.kept["weight_above"]) / area
        # The standing half feels what the shear plane passes on; the moving one also what set it in motion.
        self.shear = self.recorder.array("reaction") / area
        window = SMOOTHING * self.maker.diameter
        self.ratio = self._smooth(self.shear / self.normal)
        whole = self.displacement >= window / 2  # before that the mean is over less than a window
        self.peaks = np.where(whole[:, None], self.ratio, -np.inf).argmax(axis=0)
        self.is_steady = self.displacement >= (1 - self.spec.steady_fraction) * self.displacement[-1]

    def reduce(self) -> dict[str, Any]:
        """The numbers, for `result.json`."""
        fit = {**self.strengths(), **self._deformation(), **self.packing()}
        if not self.maker.is_walled:  # only there the whole core shears
            sheared = [solid_fraction(self.maker, specimen) for specimen in self.experiment.read_specimens()]
            fit["solid_fraction_steady"] = estimate(self.per_seed(sheared))
        names = ("normal_stress", "shear_stress")
        samples = self.samples("normal_stress", names, peak_displacement=self.displacement[self.peaks])
        return {"title": self.title(fit), "fit": fit, "samples": samples, "figure": self._figure(fit)}

    def _deformation(self) -> dict[str, Any]:
        window = SLOPE_WINDOW * self.maker.diameter
        rises = [dilation_angle(self.displacement, heights, window) for heights in self.height.T]
        moduli = [self._janosi(world) for world in range(len(self.experiment.cases))]
        return {
            "dilation_angle": estimate(self.per_seed(rises), "rad"),
            "shear_deformation_modulus": estimate(self.per_seed(moduli), "m"),
        }

    def checks(self) -> dict[str, Any]:
        """Whether the test was run as it says."""
        means = {name: self.recorder.array(name).mean(axis=0) for name in ("platen_force", "shear_force", "reaction")}
        carried = means["platen_force"] / self.maker.area / self.experiment.stress
        balance = means["reaction"] / means["shear_force"]
        return {
            "normal_stress_error": verdict(float(np.abs(carried - 1).max()), STRESS_TOLERANCE),
            "force_balance_error": verdict(float(np.abs(balance - 1).max()), BALANCE_TOLERANCE),
            **super().checks(),
        }

    def _figure(self, fit: dict[str, Any]) -> dict[str, Any]:
        """Stress ratio and rise over displacement, and the line of strength."""
        millimetres, label = 1e3 * self.displacement, "shear displacement [mm]"
        rise = 1e3 * (self.height - self.height[0])
        panels = [
            panel(label, "shear / normal stress [-]", "Strength", self.curves(millimetres, self.ratio)),
            panel(label, "rise of the platen [mm]", "Dilation", self.curves(millimetres, rise)),
            self.mohr_coulomb("normal stress [kPa]", "shear stress [kPa]"),
        ]
        return {"name": self.spec.name, "title": self.title(fit), "panels": panels}

    def strength(self, line: MohrCoulomb, at: np.ndarray) -> np.ndarray:
        """Shear strength [Pa] at normal stresses [Pa]."""
        return line.strength(at)

    def peak_points(self) -> Points:
        """Normal and shear stress [Pa] (W,) where the ratio is largest."""
        worlds = np.arange(len(self.peaks))
        found = self._smooth(self.normal)[self.peaks, worlds]
        return found, self.ratio[self.peaks, worlds] * found

    def steady_points(self) -> Points:
        """Normal and shear stress [Pa] (W,), means over the steady part."""
        return self.normal[self.is_steady].mean(axis=0), self.shear[self.is_steady].mean(axis=0)

    def secants(self) -> np.ndarray:
        """Angle of each world's peak (W,) [rad], as of a soil without cohesion."""
        normal, shear = self.peak_points()
        return np.arctan(shear / normal)

    def _smooth(self, series: np.ndarray) -> np.ndarray:
        window = SMOOTHING * self.maker.diameter
        return np.array([running_mean(self.displacement, own, window) for own in series.T]).T

    def _janosi(self, world: int) -> float:
        """Shear deformation modulus [m] of the rise to the peak."""
        last = max(int(self.peaks[world]), 3) + 1
        return fit_janosi(self.displacement[:last], self.shear[:last, world])[1]


def solid_fraction(maker: SpecimenMaker, specimen: Specimen) -> float:
    """Solid fraction of a specimen's core, away from platens and end walls."""
    edge, half = EDGE * maker.diameter, maker.size / 2
    inner = edge if maker.is_walled else 0.0
    lower = np.array([-half[0] + inner, -half[1], -half[2] + edge])
    upper = np.array([half[0] - inner, half[1], specimen.top - edge])
    steps = [0.0] if maker.is_walled else [-1.0, 0.0, 1.0]
    shifts = np.array([(x, y, 0.0) for x in steps for y in (-1.0, 0.0, 1.0)]) * maker.size
    images, radius = (specimen.position + shifts[:, None]).reshape(-1, 3), np.tile(specimen.radius, len(shifts))
    return box_solid_fraction(images, radius, lower, upper, POINT_STEP * maker.diameter)


def weight_above(maker: SpecimenMaker, specimen: Specimen) -> float:
    """Weight of the grains above the shear plane [N]."""
    volume = 4 / 3 * math.pi * specimen.radius[specimen.position[:, 2] > 0] ** 3
    return float(-maker.gravity[2] * maker.soil.particle_density * volume.sum())
