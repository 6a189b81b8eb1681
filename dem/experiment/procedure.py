"""One experiment on its way through stages and phases, with checkpoints from which a stopped run goes on bit for bit.

A checkpoint holds each world as if it had run alone, the experiment's rows and arrays, the phases done, where the phase
under way began, when its triggers are due and which commands hold, how much of the results file it goes with, and the
identity of the run. It lies in the run folder until the run has its result. `schedule.py` steps the worlds.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import dem
from dem.errors import ResultsError
from dem.experiment.experiment import Experiment
from dem.experiment.phases import Arrays, Phase, Stage, with_prefix, without_prefix
from dem.identity import Identity, differences
from dem.io import Written, load_checkpoint, save_checkpoint
from dem.model import Model, Motion
from dem.recording import Trigger
from dem.renamed import current_phase, current_values
from dem.run_files import CHECKPOINT_FILE, RESULTS_FILE

log = logging.getLogger(__name__)

FORMAT = 3  # of the checkpoint of an experiment
OWN = "experiment/"  # prefix of the experiment's own arrays

Packed = tuple[Arrays, dict[str, Any]]


class AnotherRunError(ResultsError):
    """A checkpoint is sound, but of a run with another identity."""


class Procedure:
    """Takes one experiment through its stages.

    Args:
        experiment: what is done.
        folder: of the run; None keeps no checkpoint.

    Attributes:
        stage_number: of the stage under way.
        phases: those done in it: name, start [s], end [s].
        end_step: of the phase under way, at the latest; is_over: whether it has ended.
        interval: between its samples [s], None without.
        on_error: told what went wrong when the experiment was sampled.
    """

    def __init__(self, experiment: Experiment, folder: Path | None) -> None:
        self.experiment, self.folder = experiment, folder
        self.stages = list(experiment.stages())
        self._identity = experiment.began_with
        self.stage_number, self.phases = 0, experiment.phases_done
        self.end_step, self.is_over = 0, True
        self.interval: float | None = None
        self.on_error: Callable[[Exception], None] | None = None
        self._before: list[Arrays] = []
        self._current: dict[str, Any] = {}
        self._resumed: dict[str, Any] = {}
        self._triggers: list[Trigger] = []
        self._is_open = False

    @property
    def path(self) -> Path | None:
        """Path of the checkpoint."""
        return self.folder / CHECKPOINT_FILE if self.folder else None

    @property
    def stage(self) -> Stage:
        """The stage that is under way."""
        return self.stages[self.stage_number]

    @property
    def is_last_stage(self) -> bool:
        """Whether a result follows it."""
        return self.stage_number == len(self.stages) - 1

    @property
    def phase_name(self) -> str:
        """Name of the phase under way."""
        return self._current["name"]

    def build(self) -> list[Model]:
        """The models of the stage."""
        return self.stage.build(self._before) if self.stage_number else self.experiment.first_models()

    def enter(self, simulation: dem.Simulation, worlds: range, thread: ThreadPoolExecutor) -> None:
        """Be worlds of a simulation for the stage, and open the results file if it is recorded."""
        self.simulation, self.worlds = simulation, worlds
        self.experiment.enter(simulation, worlds, self.stage)
        written = self._resumed.get("written")
        if self.stage.is_recorded and self.folder:
            self.experiment.recorder.open(self.folder / RESULTS_FILE, thread, Written(**written) if written else None)
            self._is_open = True

    # Checkpoints.

    def load(self) -> Packed:
        """Load the checkpoint.

        Raises:
            ResultsError: there is none, it is torn, or of another run.
        """
        return load_own(self.folder or Path(), self.experiment)

    def set_aside(self) -> None:
        """Keep what another run left here, as run.before.vtkhdf and checkpoint.before.h5: it may have taken hours."""
        folder = self.folder
        for path in [folder / name for name in (CHECKPOINT_FILE, RESULTS_FILE)] if folder else []:
            if path.exists():
                path.replace(path.with_stem(f"{path.stem}.before"))

    def return_to(self, packed: Packed) -> None:
        """Go to the stage of a checkpoint."""
        arrays, meta = packed
        self._resumed, self.stage_number = meta["run"], meta["run"]["stage"]
        self._before = [without_prefix(f"before/{world}/", arrays) for world in range(meta["run"]["world_count"])]
        self._own = without_prefix(OWN, arrays)
        self.experiment.unpack(self._own)

    def resume(self, packed: Packed) -> None:
        """Go to where a checkpoint is; the worlds are there already."""
        run = packed[1]["run"]
        self.experiment.unpack(self._own)
        self.phases[:] = [{**phase, "name": current_phase(phase["name"])} for phase in run["phases"]]
        before, now = run.get("device"), device_in_use()
        if before not in (None, now):
            log.warning("computed on %s so far, from here on %s: bits may differ from a run on one device", before, now)
        self._current = {**run["current"], "name": current_phase(run["current"]["name"])}

    def save(self, worlds: Sequence[Packed]) -> None:
        """Write a checkpoint, of what each world packed and of what is needed to go on."""
        if self.path is None:
            return
        arrays: Arrays = {}
        for number, (own, _) in enumerate(worlds):
            arrays |= with_prefix(f"worlds/{number}/", own)
        for number, own in enumerate(self._before):
            arrays |= with_prefix(f"before/{number}/", own)
        arrays |= with_prefix(OWN, self.experiment.pack())
        written = asdict(self.experiment.recorder.writer.sync()) if self._is_open else None
        due_steps = [trigger.due_step for trigger in self._triggers]
        run = {
            "format": FORMAT, "identity": self._identity, "stage": self.stage_number, "phases": self.phases,
            "current": {**self._current, "due_steps": due_steps, "commands": self._commands()},
            "written": written, "world_count": len(worlds), "device": device_in_use(),
        }  # fmt: skip
        meta = {name: worlds[0][1][name] for name in ("time_step", "step_count")}
        save_checkpoint(self.path, arrays, meta | {"worlds": [own for _, own in worlds], "run": run})

    # Phases.

    def begin_next(self) -> bool:
        """Begin the next phase of the stage, or the one a checkpoint was written in; whether one is left."""
        done = {phase["name"] for phase in self.phases}
        left = [phase for phase in self.stage.phases() if phase.name not in done]
        if left:
            self._begin(left[0])
        return bool(left)

    def end_phase(self) -> None:
        """The phase under way is over."""
        if self._phase.sample and self._phase.samples_at_end and self._sampled_step < self.simulation.step_count:
            self._phase.sample()
        self.close_phase()
        start = self._current["start_step"] * self.simulation.time_step
        self.phases.append({"name": self.phase_name, "start": start, "end": self.simulation.time})

    def begin_next_stage(self) -> None:
        """Carry grains and bodies over to the next stage."""
        self._before = [self.experiment.carried(number) for number in range(len(self.worlds))]
        self.stage_number += 1
        self.phases.clear()
        self._current, self._resumed = {}, {}

    def finish(self) -> Any:
        """The result; the results file is complete."""
        result = self.experiment.finish()
        self.close("complete")
        return result

    def close(self, status: str) -> None:
        """Stop sampling, and close the results file if it was opened."""
        self.close_phase()
        if self._is_open:
            self._is_open = False
            self.experiment.recorder.writer.close(status)

    def close_phase(self) -> None:
        """Cancel the triggers of the phase."""
        for trigger in self._triggers:
            self.simulation.cancel(trigger)
        self._triggers = []

    def _begin(self, phase: Phase) -> None:
        simulation, resumed = self.simulation, self._current if self._current.get("name") == phase.name else {}
        start_step = resumed.get("start_step", simulation.step_count)
        self.experiment.phase_start = start_step * simulation.time_step
        if not resumed:
            self.experiment.mark()
        phase.begin(self.experiment.phase_start)
        if resumed:
            self.experiment.unpack(self._own)
            self._repeat(resumed["commands"])
        duration = phase.duration()
        self.end_step = resumed.get("end_step", start_step + round(duration / simulation.time_step))
        self._current = {"name": phase.name, "start_step": start_step, "end_step": self.end_step}
        self._phase, self.is_over, self._sampled_step = phase, False, simulation.step_count
        self._add_triggers(phase, duration, resumed.get("due_steps", []))

    def _add_triggers(self, phase: Phase, duration: float, due_steps: list[int]) -> None:
        every, experiment = self.simulation.every, self.experiment
        is_sampled = phase.sample or phase.until
        self.interval = (phase.sampled_every() or experiment.sample_interval(duration)) if is_sampled else None
        if self.interval:
            trigger = every(self.interval, self._watched(self._sample))
            trigger.due_step = self.simulation.step_count + max(round(self.interval / self.simulation.time_step), 1)
            self._triggers.append(trigger)
        if self._is_open:
            self._triggers.append(every(experiment.frame_interval(duration), self._watched(experiment.recorder.frame)))
        for trigger, due_step in zip(self._triggers, due_steps, strict=False):
            trigger.due_step = due_step

    def _sample(self) -> None:
        self._sampled_step = self.simulation.step_count
        if self._phase.sample:
            self._phase.sample()
        if self._phase.until and self._phase.until():
            self.is_over = True
            self.simulation.stop()

    def _watched(self, action: Callable[[], None]) -> Callable[[dem.Simulation], None]:
        """An action that is no longer called once its phase is over, not even at the step at which it ended."""

        def call(simulation: dem.Simulation) -> None:
            if self._triggers:
                try:
                    action()
                except Exception as error:
                    if not self.on_error:
                        raise
                    self.on_error(error)

        return call

    def _commands(self) -> list[dict[str, Any]]:
        """Gravity and motions of each world that hold, None where they vary with time."""
        simulation, found = self.simulation, []
        for world in self.worlds:
            gravity = simulation.gravity_of(world)
            motions = [simulation.motion_of(body, world) for body in range(len(simulation.worlds.models[world].bodies))]
            found.append({
                "gravity": None if callable(gravity) else [float(value) for value in gravity],
                "motions": [None if motion.varies else [motion.prescribed, motion.applied] for motion in motions],
            })  # fmt: skip
        return found

    def _repeat(self, commands: Sequence[dict[str, Any]]) -> None:
        """Give commands that held when a checkpoint was written."""
        for world, own in zip(self.worlds, commands, strict=True):
            if own["gravity"] is not None:
                self.simulation.set_gravity(own["gravity"], world)
            motions = {body: Motion(*motion) for body, motion in enumerate(own["motions"]) if motion is not None}
            if motions:
                self.simulation.set_motions(motions, world)


def device_in_use() -> str:
    """Where the kernels run: cpu, cuda, vulkan or metal."""
    return dem.backend.current().device


def load_own(folder: Path, experiment: Experiment) -> Packed:
    """The checkpoint of a run folder.

    Raises:
        ResultsError: there is none, it is torn, or of another run.
    """
    return load_matching(folder / CHECKPOINT_FILE, experiment.began_with)


def load_matching(path: Path, own: Identity) -> Packed:
    """A checkpoint of a run with an identity.

    Raises:
        AnotherRunError: it is of a run with another identity.
        ResultsError: there is none, it is torn, or written by another version.
    """
    arrays, meta = load_checkpoint(path)
    run = meta.get("run", {})
    if run.get("format") != FORMAT:
        raise ResultsError(f"{path} was written by another version of drawbar, whose runs this one cannot go on with")
    if said := differences(current_values(run["identity"]), own):
        raise AnotherRunError(f"{path} is of another config: {said}")
    return arrays, meta


def worlds_of(packed: Packed) -> list[Packed]:
    """What each world of a checkpoint packed."""
    arrays, meta = packed
    return [(without_prefix(f"worlds/{number}/", arrays), own) for number, own in enumerate(meta["worlds"])]


def saved_at(folder: Path, experiment: Experiment) -> tuple[float, int, int] | None:
    """Time step [s], step and stage of the checkpoint of a run folder; None where there is none to go on from."""
    try:
        _, meta = load_own(folder, experiment)
    except ResultsError:
        return None
    return meta["time_step"], meta["step_count"], meta["run"]["stage"]
