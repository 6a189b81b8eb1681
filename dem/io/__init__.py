"""Results files, summaries, checkpoints. The only room that speaks HDF5."""

from dem.io.checkpoint import load_checkpoint, save_checkpoint
from dem.io.files import exit_status
from dem.io.info import InfoRow, describe, print_info
from dem.io.provenance import collect_provenance
from dem.io.result import read_result, write_result
from dem.io.run_reader import Frame, RunReader, open_results
from dem.io.run_writer import RunWriter
from dem.io.schema import BodyMesh, RunDescription, Series, Written
from dem.io.threaded_writer import ThreadedWriter, start_thread

__all__ = [
    "BodyMesh",
    "Frame",
    "InfoRow",
    "RunDescription",
    "RunReader",
    "RunWriter",
    "Series",
    "ThreadedWriter",
    "Written",
    "collect_provenance",
    "describe",
    "exit_status",
    "load_checkpoint",
    "open_results",
    "print_info",
    "read_result",
    "save_checkpoint",
    "start_thread",
    "write_result",
]
