"""The figure of a cone: resistance over depth with each line, and scaled by the soil's weight."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dem.measure.sinkage import GradientFit
from scenarios.shared.soil_experiment import panel


def draw_resistance(test: Any, fits: Sequence[GradientFit]) -> dict[str, Any]:
    """Resistance over depth with each line, and scaled by the soil's weight."""
    spec = test.spec
    drawn, scaled = [], []
    for world, (depth, resistance) in enumerate(test.curves(-spec.tip_length, spec.depth)):
        label = f"seed {spec.seed + world}"
        drawn.append({"x": depth * 1e3, "y": resistance / 1e3, "label": label, "color": world})
        ends = np.array([spec.fit_from * spec.depth, spec.depth])
        line = fits[world].resistance(ends) / 1e3
        drawn.append({"x": ends * 1e3, "y": line, "style": "fit", "color": world})
        weight = test.strength * test.beds[world].bulk_density * spec.diameter
        scaled.append({"x": depth / spec.diameter, "y": resistance / weight, "color": world})
    mean = float(np.mean([fit.gradient for fit in fits]))
    return {
        "name": "cone_resistance",
        "title": test.title(),
        "panels": [
            panel("depth of the base [mm]", "resistance [kPa]", f"G = {mean / 1e6:.3g} MPa/m", drawn),
            {"x": "depth / cone diameter D", "y": "resistance / (rho_b g D)", "curves": scaled},
        ],
    }  # fmt: skip
