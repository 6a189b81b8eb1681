"""What a results file says about itself, shared by its writer and its reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

SCHEMA = "drawbar run"
SCHEMA_VERSION = 1
EXTENSION = ".vtkhdf"
SOIL = "soil"


@dataclass(frozen=True)
class BodyMesh:
    """Surface of a body.

    Attributes:
        name: Block name in the file, a word.
        points: Vertices in the body frame [m], (vertices, 3).
        triangles: Vertex indices, (triangles, 3).
    """

    name: str
    points: np.ndarray
    triangles: np.ndarray


@dataclass(frozen=True)
class Series:
    """What one number over time means: SI `unit` ("-" for none) and `long_name` for axes and tables."""

    unit: str
    long_name: str


@dataclass(kw_only=True)
class RunDescription:
    """All that is known of a run before it starts.

    Attributes:
        config: The resolved configuration as YAML text.
        overrides: Command-line overrides, one each.
        provenance: As `collect_provenance` gives it.
        attributes: Facts that labels, pictures and tables use. Known names, all optional: `scenario`, `title`,
            `gravity_name`, `gravity` [m/s2] (3,), `surface_height` of the original bed [m], `wheel_radius` [m],
            `domain_lower` and `domain_upper` [m] (3,), `domain_periodic` (3,), `steady_window` [s] (2,),
            `phases` as a list of {"name", "start" [s], "end" [s]}.
        contact: Laws, materials and pairs, as `dem.describe_contacts` gives them.
    """

    config: str = ""
    overrides: Sequence[str] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    contact: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Written:
    """How much of a run is on disk.

    Attributes:
        frame_count, sample_count: of the results file.
        wall_time: spent so far, in all sittings [s].
    """

    frame_count: int
    sample_count: int
    wall_time: float
