"""Reads `run.vtkhdf`, also while it is being written and after a kill: only committed frames are seen.

The file is opened anew for every question. That costs a millisecond and means that a growing file is never seen through
metadata that HDF5 cached earlier, which could turn a frame into zeros without an error.
"""

import importlib
import logging
import time as clock
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import h5py
import numpy as np

from dem.errors import ResultsError, StateError
from dem.io.attributes import read_values
from dem.io.contact_lists import CONTACTS, read_contacts
from dem.io.files import DAMAGE
from dem.io.frame import Frame, read_frame
from dem.io.schema import SCHEMA, SCHEMA_VERSION, SOIL, BodyMesh, Series
from dem.run_files import RESULTS_FILE

if TYPE_CHECKING:
    import pandas

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

ATTEMPTS = 4
"""Reads of a file that is just being flushed; a flush of a frame takes some 10 ms, waits grow from that."""
FIRST_WAIT = 0.02


class RunReader:
    """A results file, read frame by frame."""

    def __init__(self, path: str | Path):
        """Check that the file is one of ours.

        Raises:
            ResultsError: It is missing, torn or foreign.
        """
        self.path = Path(path)
        if not self.path.is_file():
            raise ResultsError(f"{self.path}: no such file; give the run.vtkhdf of a run folder.")
        self._ask(_check_schema)

    @property
    def times(self) -> np.ndarray:
        """Times of the committed frames [s], (frames,)."""
        return self._ask(lambda file: file["VTKHDF/Steps/Values"][: _count(file)])

    @property
    def frame_count(self) -> int:
        """Number of committed frames."""
        return self._ask(_count)

    @property
    def status(self) -> str:
        """ "complete", "interrupted", "failed: <message>", or "running", which is also what a kill leaves behind."""
        return self._ask(lambda file: str(file["provenance"].attrs["status"]))

    @property
    def attributes(self) -> dict[str, Any]:
        """Facts for labels and tables (see `RunDescription`)."""
        return self._ask(lambda file: read_values(file["attributes"]))

    @cached_property
    def contact(self) -> dict[str, Any]:
        """Laws, materials and pairs (see `dem.describe_contacts`); empty in a file that has none."""
        return self._ask(lambda file: read_values(file["contact"]) if "contact" in file else {})

    @property
    def provenance(self) -> dict[str, Any]:
        """Where the run came from."""
        return self._ask(lambda file: read_values(file["provenance"]))

    @cached_property
    def config_text(self) -> str:
        """The resolved configuration, YAML."""
        return self._ask(lambda file: file["config/yaml"].asstr()[()])

    @cached_property
    def config(self) -> dict[str, Any]:
        """The resolved configuration: group -> key -> value."""
        return importlib.import_module("yaml").safe_load(self.config_text) or {}

    @cached_property
    def overrides(self) -> list[str]:
        """The command-line overrides."""
        return self._ask(lambda file: list(file["config/overrides"].asstr()[:]))

    @cached_property
    def particle_count(self) -> int:
        """Particles, the same in every frame."""
        return self._ask(lambda file: int(file["VTKHDF/soil/NumberOfPoints"][0]))

    @cached_property
    def body_names(self) -> list[str]:
        """Names of the bodies."""
        return self._ask(lambda file: list(file["bodies"]) if "bodies" in file else [])

    @cached_property
    def series_names(self) -> list[str]:
        """Names of the series, without "time"."""
        return self._ask(lambda file: [name for name in file["timeseries"].attrs["names"] if name != "time"])

    @cached_property
    def meanings(self) -> dict[str, Series]:
        """Series name -> unit and long name, "time" included."""
        return self._ask(
            lambda file: {
                name: Series(dataset.attrs["unit"], dataset.attrs["long_name"])
                for name, dataset in file["timeseries"].items()
            }
        )

    @property
    def units(self) -> dict[str, str]:
        """Units of the series, by name."""
        return {name: meaning.unit for name, meaning in self.meanings.items()}

    def series(self, name: str) -> np.ndarray:
        """One number over time; `series("time")` gives the times [s] of the samples.

        Args:
            name: One of `series_names`, or "time".

        Returns:
            (samples,), in the unit that `units` says.

        Raises:
            ResultsError: There is no such series.
        """
        if name not in self.units:
            raise ResultsError(f"{self.path}: no series '{name}'; it has {', '.join(self.series_names) or 'none'}.")
        return self._ask(lambda file: file["timeseries"][name][: _sample_count(file)])

    @property
    def timeseries(self) -> "pandas.DataFrame":
        """All series, a column each, indexed by time [s]; units in `attrs["units"]`.

        Raises:
            ResultsError: The package pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise ResultsError("timeseries needs the package pandas; install it, or use series(name).") from error
        index = pandas.Index(self.series("time"), name="time")
        frame = pandas.DataFrame({name: self.series(name) for name in self.series_names}, index=index)
        frame.attrs["units"] = self.units
        return frame

    def body_mesh(self, name: str) -> BodyMesh:
        """Surface of a body in its own frame."""
        if name not in self.body_names:
            raise ResultsError(f"{self.path}: no body '{name}'; it has {', '.join(self.body_names) or 'none'}.")
        return self._ask(
            lambda file: BodyMesh(name, file[f"bodies/{name}/points"][:], file[f"bodies/{name}/triangles"][:])
        )

    def body_path(self, name: str) -> np.ndarray:
        """Positions of a body in all committed frames [m], (frames, 3)."""
        if name not in self.body_names:
            raise ResultsError(f"{self.path}: no body '{name}'; it has {', '.join(self.body_names) or 'none'}.")
        return self._ask(lambda file: file[f"bodies/{name}/position"][: _count(file)])

    def frame(self, index: int) -> Frame:
        """Read one frame.

        Args:
            index: 0 to `frame_count` - 1, or negative from the end.

        Raises:
            ResultsError: There is no such frame, or it cannot be read.
        """
        return self._ask(lambda file: read_frame(file, self._frame_number(file, index), self.body_names))

    @property
    def has_contacts(self) -> bool:
        """Whether the contacts of frames were recorded."""
        return self._ask(lambda file: CONTACTS in file)

    def contacts(self, index: int) -> dict[str, np.ndarray]:
        """Touching contacts of a frame: `first`, `second` (ids, -1 for a shape), `normal_force` [N], (contacts,) each.

        Raises:
            ResultsError: There is no such frame, or its contacts were not recorded.
        """
        return self._ask(lambda file: read_contacts(file, self._frame_number(file, index)))

    def sizes(self) -> dict[str, int]:
        """Bytes on disk of every root group and block."""
        return self._ask(_sizes)

    def _frame_number(self, file: h5py.File, index: int) -> int:
        count = _count(file)
        if not -count <= index < count:
            raise ResultsError(f"{self.path}: no frame {index}; it has {count}, so 0 to {count - 1}.")
        return index % count

    def _ask(self, question: Callable[[h5py.File], Answer]) -> Answer:
        """Open, ask, close; once more after a wait where a writer may be in the middle of a flush."""
        for attempt in range(ATTEMPTS):
            try:
                with h5py.File(self.path, "r", locking=False) as file:
                    return question(file)
            except (ResultsError, StateError):
                raise
            except DAMAGE as error:
                failure = error
                clock.sleep(FIRST_WAIT * 2**attempt)
        raise ResultsError(self._explain(failure)) from failure

    def _explain(self, failure: Exception) -> str:
        if isinstance(failure, PermissionError):
            return f"{self.path}: not readable ({failure}); check its permissions."
        with suppress(OSError):
            if not h5py.is_hdf5(self.path):
                return f"{self.path}: not a results file of drawbar (not HDF5 at all); give the run.vtkhdf of a run."
        return f"{self.path}: torn, probably killed while writing ({failure}); run the case again."


def open_results(path: str | Path) -> RunReader:
    """Open a run: its folder, or the `run.vtkhdf` in it.

    Raises:
        ResultsError: It is missing, torn or foreign.
    """
    path = Path(path)
    return RunReader(path / RESULTS_FILE if path.is_dir() else path)


def _check_schema(file: h5py.File) -> None:
    path = file.filename
    if file.attrs.get("schema") != SCHEMA:
        raise ResultsError(f"{path}: an HDF5 file, but not a run of drawbar; give the run.vtkhdf of a run folder.")
    version = int(file.attrs["schema_version"])
    if version > SCHEMA_VERSION:
        raise ResultsError(f"{path}: schema {version}, this drawbar reads up to {SCHEMA_VERSION}; update drawbar.")
    for name in ("VTKHDF/Steps", f"VTKHDF/{SOIL}", "timeseries", "config", "provenance", "attributes"):
        file[name]


def _count(file: h5py.File) -> int:
    return int(file["VTKHDF/Steps"].attrs["NSteps"])


def _sample_count(file: h5py.File) -> int:
    """A kill may have left the last column shorter than the others."""
    return min(len(dataset) for dataset in file["timeseries"].values())


def _sizes(file: h5py.File) -> dict[str, int]:
    groups = {name: file[name] for name in file if name != "VTKHDF"}
    blocks = {f"VTKHDF/{name}": file["VTKHDF"][name] for name in file["VTKHDF/Assembly"]}
    return {name: _storage(group) for name, group in {**blocks, **groups}.items()}


def _storage(group: h5py.Group) -> int:
    total = 0

    def add(name: str, node: h5py.Group | h5py.Dataset) -> None:
        nonlocal total
        total += node.id.get_storage_size() if isinstance(node, h5py.Dataset) else 0

    group.visititems(add)
    return total
