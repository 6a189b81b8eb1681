"""Texts of a picture, and lengths that read well. Plain Python."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dem.io import RunReader

SHOWN = ("slip_ratio", "sinkage", "drawbar_pull")
"""Series quoted in a picture, where a run has them."""


def title_of(attributes: Mapping[str, Any]) -> str:
    """`title`, else the scenario in words."""
    return str(attributes.get("title") or attributes.get("scenario", "")).replace("_", " ").strip()


def gravity_text(attributes: Mapping[str, Any]) -> str:
    """Name, magnitude and slope, as in "Moon 1.62 m/s², slope 10°"; empty without a gravity."""
    if "gravity" not in attributes:
        return ""
    gravity = np.asarray(attributes["gravity"], dtype=np.float64)
    size = float(np.linalg.norm(gravity))
    name = str(attributes.get("gravity_name", "gravity"))
    text = f"{name[:1].upper()}{name[1:]} {size:.3g} m/s²"
    tilt = np.degrees(np.arccos(np.clip(-gravity[2] / size, -1, 1))) if size > 0 else 0.0
    return text if tilt < 0.05 else f"{text}, slope {tilt:.3g}°"


def time_text(time: float, speed: float | None = None) -> str:
    """The simulated time, and the pace of a film where it is not real time."""
    text = f"t = {time:.2f} s"
    return text if speed is None or abs(speed - 1) < 0.01 else f"{text}   ({speed:.3g}x)"


def numbers_text(reader: RunReader, time: float) -> str:
    """A few series at `time` [s], as in "slip 0.30   sinkage 52 mm   drawbar pull 19 N"."""
    moments = reader.series("time")
    if not len(moments):
        return ""
    index = int(np.argmin(np.abs(moments - time)))
    names = [name for name in SHOWN if name in reader.series_names]
    values = {name: float(reader.series(name)[index]) for name in names}
    return "   ".join(_quote(reader, name, value) for name, value in values.items() if np.isfinite(value))


def round_length(length: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is no longer than `length` [m]."""
    power = 10.0 ** np.floor(np.log10(length))
    return float(max(step for step in (1, 2, 5) if step * power <= length * (1 + 1e-9)) * power)


def round_ticks(low: float, high: float) -> np.ndarray:
    """Three to six round numbers from `low` to `high`."""
    step = round_length((high - low) / 3) if high > low else 1.0
    first, last = np.ceil(low / step - 1e-6), np.floor(high / step + 1e-6)
    return np.arange(first, last + 1) * step + 0.0  # without the sum, zero may print as -0


def length_text(length: float) -> str:
    """A length [m] in m, cm or mm."""
    unit, factor = next((u, f) for u, f, least in (("m", 1, 0.1), ("cm", 1e2, 0.01), ("mm", 1e3, 0)) if length >= least)
    return f"{length * factor:.3g} {unit}"


def value_text(value: float, unit: str) -> str:
    """A measured number as a person says it, lengths in mm."""
    if unit == "m":
        return f"{value * 1e3:.0f} mm"
    return f"{value:.2f}" if unit == "-" else f"{value:.3g} {unit}"


def _quote(reader: RunReader, name: str, value: float) -> str:
    meaning = reader.meanings[name]
    return f"{meaning.long_name.removesuffix(' ratio')} {value_text(value, meaning.unit)}"
