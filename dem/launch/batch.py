"""Cases as worlds of one simulation, stepped together on one device: a GPU is then busy with small beds too.

Worlds of one simulation share a time step, contact laws, domain and some numbers of the solver, so cases are put into
groups that can; all other numbers are each case's own. Every case has its folder as if it had run alone: results file,
`result.json` as soon as it is done, checkpoint, `run.log` and how it ended. One that fails leaves the rest whole.
"""

import importlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import dem
from dem.config import RunConfig, build_config, compose_config, record_config
from dem.errors import ConfigError, DemError
from dem.experiment import run_experiments
from dem.experiment.procedure import saved_at
from dem.experiment.schedule import Ended
from dem.io import write_result
from dem.launch.cases import Case
from dem.launch.processes import locked
from dem.launch.sweep import OUTCOME_FILE, Outcome, Study, is_done
from dem.progress import without_bars
from dem.run_files import CHECKPOINT_FILE, RESULT_FILE, RESULTS_FILE
from dem.time_step import choose_time_step
from dem.worlds import shared_by_worlds
from scenarios import scenario_experiment

MOST_TIME_STEP_RATIO = 1.1  # of the time step: what a case would take itself over what its group takes
LOG_FILE = "run.log"
LOG_FORMAT = "[%(asctime)s][%(name)s][%(levelname)s] - %(message)s"  # Hydra's

log = logging.getLogger(__name__)

Report = Callable[[Outcome], None]


@dataclass
class Member:
    """A case of a batch, on its way.

    Attributes:
        case: of the study; config: its.
        experiment: with its models, once made; time_step: that it would take alone [s].
        saved: time step [s], step and stage of its checkpoint, if there is one to go on from.
    """

    case: Case
    config: RunConfig
    experiment: Any = None
    time_step: float = 0.0
    saved: tuple[float, int, int] | None = None

    @property
    def device(self) -> tuple[str, str, int | None]:
        """Device, precision and threads, as `dem.start` takes them."""
        device = self.config.device
        return device.name, device.precision, device.threads

    def shared(self) -> str:
        """What its group must have the same."""
        solver = self.config.solver
        limits = (solver.max_overlap, solver.track_energy, solver.max_energy_gain)
        own = shared_by_worlds(self.experiment.first_models()[0])
        stages = len(self.experiment.stages())
        return repr((own, stages, solver.skin * self.experiment.grain_diameter, limits, self.saved))


def run_batch(study: Study, report: Report) -> None:
    """Run the cases of a study as worlds of as few simulations as they fit into, `launcher.jobs` in each at most.

    Args:
        study: from `plan_study`.
        report: called with each outcome as it comes.

    Raises:
        ConfigError: a case cannot be a world; nothing was started.
    """
    members = _plan(study)
    with ExitStack() as locks, _BatchLog(study, report) as batch_log, without_bars():
        in_order = sorted(members, key=lambda member: member.case.name)  # two sweeps must not wait for each other
        waiting = [member for member in in_order if _claim(member, locks, batch_log)]
        for device in dict.fromkeys(member.device for member in waiting):
            made = _make_worlds([member for member in waiting if member.device == device], batch_log)
            for group in group_cases(made, study.launcher.jobs):
                _run_group(group, batch_log)


def group_cases(members: Iterable[Member], most: int) -> list[list[Member]]:
    """Put cases that can be worlds of one simulation together, those of like time steps, `most` at once."""
    alike: dict[str, list[Member]] = {}
    for member in members:
        alike.setdefault(member.shared(), []).append(member)
    groups = []
    for found in alike.values():
        left = sorted(found, key=lambda member: member.time_step)
        while left:
            longest = MOST_TIME_STEP_RATIO * left[0].time_step
            count = sum(member.time_step <= longest for member in left[:most])
            groups.append(left[:count])
            left = left[count:]
    return groups


def _plan(study: Study) -> list[Member]:
    if study.launcher.timeout is not None:
        raise ConfigError(
            f"launcher.timeout is {study.launcher.timeout:g} s, must be null with launcher=batch, whose cases are "
            "stepped together; drop it, or use launcher=process"
        )
    members = []
    for case in study.cases:
        config = build_config(compose_config(case.overrides), case.overrides)
        if study.launcher.threads:
            config.device = replace(config.device, threads=study.launcher.threads)
        members.append(Member(case, config))
    return members


def _claim(member: Member, locks: ExitStack, batch_log: "_BatchLog") -> bool:
    """Lock a case's folder for this process, and make it ready; whether there is something to run."""
    case, folder = member.case, member.case.folder
    locks.enter_context(locked(case, threading.Event()))
    if is_done(case):
        batch_log.note(Outcome(case, "skipped"))
        return False
    if (folder / RESULT_FILE).exists():  # of another config, as is what else lies there
        (folder / CHECKPOINT_FILE).unlink(missing_ok=True)
    for name in (RESULT_FILE, OUTCOME_FILE):
        (folder / name).unlink(missing_ok=True)
    record_config(compose_config(case.overrides), case.overrides, folder)
    return True


def _make_worlds(members: Sequence[Member], batch_log: "_BatchLog") -> list[Member]:
    """Make beds and models, in a session of their own, which frees what making them took; those that could be made."""
    expected = [member.config.scenario.expected_grains(member.config) for member in members]
    grains = None if None in expected else max(expected)  # beds are made one after another
    with dem.start(*members[0].device, grains):
        return [member for member in members if _make_world(member, batch_log)]


def _make_world(member: Member, batch_log: "_BatchLog") -> bool:
    config = member.config
    with batch_log.running([member]):
        try:
            member.experiment = scenario_experiment(config.scenario.name)(config)
            solver = config.solver
            member.time_step = min(
                choose_time_step(model, solver.time_step, solver.time_step_fraction)
                for model in member.experiment.first_models()
            )
        except Exception as error:
            batch_log.end(member, error)
            return False
    member.saved = saved_at(member.case.folder, member.experiment)
    return True


def _run_group(group: Sequence[Member], batch_log: "_BatchLog") -> None:
    time_step = group[0].saved[0] if group[0].saved else group[0].time_step
    experiments, folders = [member.experiment for member in group], [member.case.folder for member in group]
    models = [model for experiment in experiments for model in experiment.first_models()]
    with batch_log.running(group):
        try:
            with dem.start(*group[0].device, sum(model.particle_count for model in models)):
                log.info("worlds side by side: %d, time step %.4g s", len(group), time_step)
                run_experiments(
                    experiments, folders, lambda world, ended: batch_log.end(group[world], ended), time_step
                )
        except Exception as error:  # of the whole, such as no memory left
            for member in group:
                batch_log.end(member, error)
    for member in group:
        member.experiment = None
        if member.config.output.render and (member.case.folder / RESULT_FILE).exists():
            _render(member)


def _render(member: Member) -> None:
    try:
        importlib.import_module("dem.viz.render").render(member.case.folder / RESULTS_FILE)
    except Exception as error:  # a machine that cannot still keeps its run
        log.warning("%s is complete, but not its pictures (%s); see drawbar render --help", member.case.name, error)


def is_of(record: logging.LogRecord, number: int, member: Member) -> bool:
    """Whether what is logged concerns a case: that experiment, one of its worlds, or all.

    Args:
        record: of the log.
        number: of the case's experiment among those that run together.
        member: the case; until it has its experiment it runs alone, and all is its own.
    """
    if hasattr(record, "experiment"):
        return record.experiment == number
    if hasattr(record, "world") and member.experiment is not None:
        return record.world in member.experiment.worlds
    return True


class _BatchLog:
    """Keeps the logs of the cases that run, records how each ended, and marks those that were stopped."""

    def __init__(self, study: Study, report: Report) -> None:
        self.study, self.report = study, report
        self._handlers: dict[str, logging.Handler] = {}

    def __enter__(self) -> "_BatchLog":
        self._level = logging.getLogger().level
        logging.getLogger().setLevel(logging.INFO)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().setLevel(self._level)

    @contextmanager
    def running(self, members: Sequence[Member]) -> Iterator[None]:
        """Log to the files of cases that run now; what is of one case goes to that one's."""
        for number, member in enumerate(members):
            self._open_log(member, number)
            self.study.running[member.case.name] = time.monotonic()
        try:
            yield
        except BaseException:
            for member in members:
                if started := self._leave(member.case):
                    Outcome(member.case, "stopped", time.monotonic() - started).write()
            raise
        finally:
            for member in members:
                self._leave(member.case)

    def end(self, member: Member, ended: Ended) -> None:
        """Keep a case's result, or say why there is none; nothing if it had ended."""
        case = member.case
        if case.name not in self.study.running:
            return
        if isinstance(ended, Exception):
            outcome = Outcome(case, "failed", message=self._explain(case, ended))
        else:
            write_result(case.folder, ended)
            (case.folder / CHECKPOINT_FILE).unlink(missing_ok=True)
            outcome = Outcome(case, "done")
        outcome.seconds = time.monotonic() - self._leave(case)
        self.note(outcome)

    def note(self, outcome: Outcome) -> None:
        """Leave in the case's folder how it ended, and report it."""
        outcome.write()
        self.report(outcome)

    def _explain(self, case: Case, error: Exception) -> str:
        sentence, trace = str(error), None
        if not isinstance(error, DemError):
            cause, trace = (sentence.splitlines() or [""])[0], (type(error), error, error.__traceback__)
            log_file = case.folder / LOG_FILE
            sentence = f"unexpected {type(error).__name__} ({cause}); the traceback is in {log_file}, please report it"
        record = log.makeRecord(log.name, logging.ERROR, __file__, 0, sentence, (), trace)
        self._handlers[case.name].emit(record)
        return sentence

    def _open_log(self, member: Member, number: int) -> None:
        case = member.case
        handler = logging.FileHandler(case.folder / LOG_FILE)
        handler.setFormatter(logging.Formatter(LOG_FORMAT))
        handler.addFilter(lambda record: is_of(record, number, member))
        logging.getLogger().addHandler(handler)
        self._handlers[case.name] = handler

    def _leave(self, case: Case) -> float:
        """Close a case's log; return when it was begun [s], or 0 if it had been closed."""
        if handler := self._handlers.pop(case.name, None):
            logging.getLogger().removeHandler(handler)
            handler.close()
        return self.study.running.pop(case.name, 0.0)
