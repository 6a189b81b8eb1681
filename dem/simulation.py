"""The loop: steps, triggers, faults. One `Simulation` owns the device arrays of one model."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dem import backend, solver
from dem.checkpoint import fingerprint, pack_state, unpack_state
from dem.contact.energy import EnergyBalance
from dem.contact.health import Health
from dem.contact.laws import Laws
from dem.errors import ConfigError, Fault, NumericalError, StateError
from dem.integrate import _command_body
from dem.io import load_checkpoint, save_checkpoint
from dem.model import Model, Motion, Tables
from dem.neighbors.grid import CellGrid
from dem.state import State

log = logging.getLogger(__name__)

CONTACTS_PER_PARTICLE = 9  # candidates: half of about 15 neighbours within 1.1 diameters, and some features
LONGEST_LOOKAHEAD = 4  # steps between two looks at whether neighbours are stale
BOOKS = "books/"  # prefix of the energy books in a checkpoint
INSPECT_EVERY = 200  # steps between two looks at the fault bits


@dataclass
class Trigger:
    """Calls `action(simulation)` every `interval` seconds of simulated time, and once where it starts."""

    interval: float
    action: Callable[["Simulation"], None]
    due_step: int = 0


class Simulation:
    """Steps a model.

    Args:
        model: from `ModelBuilder.finalize()`.
        time_step: [s], or "auto": 0.2 of the shortest time scale.
        time_step_fraction: that 0.2.
        max_overlap: of the smaller radius; beyond it the run stops.
        skin: reach [m] of the neighbour list beyond contact; a tenth of the mean diameter if None.
        track_energy: keep the books that `energy()` reads; costs some speed and memory.
    """

    def __init__(
        self,
        model: Model,
        time_step: float | str = "auto",
        time_step_fraction: float = solver.AUTO_FRACTION,
        max_overlap: float = 0.10,
        skin: float | None = None,
        track_energy: bool = False,
    ) -> None:
        backend.current()
        self.model = model
        self.time_step = solver.choose_time_step(model, time_step, time_step_fraction)
        self.skin = skin if skin is not None else _default_skin(model)
        self.tables = Tables(model, Laws(model.contact, model))
        self.state = State(model, _contact_capacity(model), track_energy)
        self.grid = CellGrid(model, self.skin + model.contact.reach(model))
        self.health = Health()
        self.on_progress: Callable[[], None] | None = None  # called now and then while running
        self._begin(max_overlap)

    def load(
        self,
        model: Model,
        time_step: float | str = "auto",
        time_step_fraction: float = solver.AUTO_FRACTION,
        max_overlap: float = 0.10,
        skin: float | None = None,
    ) -> None:
        """Start over with another model of the same make-up, arguments as for a new simulation; nothing is compiled.

        Raises:
            StateError: the model differs in its laws or its numbers of grains, bodies, shapes or materials, or needs
                more room than the first had.
        """
        if make_up(model) != make_up(self.model):
            raise StateError("load got a model of another make-up; build a new Simulation for it")
        time_step = solver.choose_time_step(model, time_step, time_step_fraction)
        skin = skin if skin is not None else _default_skin(model)
        if _contact_capacity(model) > self.state.contacts.capacity or not self.grid.fill(
            model, skin + model.contact.reach(model)
        ):
            raise StateError("load got a model that needs more room than the first had; build a new Simulation for it")
        self.model, self.time_step, self.skin = model, time_step, skin
        self.tables.fill(model)
        self.state.fill(model)
        self._begin(max_overlap)

    def _begin(self, max_overlap: float) -> None:
        self.motions = [body.motion for body in self.model.bodies]
        self.triggers: list[Trigger] = []
        self.step_count = 0
        self._steps_since_search = 0
        self.state.time_step[None] = self.time_step
        self.state.half_skin[None] = 0.5 * self.skin
        self.state.overlap_limit[None] = max_overlap
        self.max_overlap = max_overlap
        solver.prepare(self.tables, self.state, self.grid)
        self._open_balance()
        self.check_faults()

    @property
    def time(self) -> float:
        """Simulated time [s]."""
        return self.step_count * self.time_step

    def run(self, duration: float) -> None:
        """Simulate `duration` seconds, rounded to whole steps.

        while time < end:
            commands -> bodies and grains kick half and drift -> neighbours if stale
            -> contacts (grain-grain, grain-shape) -> wrenches on bodies, forces on grains, other half kick
            -> time += time_step -> triggers that fire read the state -> faults become errors

        Raises:
            NumericalError: a grain lost, a value not finite, an overlap too large, a full list.
        """
        if not duration >= 0:
            raise ConfigError(f"run got duration {duration}, must be 0 s or more; give the seconds to simulate")
        end = self.step_count + round(duration / self.time_step)
        self._fire_triggers()
        while self.step_count < end:
            self._step_to(min([end, self.step_count + INSPECT_EVERY, *(trigger.due_step for trigger in self.triggers)]))
            self.check_faults()
            self._fire_triggers()
            if self.on_progress:
                self.on_progress()

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

    def set_motion(self, body: int, motion: Motion) -> None:
        """Change how a body moves from now on."""
        self.motions[body] = motion
        self._command_body(body)

    def set_gravity(self, gravity: Sequence[float] | Callable) -> None:
        """Change gravity [m/s2] from now on: a vector (3,), or a function of time [s]."""
        self.model.gravity = gravity
        self._apply_gravity()

    def energy(self) -> dict[str, float]:
        """Energies of the free grains and their contacts [J]; what is dissipated and done counts from the start.

        Returns:
            kinetic, gravitational (-m g.x from the origin) and elastic, as they are; dissipated_normal,
            dissipated_sliding, dissipated_rolling and dissipated_twisting; body_work, done on the grains by bodies and
            by held grains, and gravity_work, by gravity as it changed; balance_error, what all of these leave
            unexplained.

        Raises:
            StateError: the simulation was not built with track_energy.
        """
        if self._balance is None:
            raise StateError("energy() needs the books; build the Simulation with track_energy=True")
        return self._balance.measure()

    def take_impulses(self) -> np.ndarray:
        """Impulse of the soil on each body since last taken, (B, 6) [N s, N m s]; over the time, the mean wrench."""
        impulse = self.state.bodies.impulse.to_numpy()
        self.state.bodies.impulse.fill(0.0)
        return impulse

    def save(self, path: str | Path) -> None:
        """Write a checkpoint: `restore` goes on from it bit for bit, in mid-contact too."""
        save_checkpoint(path, *self.pack())

    def restore(self, path: str | Path) -> None:
        """Go back to a checkpoint of the same model; motions, gravity and triggers stay as they are set now.

        Raises:
            ResultsError: the file is missing, torn or foreign.
            StateError: it was saved from another model or with another time step.
        """
        self.unpack(*load_checkpoint(path))

    def pack(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """What a checkpoint holds, arrays and numbers, for one that holds more than the simulation."""
        meta = {"step_count": self.step_count, "time_step": self.time_step, "model": fingerprint(self.model.particles)}
        books = self._balance.pack() if self._balance is not None else {}
        return pack_state(self.state) | {f"{BOOKS}{name}": values for name, values in books.items()}, meta

    def unpack(self, arrays: dict[str, np.ndarray], meta: dict[str, Any]) -> None:
        """Go back to what `pack` gave, as `restore` does; what else was put beside it is ignored.

        Raises:
            StateError: it was packed from another model or with another time step; nothing has changed.
        """
        if meta["model"] != fingerprint(self.model.particles) or meta["time_step"] != self.time_step:
            raise StateError(
                "the checkpoint was saved from another model or time step; build the simulation it was saved from"
            )
        unpack_state(self.state, arrays)
        self.step_count, self._steps_since_search = meta["step_count"], 0
        solver.search(self.tables, self.state, self.grid)
        self._open_balance()
        if self._balance is not None:
            self._balance.unpack({name.removeprefix(BOOKS): arrays[name] for name in arrays if name.startswith(BOOKS)})
        self.check_faults()

    def check_faults(self) -> None:
        """Raise what the kernels found, and bring `largest_overlap` and `largest_speed` up to date."""
        self.largest_overlap, self.largest_speed = self.health.inspect(self.state)
        fault = Fault(self.state.fault[None])
        if fault:
            raise NumericalError(self._explain(fault))

    def _step_to(self, end: int) -> None:
        varying = [index for index, motion in enumerate(self.motions) if motion.varies]
        while self.step_count < end:
            self._command(varying)
            interval = min(max(self._steps_since_search // 8, 1), LONGEST_LOOKAHEAD)
            lookahead = interval if self.step_count % interval == 0 else 0
            searched = solver.step(self.tables, self.state, self.grid, lookahead)
            self._steps_since_search = 0 if searched else self._steps_since_search + 1
            self.step_count += 1

    def _command(self, varying: list[int]) -> None:
        for index in varying:
            self._command_body(index)
        if callable(self.model.gravity):
            self._apply_gravity()

    def _command_body(self, body: int) -> None:
        flags, velocities, loads = self.motions[body].at(self.time)
        _command_body(self.state, body, flags, np.stack([velocities, loads]))

    def _apply_gravity(self) -> None:
        gravity = self.model.gravity_at(self.time)
        self.tables.set_gravity(gravity)
        if self._balance is not None:
            self._balance.change_gravity(gravity)

    def _open_balance(self) -> None:
        self._balance = None
        if self.state.tracks_energy:
            period = self.grid.period.to_numpy()
            self._balance = EnergyBalance(self.model, self.state, self.model.gravity_at(self.time), period)

    def _fire_triggers(self) -> None:
        for trigger in [trigger for trigger in self.triggers if trigger.due_step <= self.step_count]:
            trigger.due_step = self.step_count + max(round(trigger.interval / self.time_step), 1)
            trigger.action(self)

    def _explain(self, fault: Fault) -> str:
        reasons = {
            Fault.NOT_FINITE: "a position or velocity is no longer a number; lower solver.time_step",
            Fault.OUT_OF_DOMAIN: "a grain left the domain through a face that is not periodic; widen it or add a wall",
            Fault.LARGE_OVERLAP: f"grains overlap by more than solver.max_overlap, {self.max_overlap:g} of the radius "
            f"(now {self.largest_overlap:.3g}); raise young_modulus, or solver.max_overlap if you mean it",
            Fault.NEIGHBOR_OVERFLOW: "the list of neighbours is full; make grain sizes more alike or lower solver.skin",
            Fault.STALE_NEIGHBORS: "a grain outran the neighbour search; raise solver.skin or lower solver.time_step",
        }
        said = " and ".join(text for bit, text in reasons.items() if bit in fault)
        return f"stopped at {self.time:.6g} s: {said}"


def _contact_capacity(model: Model) -> int:
    feature_count = sum(entry.shape.feature_count for entry in model.shapes)
    return CONTACTS_PER_PARTICLE * model.particle_count + 32 * feature_count + 64


def make_up(model: Model) -> tuple:
    """What a model must share with another to be loaded in its place: its counts, and what is built in of its laws."""
    counts = model.particle_count, len(model.bodies), len(model.shapes), len(model.materials)
    return (*counts, model.contact.built_in)


def _default_skin(model: Model) -> float:
    radius = model.particles["radius"]
    return 0.2 * float(radius.mean()) if len(radius) else 1.0
