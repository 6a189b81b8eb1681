"""The figure of a plate test: pressure over sinkage with Bekker's curves, plain and in logarithms."""

from typing import Any

import numpy as np

from dem.measure.sinkage import BekkerFit
from scenarios.shared.soil_experiment import panel


def draw_pressure(test: Any, curves: list, fit: BekkerFit) -> dict[str, Any]:
    """Pressure over sinkage with Bekker's curves, plain and in logarithms."""
    drawn: list[dict[str, Any]] = []
    for place, width in enumerate(test.spec.plate_widths):
        for bed, plates in enumerate(curves):
            sinkage, pressure = plates[place]
            label = None if bed else f"b = {width * 1e3:g} mm"
            drawn.append({"x": sinkage, "y": pressure, "label": label, "color": place})
        fitted = fit.pressure(width, sinkage)
        drawn.append({"x": sinkage, "y": fitted, "style": "fit", "color": place, "label": "Bekker" if place else None})
    shown = [{**curve, "x": curve["x"] * 1e3, "y": curve["y"] / 1e3} for curve in drawn]
    logarithms = [
        {**curve, "x": np.log10(curve["x"] * 1e3), "y": np.log10(np.maximum(curve["y"], 1.0) / 1e3), "label": None}
        for curve in drawn
    ]
    title = f"n = {fit.exponent:.2f}, k_c = {fit.cohesive_modulus:.3g}, k_phi = {fit.frictional_modulus:.3g} (SI)"
    return {
        "name": "pressure_sinkage",
        "title": test.title(),
        "panels": [
            {"x": "sinkage [mm]", "y": "pressure [kPa]", "curves": shown},
            panel("log10 sinkage [mm]", "log10 pressure [kPa]", title, logarithms),
        ],
    }  # fmt: skip
