"""The figure of a bed: density over depth, the surface along the bed, and the search for a density."""

from typing import Any

import numpy as np

from dem.beds.quality import surface_grid
from scenarios.shared.soil_experiment import panel


def draw_bed(test: Any, heights: np.ndarray) -> dict[str, Any]:
    """The figure: density over depth, the surface along the bed, and what the search for a density went by."""
    spec, bed = test.bed_spec, test.bed
    profile, search = bed.density_profile, bed.density_search
    density = test.config.soil.particle_density * np.array(profile["solid_fraction"])
    ends = [min(profile["height"]), max(profile["height"])]
    mean = {"x": [bed.bulk_density] * 2, "y": ends, "label": "inside", "style": "fit"}
    over_depth = [{"x": density.tolist(), "y": profile["height"], "label": "slabs", "style": "points"}, mean]
    x, y = surface_grid(spec)
    requested = spec.surface_at(x[:, None], y[None, :])
    middle = len(y) // 2
    across = [
        {"x": x.tolist(), "y": heights[:, middle].tolist(), "label": "surface in the middle"},
        {"x": x.tolist(), "y": requested[:, middle].tolist(), "label": "cut to", "style": "fit"},
    ]
    panels = [
        panel("bulk density (kg/m3)", "height (m)", "Density", over_depth),
        panel("along the bed (m)", "height (m)", "Surface", across),
    ]
    if search:
        panels.append(_search_panel(search))
    return {"name": "bed", "title": test.title(), "panels": panels}


def _search_panel(search: dict[str, Any]) -> dict[str, Any]:
    friction, density = zip(*search["attempts"], strict=True)
    curves = [
        {"x": search["sample_friction"], "y": search["sample_density"], "label": "small samples"},
        {"x": list(friction), "y": list(density), "label": "this bed", "style": "points"},
        {"x": [0.0, 1.0], "y": [search["target_density"]] * 2, "label": "asked for", "style": "fit"},
    ]
    return panel("preparation friction (-)", "bulk density (kg/m3)", "Search", curves)
