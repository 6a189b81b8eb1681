"""Shape of a bed's surface: level or sloped, with a ridge, a crater, or heights from a file."""

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dem.errors import ConfigError
from dem.spec import require_choice, require_positive, require_range, uncounted

SHAPES = ("level", "ridge", "crater", "heightfield")
NEEDS = {"ridge": ("height", "width"), "crater": ("height", "width"), "heightfield": ("file",), "level": ()}
EXAMPLES = {"height": "0.05", "width": "0.4", "file": "terrain.npy"}
EJECTA_EXPONENT = 3.0  # a rim falls off as (r / R)^-3: McGetchin et al., Earth Planet. Sci. Lett. 20 (1973) 226
EDGE_POINTS = 65  # a side, at which a shape's lowest and highest points are sought


@dataclass
class SurfaceSpec:
    """What the settled bed is cut to, about the plane at `bed.depth`; it then settles under the soil's own friction.

    Attributes:
        shape: level, ridge (across the travel), crater (a parabolic bowl with a rim) or heightfield.
        slope_deg: rise of the whole surface along +x, about the bed's middle, gravity staying vertical [deg].
        height: of the ridge, or depth of the crater's floor below the plain [m].
        width: of the ridge's foot along x, or of the crater from rim to rim [m].
        rim_height: of the crater's rim above the plain [m].
        center_x: of ridge or crater [m]; null is the bed's middle.
        center_y: of the crater [m]; null is the bed's middle.
        file: .npy or .csv of heights above the plain [m], (rows along x, columns along y), stretched over the bed.
    """

    shape: str = "level"
    slope_deg: float = 0.0
    height: float | None = None
    width: float | None = None
    rim_height: float = 0.0
    center_x: float | None = None
    center_y: float | None = None
    file: str | None = uncounted(default=None)  # what is in it counts

    def __post_init__(self) -> None:
        require_choice("bed.surface.shape", self.shape, SHAPES, "give level for a flat bed")
        remedy = "give degrees such as 10; steeper sand slides"
        require_range("bed.surface.slope_deg", self.slope_deg, -45.0, 45.0, remedy)
        for key in ("height", "width", "file"):
            self._check_key(key)
        require_range("bed.surface.rim_height", self.rim_height, 0.0, math.inf, "give metres, or 0 for no rim")
        for key in ("center_x", "center_y"):
            if getattr(self, key) is not None:
                remedy = "give metres from the bed's corner, or null for its middle"
                require_range(f"bed.surface.{key}", getattr(self, key), 0.0, math.inf, remedy)
        if self.file is not None:
            read_heights(self.file)

    def _check_key(self, key: str) -> None:
        value, needed = getattr(self, key), key in NEEDS[self.shape]
        if needed and value is None:
            raise ConfigError(
                f"bed.surface.{key} is missing, bed.surface.shape={self.shape} needs it; "
                f"add bed.surface.{key}={EXAMPLES[key]}"
            )
        if value is not None and not needed:
            users = " or ".join(shape for shape, keys in NEEDS.items() if key in keys)
            raise ConfigError(
                f"bed.surface.{key} is {value}, but bed.surface.shape={self.shape} has no use for it; "
                f"drop it or give bed.surface.shape={users}"
            )
        if needed and key != "file":
            require_positive(f"bed.surface.{key}", value, f"give metres such as {EXAMPLES[key]}")

    @property
    def is_level(self) -> bool:
        """Whether the surface is one height."""
        return self.shape == "level" and self.slope_deg == 0.0

    def content(self) -> dict[str, object]:
        """All that determines the shape, for hashes: of a file what is in it, not where it lies."""
        found = dict(vars(self))
        if self.file is not None:
            heights = read_heights(self.file)
            found["file"] = [list(heights.shape), hashlib.sha256(heights.tobytes()).hexdigest()]
        return found

    def relief(self, x: np.ndarray, y: np.ndarray, length: float, width: float, periodic_y: bool) -> np.ndarray:
        """Height above the plane at `bed.depth` [m], shaped as x and y broadcast.

        Args:
            x, y: points [m].
            length, width: of the bed [m].
            periodic_y: whether a crater is repeated across y.
        """
        x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
        along = x - (length / 2 if self.center_x is None else self.center_x)
        across = y - (width / 2 if self.center_y is None else self.center_y)
        if periodic_y:
            across = across - width * np.rint(across / width)
        tilted = (x - length / 2) * math.tan(math.radians(self.slope_deg))
        if self.shape == "ridge":
            return tilted + self._ridge(along)
        if self.shape == "crater":
            return tilted + self._crater(np.hypot(along, across))
        if self.file is not None:
            return tilted + _interpolate(read_heights(self.file), x / length, y / width)
        return tilted

    def extremes(self, length: float, width: float, periodic_y: bool) -> tuple[float, float]:
        """Lowest and highest relief over the bed [m]."""
        x, y = np.linspace(0, length, EDGE_POINTS), np.linspace(0, width, EDGE_POINTS)
        relief = self.relief(x[:, None], y[None, :], length, width, periodic_y)
        return float(relief.min()), float(relief.max())

    def _ridge(self, along: np.ndarray) -> np.ndarray:
        height, width = self.height or 0.0, self.width or 1.0
        return np.where(np.abs(along) < width / 2, height * np.cos(np.pi * along / width) ** 2, 0.0)

    def _crater(self, distance: np.ndarray) -> np.ndarray:
        height, reach = self.height or 0.0, (self.width or 1.0) / 2
        outward = np.maximum(distance / reach, 1e-9)
        bowl = (height + self.rim_height) * outward**2 - height
        return np.where(outward < 1, bowl, self.rim_height * np.maximum(outward, 1.0) ** -EJECTA_EXPONENT)


def read_heights(file: str) -> np.ndarray:
    """Heights [m] of a file, (m, n).

    Raises:
        ConfigError: the file is missing, of another kind, or holds no grid of finite numbers.
    """
    path = Path(file)
    if path.suffix not in (".npy", ".csv"):
        raise ConfigError(f"bed.surface.file is {file!r}, must end in .npy or .csv; save the heights in metres as one")
    if not path.is_file():
        raise ConfigError(f"bed.surface.file is {file!r}, which does not exist here ({Path.cwd()}); give its full path")
    try:
        loaded = np.load(path, allow_pickle=False) if path.suffix == ".npy" else np.loadtxt(path, delimiter=",")
        heights = np.array(loaded, float)
    except (ValueError, OSError, TypeError) as error:
        raise ConfigError(
            f"bed.surface.file {file!r} cannot be read ({error}); save plain numbers in metres"
        ) from error
    if heights.ndim != 2 or min(heights.shape) < 2 or not np.isfinite(heights).all():
        raise ConfigError(
            f"bed.surface.file {file!r} holds an array of shape {heights.shape}, must be a grid of at least 2 by 2 "
            "finite heights in metres, rows along x; save it so"
        )
    return heights


def _interpolate(heights: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Bilinear between the points of a grid whose corners lie at 0 and 1."""
    rows, columns = np.array(heights.shape) - 1
    row, column = np.clip(x, 0, 1) * rows, np.clip(y, 0, 1) * columns
    i, j = np.minimum(row.astype(int), rows - 1), np.minimum(column.astype(int), columns - 1)
    u, v = row - i, column - j
    low = heights[i, j] * (1 - v) + heights[i, j + 1] * v
    high = heights[i + 1, j] * (1 - v) + heights[i + 1, j + 1] * v
    return low * (1 - u) + high * u
