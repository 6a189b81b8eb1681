"""Annular shear: a straight piece of a ring of very large radius, sheared between rough platens to large strain.

It is periodic along the shear and across: no curvature, no side walls, no ends. See docs/soil_lab.md.
"""

from pathlib import Path
from typing import Any

import dem
from scenarios.plane_shear import PlaneShear
from scenarios.plane_shear_result import PlaneShearResult


def run(config: Any, folder: Path) -> dict[str, Any]:
    """Run the test.

    Args:
        config: a `RunConfig`.
        folder: where `run.vtkhdf` goes.

    Returns:
        The result, for `result.json`.
    """
    device = config.device
    with dem.start(device.name, device.precision, device.threads) as session:
        test = PlaneShear(config, is_walled=False)
        test.run(folder, session)
        return PlaneShearResult(test, session).collect()
