"""Direct shear: grains in a split box, the upper half drawn over the lower under constant normal stress.

Rough platens above and below, smooth end walls, periodic across. See docs/soil_lab.md.
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
        test = PlaneShear(config, is_walled=True)
        test.run(folder, session)
        return PlaneShearResult(test, session).collect()
