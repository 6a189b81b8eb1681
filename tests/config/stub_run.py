"""`drawbar` with a stub in place of the engine: `python stub_run.py run OVERRIDES`, or `sweep` with its children.

What it does is told by the wheel's mass: 66 raises a DemError, 67 one after frames were written, 68 one of the device,
77 an unforeseen one, 88 crashes the process, 99 hangs, 55 is interrupted, 44 takes its time.
"""

import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import dem.launch.sweep
from dem.cli import main
from dem.errors import DeviceError, NumericalError


def run(config, folder):
    """Pretend to simulate; count starts and visits in files."""
    with Path(folder, "starts").open("a") as starts:
        starts.write("x")
    if config.wheel.load_mass == 55.0:
        Path(folder, "run.vtkhdf").touch()
        raise KeyboardInterrupt
    if config.wheel.load_mass == 66.0:
        raise NumericalError("a particle was lost; lower solver.time_step_fraction")
    if config.wheel.load_mass == 67.0:
        for name in ("run.vtkhdf", "checkpoint.h5"):
            Path(folder, name).touch()
        raise NumericalError("energy grows; lower solver.time_step_fraction")
    if config.wheel.load_mass == 68.0:
        for name in ("run.vtkhdf", "checkpoint.h5"):
            Path(folder, name).touch()
        raise DeviceError("device cuda (GPU) was lost; update the driver or use device=cpu")
    if config.wheel.load_mass == 77.0:
        raise ZeroDivisionError("unforeseen\nsecond line")
    if config.wheel.load_mass == 88.0:
        os.abort()
    if config.wheel.load_mass == 99.0:
        time.sleep(60.0)
    if config.wheel.load_mass == 44.0:
        time.sleep(2.0)
    visits = Path(folder, "visits")
    visits.write_text(visits.read_text() + "x" if visits.exists() else "x")
    return {
        "slip": config.scenario.slip,
        "threads": config.device.threads,
        "pull": {"mean": 2.0, "standard_error": 0.1, "unit": "N"},
    }


if __name__ == "__main__":
    sys.modules["dem.launch.case"] = SimpleNamespace(run_scenario=run)
    dem.launch.sweep.COMMAND[:] = [sys.executable, __file__, "run"]
    sys.exit(main())
