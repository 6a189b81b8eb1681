"""`drawbar` with a formula in place of the triaxial test: `python stub_triaxial.py run OVERRIDES`.

Friction of the grains makes the angle, preparation friction the density; a sliding friction above 0.9 crashes.
"""

import math
import os
import sys
from pathlib import Path
from types import SimpleNamespace

from dem.cli import main


def run(config, folder):
    """Pretend to press; count the visits in a file."""
    soil, spec = config.soil, config.scenario
    if soil.sliding_friction > 0.9:
        os.abort()
    visits = Path(folder, "visits")
    visits.write_text(visits.read_text() + "x" if visits.exists() else "x")
    noise = 0.1 * math.sin(spec.seed)
    angle = 24.0 + 14.0 * math.tanh(1.5 * soil.sliding_friction) + 12.0 * soil.rolling_friction + noise
    density = 1800.0 - 65.0 * math.log10(soil.preparation_friction / 0.01)
    fit = {
        "friction_angle_secant": {"mean": math.radians(angle), "standard_error": 0.005, "unit": "rad"},
        "bulk_density": {"mean": density, "standard_error": 3.0, "unit": "kg/m3"},
    }
    return {"fit": fit}


if __name__ == "__main__":
    sys.modules["dem.launch.case"] = SimpleNamespace(run_scenario=run)
    sys.exit(main())
