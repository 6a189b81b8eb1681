"""One instant of a run, as it lies in the file."""

from collections.abc import Sequence
from dataclasses import dataclass

import h5py
import numpy as np

from dem.io.schema import SOIL


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The state of a run at one instant.

    Attributes:
        index: Number of the frame.
        time: Simulated time [s].
        soil: `position` [m] (particles, 3) and every other per-particle array, the static ones included.
        bodies: Name -> vertices in the world [m], (vertices, 3).
        poses: Name -> (position [m] (3,), orientation quaternion w x y z (4,)).
        field_data: Name -> number that holds for the whole frame.
    """

    index: int
    time: float
    soil: dict[str, np.ndarray]
    bodies: dict[str, np.ndarray]
    poses: dict[str, tuple[np.ndarray, np.ndarray]]
    field_data: dict[str, float]


def read_frame(file: h5py.File, index: int, body_names: Sequence[str]) -> Frame:
    """The frame `index`, counted from 0, which must be committed.

    Raises:
        ValueError: Its points are not on disk.
    """
    root = file["VTKHDF"]
    return Frame(
        index=index,
        time=float(root["Steps/Values"][index]),
        soil=_read_soil(root[SOIL], index),
        bodies={name: _read_points(root[name], index) for name in body_names},
        poses={name: _read_pose(file[f"bodies/{name}"], index) for name in body_names},
        field_data={name: float(values[index]) for name, values in root["FieldData"].items()},
    )


def _read_points(block: h5py.Group, index: int) -> np.ndarray:
    points = _rows(block, block["Points"], index)
    if len(points) and np.isnan(points).all():  # the fill value: the chunk is not on disk
        raise ValueError(f"frame {index} has no points on disk")
    return points


def _read_soil(block: h5py.Group, index: int) -> dict[str, np.ndarray]:
    count = int(block["NumberOfPoints"][0])
    arrays = {"position": _read_points(block, index)}
    for name, dataset in block["PointData"].items():
        is_static = len(dataset) == count and block[f"Steps/PointDataOffsets/{name}"][index] == 0
        arrays[name] = dataset[:] if is_static else _rows(block, dataset, index)
    return arrays


def _rows(block: h5py.Group, dataset: h5py.Dataset, index: int) -> np.ndarray:
    count = int(block["NumberOfPoints"][0])
    return dataset[index * count : (index + 1) * count]


def _read_pose(group: h5py.Group, index: int) -> tuple[np.ndarray, np.ndarray]:
    return group["position"][index], group["orientation"][index]
