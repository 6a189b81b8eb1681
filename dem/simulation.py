"""The loop: steps, triggers, faults. One `Simulation` owns the device arrays of one world, or of a batch of them."""

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dem import backend, solver
from dem.checkpoint import fingerprint, pack_balances, pack_state, unpack_balances, unpack_state
from dem.diagnostics.energy import open_balances
from dem.diagnostics.energy_watch import MAX_GAIN, EnergyWatch
from dem.diagnostics.health import Failure, Health, explain_failures, explain_faults
from dem.errors import ConfigError, NumericalError, StateError
from dem.io import load_checkpoint, save_checkpoint
from dem.memory import write
from dem.memory_estimate import require_memory
from dem.model import Gravity, Model, Motion, gravity_at
from dem.readings import Readings
from dem.recording import Trigger
from dem.time_step import AUTO_FRACTION, choose_time_step
from dem.worlds import Worlds

log = logging.getLogger(__name__)

GPU_SKIN = 1.5  # times the skin of a CPU: a search has four times the launches of a step, and the host waits for it
INSPECT_EVERY = 200  # steps between two checks of the fault bits


class Simulation(Readings):
    """Steps a model, or a batch of them at once.

    Args:
        model: from `ModelBuilder.finalize()`; or several, each a world of its own with the same contact laws, domain
            and periodic axes. Worlds never touch, and each moves as it would alone at the same time step, bit for bit.
            The attribute `model` is then all grains, bodies and shapes, one world after another.
        time_step: [s], or "auto": 0.2 of the shortest time scale of any world.
        time_step_fraction: that 0.2.
        max_overlap: of the smaller radius; beyond it the run stops.
        skin: reach [m] of the neighbour list beyond contact; a tenth of the mean diameter if None, half as much again
            on a GPU, where a search costs more steps. No result depends on it.
        track_energy: keep the energy balance that `energy()` reads; costs some speed and memory.
        max_energy_gain: energy that nobody put in, over all turned over [-]; beyond it the run stops, if the balance is
            kept.

    Attributes:
        gravity: of each world, a vector (3,) [m/s2] or a function of time [s] that gives it; `set_gravity` changes it.
        failures: when and why, of each world of a batch that failed. It stays as it was, without contacts; the others
            go on, bit for bit as without it.
        retired: worlds of a batch that `retire` ended; they stay as they were, too.
    """

    @backend.device_errors()
    def __init__(
        self,
        model: Model | Sequence[Model],
        time_step: float | str = "auto",
        time_step_fraction: float = AUTO_FRACTION,
        max_overlap: float = 0.10,
        skin: float | None = None,
        track_energy: bool = False,
        max_energy_gain: float = MAX_GAIN,
    ) -> None:
        backend.current()
        self.worlds = Worlds(model)
        self.time_step = self.worlds.least(lambda own: choose_time_step(own, time_step, time_step_fraction))
        self.skin = skin if skin is not None else _default_skin(self.worlds)
        require_memory(self.worlds, self.skin, track_energy)
        self.context = solver.DeviceContext(self.worlds, self.skin, track_energy)
        self.health = Health(self.state)
        self.on_progress: Callable[[], None] | None = None  # called now and then while running
        self._begin(max_overlap, max_energy_gain)

    @backend.device_errors()
    def load(
        self,
        model: Model | Sequence[Model],
        time_step: float | str = "auto",
        time_step_fraction: float = AUTO_FRACTION,
        max_overlap: float = 0.10,
        skin: float | None = None,
        max_energy_gain: float = MAX_GAIN,
    ) -> None:
        """Start over with as many models of the same compatibility signature, arguments as for a new simulation.

        Nothing is compiled.

        Raises:
            StateError: the model differs in its laws or its numbers of grains, bodies, shapes or materials, or needs
                more memory than the first had.
        """
        worlds = Worlds(model)
        if worlds.signature != self.worlds.signature:
            raise StateError("load got a model with another compatibility signature; build a new Simulation for it")
        chosen = worlds.least(lambda own: choose_time_step(own, time_step, time_step_fraction))
        skin = skin if skin is not None else _default_skin(worlds)
        if not self.context.load(worlds, skin):
            raise StateError("load got a model that needs larger arrays than the first; build a new Simulation for it")
        self.worlds, self.time_step, self.skin = worlds, chosen, skin
        self._begin(max_overlap, max_energy_gain)

    def _begin(self, max_overlap: float, max_energy_gain: float) -> None:
        self.model = self.worlds.union
        self.motions = [body.motion for body in self.model.bodies]
        self.gravity = [model.gravity for model in self.worlds.models]
        self.triggers: list[Trigger] = []
        self.failures: dict[int, Failure] = {}
        self.retired: set[int] = set()
        self._leaving: set[int] = set()  # frozen before the next step, so that triggers can read all of this one
        self.on_failure: Callable[[int], None] | None = None  # called with each world that fails, as it failed
        self.step_count, self._is_stopped = 0, False
        self._schedule = solver.NeighborCheckSchedule()
        write(self.state.time_step, self.time_step)
        write(self.state.half_skin, 0.5 * self.skin)
        write(self.state.overlap_limit, max_overlap)
        self.max_overlap, self.max_energy_gain = max_overlap, max_energy_gain
        gravity = self._gravity_now()
        self.context.tables.set_gravity(gravity)
        solver.prepare(self.context)
        self._balances = open_balances(self.worlds, self.context, gravity)
        self._watch = EnergyWatch(self._balances, max_energy_gain)
        self.check_faults()

    @property
    def time(self) -> float:
        """Simulated time [s]."""
        return self.step_count * self.time_step

    @backend.device_errors()
    def run(self, duration: float) -> None:
        """Simulate `duration` seconds, rounded to whole steps.

        while time < end:
            commands -> bodies and grains kick half and drift -> neighbours if stale
            -> contacts (grain-grain, grain-shape) -> wrenches on bodies, forces on grains, other half kick
            -> time += time_step -> triggers that fire read the state -> faults become errors

        Raises:
            NumericalError: a grain lost, a value not finite, an overlap too large, or energy out of nothing; in a
                batch, in the last world left.
            DeviceError: the device failed; the last checkpoint is what is left.
        """
        if not duration >= 0:
            raise ConfigError(f"run got duration {duration}, must be 0 s or more; give the seconds to simulate")
        end = self.step_count + round(duration / self.time_step)
        self._is_stopped = False
        self._fire_triggers()
        inspected = self.step_count
        while self.step_count < end and not self._is_stopped:
            self._step_to(min([end, inspected + INSPECT_EVERY, *(trigger.due_step for trigger in self.triggers)]))
            inspects = self.step_count >= min(end, inspected + INSPECT_EVERY) or any(
                trigger.checks_faults and trigger.due_step <= self.step_count for trigger in self.triggers
            )
            if inspects:
                inspected = self.step_count
                self.check_faults(with_energy=inspected >= self._watch.due_step)
            self._fire_triggers()
            if inspects and self.on_progress:
                self.on_progress()
        self._freeze_leaving()

    def stop(self) -> None:
        """End the `run` under way at this step; for triggers."""
        self._is_stopped = True

    def every(self, interval: float, action: Callable[["Simulation"], None]) -> Trigger:
        """Call `action(simulation)` every `interval` seconds from now on; returns the trigger, for `cancel`."""
        if not interval > 0:
            raise ConfigError(f"every got interval {interval}, must be above 0 s; give the seconds between calls")
        trigger = Trigger(interval, action, self.step_count)
        self.triggers.append(trigger)
        return trigger

    def cancel(self, trigger: Trigger) -> None:
        """Stop calling a trigger."""
        self.triggers.remove(trigger)

    def set_motion(self, body: int, motion: Motion, world: int = 0) -> None:
        """Change how a body of a world moves from now on."""
        self.set_motions({body: motion}, world)

    def set_motions(self, motions: Mapping[int, Motion], world: int = 0) -> None:
        """Change how several bodies of a world move from now on, in one launch."""
        numbers = {self.worlds.body(body, world): motion for body, motion in motions.items()}
        for number, motion in numbers.items():
            self.motions[number] = motion
        self._command(list(numbers))

    def retire(self, world: int) -> None:
        """End a world of a batch: nothing in it moves any more, its contacts are dropped, the others go on."""
        self.worlds.particles(world)  # complains if there is none
        self.retired.add(world)
        self._leaving.add(world)

    def set_gravity(self, gravity: Gravity, world: int = 0) -> None:
        """Change gravity [m/s2] of a world from now on: a vector (3,), or a function of time [s]."""
        self.worlds.particles(world)  # complains if there is none
        self.gravity[world] = gravity
        self._apply_gravity()

    def motion_of(self, body: int, world: int = 0) -> Motion:
        """How a body of a world moves now."""
        return self.motions[self.worlds.body(body, world)]

    def gravity_of(self, world: int = 0) -> Any:
        """Gravity of a world now: a vector (3,) [m/s2], or a function of time [s]."""
        return self.gravity[world]

    @backend.device_errors()
    def save(self, path: str | Path) -> None:
        """Write a checkpoint: `restore` goes on from it bit for bit, in mid-contact too."""
        save_checkpoint(path, *self.pack())

    @backend.device_errors()
    def restore(self, path: str | Path) -> None:
        """Go back to a checkpoint of the same model; motions, gravity and triggers stay as they are set now.

        Raises:
            ResultsError: the file is missing, torn or foreign.
            StateError: it was saved from another model or with another time step.
        """
        self.unpack(*load_checkpoint(path))

    @backend.device_errors()
    def pack(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """What a checkpoint holds, arrays and numbers, for one that holds more than the simulation."""
        meta = {"step_count": self.step_count, "time_step": self.time_step, "model": fingerprint(self.model.particles)}
        meta["failures"] = [(world, *failure) for world, failure in self.failures.items()]
        meta["retired"] = sorted(self.retired)
        return pack_state(self.state) | pack_balances(self._balances), meta

    @backend.device_errors()
    def unpack(self, arrays: dict[str, np.ndarray], meta: dict[str, Any]) -> None:
        """Go back to what `pack` gave, as `restore` does; what else was put beside it is ignored.

        Raises:
            StateError: it was packed from another model or with another time step; nothing has changed.
        """
        if meta["model"] != fingerprint(self.model.particles) or meta["time_step"] != self.time_step:
            raise StateError(
                "the checkpoint was saved from another model or time step; build the simulation it was saved from"
            )
        self.context.reserve_contacts(len(arrays["contacts/first"]))
        unpack_state(self.state, arrays)
        self.step_count, self._schedule = meta["step_count"], solver.NeighborCheckSchedule()
        self.failures = {world: Failure(*failure) for world, *failure in meta.get("failures", [])}
        self.retired = set(meta.get("retired", []))
        self._leaving = set()
        solver.freeze(self.context, [*self.failures, *self.retired])
        self._watch = EnergyWatch(self._balances, self.max_energy_gain)
        unpack_balances(self._balances, arrays)
        self.check_faults()

    def check_faults(self, with_energy: bool = True) -> None:
        """Act on what the kernels found, and bring `largest_overlaps` and `largest_speeds` up to date.

        Args:
            with_energy: check the energy balance too, where it is kept.

        Raises:
            NumericalError: the only world failed, or the last of a batch; others of it are frozen, see `failures`.
        """
        self.largest_overlaps, self.largest_speeds = self.health.inspect(self.state)
        found = self._watch.inspect(self.step_count, self.going) if with_energy else {}
        found |= explain_faults(self.state, self.largest_overlaps)
        if found := {world: reason for world, reason in found.items() if world in self.going}:
            self.fail(found)

    def fail(self, found: Mapping[int, str]) -> None:
        """Stop worlds, each for a reason; by `check_faults`, or by whoever finds that one cannot go on.

        Raises:
            NumericalError: the only world is among them, or the last of a batch.
        """
        for world, reason in found.items():
            self.failures[world] = Failure(self.time, reason)
            if self.on_failure:
                self.on_failure(world)
        if not self.going:
            raise NumericalError(explain_failures(self.failures, self.worlds))
        for world in found:
            said = explain_failures({world: self.failures[world]}, self.worlds)
            log.warning("%s; the other worlds go on", said, extra={"world": world})
        self._leaving.update(found)

    def _step_to(self, end: int) -> None:
        if self.step_count < end:
            self._freeze_leaving()
        parts = [self.worlds.bodies(world) for world in self.going]
        varying = [body for part in parts for body in range(part.start, part.stop) if self.motions[body].varies]
        ramped = any(callable(self.gravity[world]) for world in self.going)
        begin = self.step_count

        def command(step: int) -> None:
            self.step_count = begin + step
            if varying:
                self._command(varying)
            if ramped:
                self._apply_gravity()

        # The balance of a changing gravity reads the grains as they are at each change.
        run_ahead = 1 if ramped and self._balances else solver.RUN_AHEAD
        commands = command if varying or ramped else None
        run = solver.Run(self.context, self._schedule, end - begin, commands, run_ahead)
        try:
            run.go()
        finally:
            self.step_count = begin + run.step

    def _freeze_leaving(self) -> None:
        if self._leaving:
            solver.freeze(self.context, self._leaving)
            self._leaving = set()

    def _command(self, bodies: list[int]) -> None:
        solver.command(self.context, {body: self.motions[body] for body in bodies}, self.time)

    def _gravity_now(self) -> np.ndarray:
        """Gravity of each world at this time (W, 3) [m/s2]."""
        return np.array([gravity_at(own, self.time) for own in self.gravity])

    def _apply_gravity(self) -> None:
        gravity = self._gravity_now()
        self.context.tables.set_gravity(gravity)
        for balance, vector in zip(self._balances, gravity, strict=False):
            balance.change_gravity(vector)

    def _fire_triggers(self) -> None:
        for trigger in [trigger for trigger in self.triggers if trigger.due_step <= self.step_count]:
            trigger.due_step = self.step_count + max(round(trigger.interval / self.time_step), 1)
            trigger.action(self)


def _default_skin(worlds: Worlds) -> float:
    return worlds.default_skin * (1.0 if backend.current().on_cpu else GPU_SKIN)
