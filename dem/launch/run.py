"""One case under Hydra: the run folder, its `.hydra/` and `run.log` are Hydra's, the rest is the scenario's.

The config is composed and validated once before Hydra starts (a mistake costs half a second and leaves no folder), and
once more inside, from what Hydra itself composed and recorded in `.hydra/`.
"""

import importlib
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import hydra
from hydra._internal.utils import get_args_parser
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from dem.config import (
    HYDRA_VERSION,
    RunConfig,
    build_config,
    config_folder,
    load_config,
    opened,
    register_schemas,
    search_override,
    take_search_path,
)
from dem.config_errors import parse_override
from dem.errors import ConfigError, DemError, DeviceError, NumericalError
from dem.launch import finished, until_credible
from dem.launch.given import require_acting, tell_doubts
from dem.launch.report import print_result
from dem.launch.resume import require_own, resumed
from dem.launch.sweep_command import sweep
from dem.renamed import current_overrides
from dem.run_files import CHECKPOINT_FILE, RESULT_FILE, RESULTS_FILE

FOLDER = "--folder"
INTERRUPTED = 130  # 128 + SIGINT, as shells count
REJECTED = 2
CRASHED = 1

log = logging.getLogger("drawbar")


def run_command(arguments: Sequence[str]) -> int:
    """`drawbar run`: one case, or with Hydra's `-m` a sweep.

    Args:
        arguments: overrides and Hydra's own flags; or `--resume DIR`.

    Returns:
        The exit code, where the run did not leave by itself.

    Raises:
        ConfigError: an override is wrong; nothing was started.
        SystemExit: the run failed; what to say has been said.
    """
    given = arguments
    arguments = current_overrides(resumed([word for word in arguments if word != finished.FLAG]))
    arguments, minutes = _take_minutes(take_search_path(take_folder(arguments)))
    arguments = overrides_first(arguments)  # Hydra takes none after a flag
    sys.argv = ["drawbar run"]
    parsed, unknown = get_args_parser().parse_known_args(list(arguments))
    sys.argv += [*search_override(), *opened(parsed.overrides), *arguments[len(parsed.overrides) :]]
    for flag in ("config_name", "config_path"):
        if getattr(parsed, flag):
            raise ConfigError(
                f"--{flag.replace('_', '-')} is Hydra's, but drawbar has one config of its own; put your choices into "
                "soil/, wheel/ and so on of a folder, and give --config-dir FOLDER"
            )
    if unknown:
        raise ConfigError(
            f"{unknown[0]} is not a flag of drawbar run; see drawbar run --help, or --hydra-help for Hydra's"
        )
    end_on_signals()
    if parsed.multirun and not (parsed.cfg or parsed.info):
        return sweep(parsed.overrides)
    reject_sweeps(parsed.overrides)
    config = load_config(parsed.overrides)
    require_own(given, config)
    require_acting(parsed.overrides, config)
    tell_doubts(parsed.overrides, config)
    if minutes is not None:
        return until_credible.run_until_credible(parsed.overrides, minutes)
    folder = finished.run_folder(parsed.overrides)
    if not (parsed.cfg or parsed.info or finished.FLAG in given) and finished.is_finished(folder, config):
        sys.stdout.write(f"{folder} is complete: nothing to do; {finished.FLAG} computes it anew\n")
        return 0
    register_schemas()
    hydra.main(version_base=HYDRA_VERSION, config_path=str(config_folder()), config_name="config")(_run_job)()
    return 0


def overrides_first(arguments: Sequence[str]) -> list[str]:
    """Arguments with the overrides before Hydra's flags and what these take."""
    return sorted(arguments, key=lambda word: word.startswith("-") or not ("=" in word or word.startswith("~")))


def take_folder(arguments: Sequence[str]) -> list[str]:
    """Arguments with `--folder DIR` as Hydra's override, in which a path with special characters is quoted."""
    words = list(arguments)
    if FOLDER not in words:
        return words
    place = words.index(FOLDER)
    if place + 1 == len(words):
        raise ConfigError(f"{FOLDER} names no folder; give one, for instance {FOLDER} outputs/pull")
    quoted = words[place + 1].replace("\\", "\\\\").replace("'", "\\'")
    return [*words[:place], *words[place + 2 :], f"{finished.RUN_DIR}='{quoted}'"]


def _take_minutes(arguments: Sequence[str]) -> tuple[list[str], float | None]:
    """Arguments without `--until-credible MINUTES`, and the minutes, None where it is not given."""
    words, flag = list(arguments), until_credible.FLAG
    if flag not in words:
        return words, None
    place = words.index(flag)
    if place + 1 == len(words):
        raise ConfigError(f"{flag} is given no time; give minutes, for instance {flag} 60")
    return words[:place] + words[place + 2 :], until_credible.read_minutes(words[place + 1])


def reject_sweeps(overrides: Sequence[str]) -> None:
    """Reject what would turn one run into many, or start it elsewhere."""
    for override in map(parse_override, overrides):
        key, value = override.key_or_group, override.value()
        if key.partition(".")[0] == "launcher" or (key, value) == ("hydra.mode", "MULTIRUN"):
            raise ConfigError(f"{key} is given, but a run is one case, which starts here; use drawbar sweep")
        if key == "repeats" and value != 1:
            raise ConfigError(f"repeats is {value}, must be 1 in a run; use drawbar sweep, or give bed.seed")


def end_on_signals() -> None:
    """Let SIGTERM, and the end of the terminal, do what Ctrl-C does."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # nohup's
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _run_job(composed: DictConfig) -> Any:
    """Run the scenario in Hydra's folder; every failure ends in one sentence and an exit code."""
    settings = HydraConfig.get()
    folder = Path(settings.runtime.output_dir)
    try:
        config = build_config(composed, settings.overrides.task)
        result = run_in_folder(config, folder)
    except NumericalError as error:
        left = _what_is_left(folder, "the last sound checkpoint is kept: {path}")
        _leave(REJECTED, f"{error}; {left}" if (folder / RESULTS_FILE).exists() else str(error))
    except DeviceError as error:
        left = _what_is_left(folder, "drawbar run --resume {folder} goes on from there")
        _leave(REJECTED, f"{error}; {left}" if (folder / RESULTS_FILE).exists() else str(error))
    except DemError as error:
        _leave(REJECTED, str(error))
    except KeyboardInterrupt:
        _leave(INTERRUPTED, f"interrupted; {_what_is_left(folder, 'drawbar run --resume {folder} goes on from there')}")
    except Exception as error:
        log_to_file(logging.ERROR, "unexpected failure", error)
        name, cause = type(error).__name__, (str(error).splitlines() or [""])[0]
        _leave(CRASHED, f"unexpected {name} ({cause}); the traceback is in {folder / 'run.log'}, please report it")
    else:
        make_pictures(config, folder)
        print_result(result, folder)
        return result


def run_in_folder(config: RunConfig, folder: Path) -> dict[str, Any]:
    """Run a case in its folder; its result is written there."""
    if (folder / RESULT_FILE).exists():  # it marks a run as done: nothing to resume, and this one is not done
        (folder / CHECKPOINT_FILE).unlink(missing_ok=True)
        (folder / RESULT_FILE).unlink()
    result = importlib.import_module("dem.launch.case").run_scenario(config, folder)
    importlib.import_module("dem.io.result").write_result(folder, result)
    (folder / CHECKPOINT_FILE).unlink(missing_ok=True)
    if "figure" in result:
        _or_without("figure", lambda: importlib.import_module("dem.viz.panels").draw_panels(result["figure"], folder))
    return result


def make_pictures(config: RunConfig, folder: Path) -> None:
    """Make the pictures that the config asks for."""
    if config.output.render and (folder / RESULTS_FILE).exists():
        _or_without("pictures", lambda: importlib.import_module("dem.viz.render").render(folder / RESULTS_FILE))


def _or_without(what: str, make: Callable[[], Any]) -> None:
    """Make pictures; a machine that cannot, without driver or ffmpeg, still keeps its run."""
    try:
        make()
    except Exception as error:
        log_to_file(logging.ERROR, f"{what} failed", error)
        sys.stderr.write(f"drawbar: the run is complete, but not its {what} ({error}); see drawbar render --help\n")


def _what_is_left(folder: Path, of_checkpoint: str) -> str:
    """Where what was written can be found; `of_checkpoint` says what there is to say of one, if there is one."""
    path = folder / RESULTS_FILE
    if not path.exists():
        return f"no frame had been written to {folder} yet"
    said = f"the frames so far are readable: {path}"
    if (folder / CHECKPOINT_FILE).exists():
        said += "; " + of_checkpoint.format(folder=folder, path=folder / CHECKPOINT_FILE)
    return said


def _leave(code: int, sentence: str) -> NoReturn:
    """Say why the run ends."""
    log_to_file(logging.ERROR, sentence)
    sys.stderr.write(f"drawbar: {sentence}\n")
    raise SystemExit(code) from None


def log_to_file(level: int, message: str, error: BaseException | None = None) -> None:
    """Put a message in `run.log` only: the terminal has its own sentence."""
    trace = (type(error), error, error.__traceback__) if error is not None else None
    record = log.makeRecord(log.name, level, __file__, 0, message, (), trace)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.FileHandler):
            handler.handle(record)
