"""Writes `run.vtkhdf`: grains and bodies over time, series, configuration, contact laws, provenance.

A frame is committed in two flushes: first its data, then `NSteps`, one integer written in place. Whatever stops the
process between two frames, every committed frame stays readable, by this package and by ParaView.
"""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from dem.errors import DemError, ResultsError, StateError
from dem.io import vtkhdf
from dem.io.attributes import write_values
from dem.io.carry import carry_rows
from dem.io.contact_lists import append_contacts
from dem.io.files import exit_status, require_room
from dem.io.rows import Tables
from dem.io.schema import SCHEMA, SCHEMA_VERSION, SOIL, BodyMesh, RunDescription, Series, Written
from dem.io.tables import SampleTable, create_file, create_table
from dem.io.vtkhdf import rotate

log = logging.getLogger(__name__)
SAMPLES_IN_MEMORY = 512
"""Samples held back between flushes; 20 series of them are 80 kB, and a kill loses no more than these."""


class RunWriter:
    """One results file, open for appending frames and samples.

    As a context manager it closes with status "complete", "interrupted" on Ctrl-C, or "failed: <message>".
    """

    def __init__(
        self,
        path: str | Path,
        *,
        soil: Mapping[str, np.ndarray],
        bodies: Sequence[BodyMesh] = (),
        series: Mapping[str, Series] | None = None,
        about: RunDescription | None = None,
        written: Written | None = None,
        kept_bits: Mapping[str, int] | None = None,
    ):
        """Create the file, replacing an older one.

        Args:
            path: Must end in `.vtkhdf`: by any other name VTK picks another reader.
            soil: Per-particle arrays that never change, (particles,) each; `radius` [m] is required.
            bodies: Surfaces that move with their poses.
            series: Name -> meaning of every number that `write_sample` will get.
            about: Configuration, contact laws, provenance and attributes.
            written: Go on after these frames and samples of the older file; what lies behind them is dropped.
            kept_bits: Array name -> mantissa bits that stay of it, `vtkhdf.KEPT_BITS` where not said.

        Raises:
            ResultsError: The extension is wrong, the file cannot be created, or the older one lacks what is `written`;
                it then stays as it is.
        """
        self.path = Path(path)
        about = about or RunDescription()
        self._position_step = vtkhdf.position_step(float(np.min(soil["radius"])))
        self._bodies = {body.name: body for body in bodies}
        self._kept_bits = dict(kept_bits or {})
        self._frame_names: tuple[frozenset[str], ...] | None = None  # of soil, field data and contacts
        self._start = _parse_start(about.provenance)
        temporary = self.path.with_name(f".{self.path.stem}.new{self.path.suffix}")
        self._file: Any = create_file(temporary if written else self.path)  # an h5py.File; None once closed
        with self._writing("what stays the same"):
            self._root = vtkhdf.RootWriter(self._file)
            self._body_poses = Tables(self._file.create_group("bodies"))
            self._blocks = self._create_blocks(soil)
            self._samples = SampleTable(self._file, series or {})
            self._write_description(about)
            if written:
                self._go_on(written, temporary)
            self._file.flush()

    @property
    def frame_count(self) -> int:
        """Number of committed frames."""
        return self._root.step_count

    def write_frame(
        self,
        time: float,
        soil: Mapping[str, np.ndarray],
        bodies: Mapping[str, tuple[np.ndarray, np.ndarray]] | None = None,
        field_data: Mapping[str, float] | None = None,
        contacts: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        """Append one frame and commit it to disk.

        Args:
            time: Simulated time [s].
            soil: `position` [m] (particles, 3) and any further per-particle arrays; the same names in every frame.
            bodies: Name -> (position [m] (3,), orientation quaternion w x y z (4,)), for every body.
            field_data: Name -> number that holds for the whole frame; the same names in every frame.
            contacts: `first` and `second`, ids of grains, -1 for a shape, and `normal_force` [N], (contacts,) each.

        Raises:
            StateError: The names or the particle count changed, or the file is closed.
            ResultsError: The disk did not take it.
        """
        bodies, field_data, contacts = bodies or {}, field_data or {}, contacts or {}
        self._check_frame(soil, bodies, field_data, contacts)
        with self._writing(f"frame {self.frame_count}"):
            arrays = (*soil.values(), *contacts.values())
            require_room(self.path, sum(np.asarray(values).nbytes for values in arrays))
            self._append_soil(time, soil)
            for name, pose in bodies.items():
                self._append_body(time, name, pose)
            if contacts:
                append_contacts(self._file, self.frame_count, contacts, self._bits_of("normal_force"))
            self._samples.append()
            self._root.append(time, field_data)
            self._commit()

    def write_sample(self, time: float, values: Mapping[str, float]) -> None:
        """Append one point to every series; a series left out gets NaN.

        Args:
            time: Simulated time [s].
            values: Series name -> value in the unit that `series` declared.

        Raises:
            StateError: A name was not declared in `series`, or the file is closed.
        """
        self._require_open()
        if self._samples.hold(time, values) >= SAMPLES_IN_MEMORY:
            self.flush()

    def annotate(self, **attributes: Any) -> None:
        """Set attributes that are known only now, such as `steady_window` or `phases` (see `RunDescription`)."""
        write_values(self._require_open()["attributes"], attributes)

    def sync(self) -> Written:
        """Put everything on disk, safe from a loss of power too; returns what a run needs to know to go on after it."""
        self.flush()
        file = self._require_open()
        os.fsync(file.id.get_vfd_handle())
        return Written(self.frame_count, len(self._samples), self._wall_time())

    def flush(self) -> None:
        """Put the samples held in memory on disk."""
        with self._writing("samples"):
            file = self._require_open()
            require_room(self.path, 0)
            self._samples.append()
            file.flush()

    def close(self, status: str = "complete") -> None:
        """Write what is held back, the status and the wall time, and close; a second call does nothing.

        Args:
            status: "complete", "interrupted" or "failed: <message>".
        """
        file, self._file = self._file, None
        if file is None:
            return
        with self._writing("the closing mark"):
            self._samples.append()
            file["provenance"].attrs["status"] = status
            file["provenance"].attrs["wall_time"] = self._wall_time()
            file.close()

    def __enter__(self) -> "RunWriter":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> None:
        if kind is None:
            return self.close()
        try:
            self.close(exit_status(kind, error))
        except ResultsError:  # the error on its way out is the one to report
            log.exception("The results file could not be closed cleanly.")
        return None

    def _go_on(self, written: Written, temporary: Path) -> None:
        """Take over what the older file holds, then its place."""
        try:
            before = carry_rows(self.path, self._file, written)
            sittings = [*before.get("resumed_utc", []), self._start.isoformat(timespec="seconds")]
            write_values(self._file["provenance"], {"start_utc": before.get("start_utc", ""), "resumed_utc": sittings})
            self._root.step_count = written.frame_count
            for block in self._blocks.values():
                block.step_count = written.frame_count
            self._commit()
            os.replace(temporary, self.path)
        except (OSError, RuntimeError, ResultsError) as error:
            self._file.close()
            temporary.unlink(missing_ok=True)
            raise error if isinstance(error, DemError) else self._disk_error("the frames so far", error) from error
        self._start -= timedelta(seconds=written.wall_time)

    def _wall_time(self) -> float:
        return (datetime.now(UTC) - self._start).total_seconds()

    def _create_blocks(self, soil: Mapping[str, np.ndarray]) -> dict[str, vtkhdf.BlockWriter]:
        count = len(soil["radius"])
        one_cell = {"Vertices": np.arange(count)[None, :]}
        soil_block = vtkhdf.Block(name=SOIL, point_count=count, cells=one_cell, static=soil)
        blocks = {SOIL: vtkhdf.BlockWriter(self._root, soil_block)}
        for name, body in self._bodies.items():
            block = vtkhdf.Block(name=name, point_count=len(body.points), cells={"Polygons": body.triangles})
            blocks[name] = vtkhdf.BlockWriter(self._root, block)
            self._create_body(body)
        return blocks

    def _create_body(self, body: BodyMesh) -> None:
        group = self._body_poses.group.create_group(body.name)
        group["points"] = np.asarray(body.points, dtype=np.float64)
        group["triangles"] = np.asarray(body.triangles, dtype=np.int32)
        for name, width in (("position", 3), ("orientation", 4)):
            create_table(group, name, (width,))

    def _write_description(self, about: RunDescription) -> None:
        file = self._file
        file.attrs["schema"] = SCHEMA
        file.attrs["schema_version"] = SCHEMA_VERSION
        text = h5py.string_dtype()
        file.create_dataset("config/yaml", data=about.config, dtype=text)
        file.create_dataset("config/overrides", data=list(about.overrides), dtype=text)
        write_values(file.create_group("attributes"), about.attributes)
        write_values(file.create_group("contact"), about.contact)
        write_values(file.create_group("provenance"), {**about.provenance, "status": "running"})

    def _check_frame(self, soil: Mapping, bodies: Mapping, field_data: Mapping, contacts: Mapping) -> None:
        self._require_open()
        if set(bodies) != set(self._bodies):
            raise StateError(f"write_frame got bodies {sorted(bodies)}; the file was made for {sorted(self._bodies)}.")
        names = (frozenset(soil), frozenset(field_data), frozenset(contacts))
        if self._frame_names not in (None, names):
            raise StateError("write_frame got other array names than before; give the same names in every frame.")
        count = self._blocks[SOIL].point_count
        wrong = [name for name, values in soil.items() if len(values) != count]
        if wrong:
            raise StateError(f"write_frame got {', '.join(wrong)} of another length than the {count} particles.")
        self._frame_names = names

    def _append_soil(self, time: float, soil: Mapping[str, np.ndarray]) -> None:
        points = vtkhdf.round_to_step(soil["position"], self._position_step)
        arrays = {
            name: vtkhdf.round_mantissa(values, self._bits_of(name))
            for name, values in soil.items()
            if name != "position"
        }
        self._blocks[SOIL].append(time, points, arrays)

    def _bits_of(self, name: str) -> int:
        return self._kept_bits.get(name, vtkhdf.KEPT_BITS)

    def _append_body(self, time: float, name: str, pose: tuple[np.ndarray, np.ndarray]) -> None:
        position, orientation = pose
        points = rotate(orientation, self._bodies[name].points) + np.asarray(position)
        self._blocks[name].append(time, points.astype(np.float32), {})
        for part, value in (("position", position), ("orientation", orientation)):
            self._body_poses[f"{name}/{part}"].put(self.frame_count, value)

    def _commit(self) -> None:
        """Data first; the counts after, that of the root last, since readers go by it."""
        self._file.flush()
        for block in self._blocks.values():
            block.commit()
        self._root.commit()
        self._file.flush()

    def _require_open(self) -> h5py.File:
        if self._file is None:
            raise StateError(f"{self.path} is closed; make a new RunWriter for a new run.")
        return self._file

    @contextmanager
    def _writing(self, what: str) -> Iterator[None]:
        """Turn what a disk that takes no more makes of HDF5 into a sentence."""
        try:
            yield
        except DemError:
            raise
        except (OSError, RuntimeError) as error:
            raise self._disk_error(what, error) from error

    def _disk_error(self, what: str, error: Exception) -> ResultsError:
        said = f"{error}\n".splitlines()[0] or type(error).__name__
        return ResultsError(f"{self.path}: could not write {what} ({said}); check free space and permissions.")


def _parse_start(provenance: Mapping[str, Any]) -> datetime:
    text = provenance.get("start_utc")
    return datetime.fromisoformat(text) if text else datetime.now(UTC)
