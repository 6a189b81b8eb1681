"""A run in other people's formats: the time series as CSV, and a research crate with all it takes to repeat the run."""

import csv
from pathlib import Path
from typing import Any

from dem.errors import ResultsError
from dem.io.result import read_result
from dem.io.run_reader import RunReader
from dem.run_files import RESULT_FILE, RESULTS_FILE

CRATE_FILES = {
    RESULTS_FILE: "grains, bodies, time series, configuration and provenance of the run, in VTKHDF layout",
    RESULT_FILE: "steady means with standard errors, the bed, the numerics, the checks, the credibility",
    "run.log": "log of the run",
    ".hydra/config.yaml": "configuration as composed",
    ".hydra/overrides.yaml": "what was changed on the command line",
}
MEDIA_TYPES = {".vtkhdf": "application/x-hdf5", ".json": "application/json", ".csv": "text/csv", ".yaml": "text/yaml",
               ".log": "text/plain", ".png": "image/png", ".mp4": "video/mp4"}  # fmt: skip


def export_series(reader: RunReader, target: Path) -> Path:
    """Write the time series, a column each, headed by name and unit.

    Returns:
        The file.
    """
    names = ["time", *reader.series_names]
    columns = [reader.series(name) for name in names]
    units = reader.units
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([f"{name} [{units[name]}]" for name in names])
        writer.writerows(zip(*(column.tolist() for column in columns), strict=True))
    return target


def export_curves(run: Path, target: Path) -> Path | None:
    """Write the curves of a test's figure, such as stress over displacement: a row a point, axes with their units.

    Args:
        run: folder with `result.json`.
        target: the file.

    Returns:
        The file; None if the run has no curves.
    """
    figure = read_result(run).get("figure") if (run / RESULT_FILE).exists() else None
    if not figure:
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["panel", "curve", "x axis", "y axis", "x", "y", "error"])
        for place, panel in enumerate(figure["panels"], start=1):
            for number, curve in enumerate(panel["curves"], start=1):
                head = [panel.get("title") or place, curve.get("label") or number, panel["x"], panel["y"]]
                errors = curve.get("error") or [""] * len(curve["x"])
                writer.writerows([*head, *row] for row in zip(curve["x"], curve["y"], errors, strict=True))
    return target


def export_crate(reader: RunReader, target: Path) -> Path:
    """Write a crate (RO-Crate 1.1): a zip of data, configuration and results, with a machine-readable description.

    Args:
        reader: Of a run in its folder.
        target: `.zip`.

    Raises:
        ResultsError: The package rocrate is not installed, or the file cannot be written.
    """
    try:
        from rocrate.rocrate import ROCrate
    except ImportError as error:
        raise ResultsError("a crate needs the package rocrate; install it: pip install 'drawbar[export]'.") from error
    folder, crate = reader.path.parent, ROCrate()
    crate.name = str(reader.attributes.get("title", "drawbar run"))
    crate.description = f"Discrete-element simulation with drawbar: {crate.name}."
    _describe_software(crate, reader.provenance)
    for name, meaning in CRATE_FILES.items():
        if (folder / name).exists():
            _add(crate, folder / name, name.replace(".hydra/", "config/"), meaning)
    for path in sorted([*folder.glob("*.png"), *folder.glob("*.mp4")]):
        _add(crate, path, path.name, "picture of the run")
    series = export_series(reader, target.with_suffix(".series.csv"))
    _add(crate, series, "series.csv", "time series of the run, a column each, with units")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        crate.write_zip(target)
    finally:
        series.unlink(missing_ok=True)
    return target


def _add(crate: Any, path: Path, name: str, meaning: str) -> None:
    properties = {"name": name, "description": meaning, "contentSize": str(path.stat().st_size)}
    if path.suffix in MEDIA_TYPES:
        properties["encodingFormat"] = MEDIA_TYPES[path.suffix]
    crate.add_file(str(path), dest_path=name, properties=properties)


def _describe_software(crate: Any, provenance: dict[str, Any]) -> None:
    from rocrate.model.contextentity import ContextEntity

    versions = {key: str(value) for key, value in dict(provenance.get("versions", {})).items()}
    software = ContextEntity(
        crate, "#drawbar",
        {"@type": "SoftwareApplication", "name": "drawbar", "softwareVersion": versions.get("drawbar", "unknown"),
         "version": str(provenance.get("git_commit", "unknown")),
         "softwareRequirements": [f"{name} {version}" for name, version in versions.items() if name != "drawbar"]},
    )  # fmt: skip
    crate.add(software)
    action = {
        "@type": "CreateAction", "name": " ".join(map(str, provenance.get("argv", []))),
        "startTime": str(provenance.get("start_utc", "")),
    }  # fmt: skip
    run = crate.add(ContextEntity(crate, "#run", action))
    run["instrument"] = software
    crate.root_dataset["mentions"] = run
