"""The figure of a lifted cylinder: profiles of the heaps, and their angle by azimuth."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from dem.measure.heaps import ConeFlank
from scenarios.shared.heaps import DEGREES


def draw_heaps(test: Any, heaps: Sequence[ConeFlank], angles: list[float]) -> dict[str, Any]:
    """Profiles with the mean line, and the angle by azimuth."""
    spec, size = test.spec, test.spec.grain_diameter
    azimuth = (np.arange(spec.sectors) + 0.5) * 360 / spec.sectors
    mean, foot = float(np.mean(angles)), float(np.mean([heap.foot for heap in heaps]))
    ends = np.array([spec.flank_low, spec.flank_high]) * foot
    middle = np.mean([np.interp(ends.mean(), heap.radius, heap.height) for heap in heaps])
    line = middle - math.tan(mean) * (ends - ends.mean())
    profiles = [
        {"x": heap.radius / size, "y": heap.height / size, "label": f"seed {seed}"}
        for seed, heap in zip(spec.seeds, heaps, strict=True)
    ]
    flank = {"x": ends / size, "y": line / size, "label": f"{mean * DEGREES:.1f} deg", "style": "fit"}
    rose = [{"x": azimuth, "y": heap.angles * DEGREES, "style": "points"} for heap in heaps]
    return {
        "name": "angle_of_repose",
        "title": test.title(),
        "panels": [
            {"x": "radius / grain diameter", "y": "height / grain diameter", "title": "mean profile of each heap",
             "curves": [*profiles, flank]},
            {"x": "azimuth [deg]", "y": "angle of the flank [deg]", "title": "by azimuth", "curves": rose},
        ],
    }  # fmt: skip
