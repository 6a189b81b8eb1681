"""`result.json`: the summary of a run, written last, so that its presence means that the run is complete."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dem.errors import ResultsError
from dem.io.files import replace_whole
from dem.renamed import current_result
from dem.run_files import RESULT_FILE


def write_result(folder: str | Path, result: Mapping[str, Any]) -> Path:
    """Write `result.json` whole or not at all.

    Args:
        folder: Run folder.
        result: What JSON can hold, NumPy numbers and arrays included; a number that is not finite becomes null.

    Returns:
        Path of the file.

    Raises:
        ResultsError: The file cannot be written.
    """
    path = Path(folder) / RESULT_FILE
    text = json.dumps(_plain(result), indent=2, allow_nan=False)
    try:
        with replace_whole(path) as temporary:
            temporary.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise ResultsError(f"{path}: could not be written ({error}); check free space and permissions.") from error
    return path


def read_result(folder: str | Path) -> dict[str, Any]:
    """Read `result.json` of a run folder, an older one by present names; null stays None.

    Raises:
        ResultsError: There is none, or it is not JSON.
    """
    path = Path(folder) / RESULT_FILE
    try:
        return current_result(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise ResultsError(f"{path}: missing, so the run is not complete; run the case again.") from error
    except (OSError, ValueError) as error:
        raise ResultsError(f"{path}: not readable as JSON ({error}); run the case again.") from error


def _plain(value: Any) -> Any:
    """The value in builtin types only."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, Path) else value
