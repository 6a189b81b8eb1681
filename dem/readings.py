"""What can be read of a simulation between steps: copies, in the order in which things were added."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dem.diagnostics.energy import EnergyBalance
from dem.diagnostics.health import Failure
from dem.diagnostics.listing import read_contacts
from dem.diagnostics.loads import contact_pairs, particle_loads
from dem.errors import StateError
from dem.recording import FIELDS, Record
from dem.solver import DeviceContext
from dem.spec import GRAIN_ARRAYS
from dem.state import State
from dem.worlds import Worlds


class Readings:
    """The reading half of a `Simulation`, which steps what is read here.

    Attributes:
        worlds: that are stepped.
        context: their device arrays.
        failures, retired: worlds that go on no more.
        largest_overlaps: of each world, over the smaller radius [-], shape (W,), when faults were last checked.
        largest_speeds: of each world's grains [m/s], shape (W,), likewise.
    """

    worlds: Worlds
    context: DeviceContext
    failures: dict[int, Failure]
    retired: set[int]
    largest_overlaps: np.ndarray
    largest_speeds: np.ndarray
    _balances: list[EnergyBalance]

    @property
    def world_count(self) -> int:
        """Number of worlds."""
        return self.worlds.count

    @property
    def state(self) -> State:
        """Grains, bodies and contacts on the device; replaced by a larger one when the neighbour list is full."""
        return self.context.state

    @property
    def going(self) -> list[int]:
        """Worlds that neither failed nor were retired."""
        return [world for world in range(self.world_count) if world not in {*self.failures, *self.retired}]

    @property
    def largest_overlap(self) -> float:
        """Largest overlap in all worlds that go on, over the smaller radius [-]."""
        return float(self.largest_overlaps[self.going].max(initial=0.0))

    @property
    def largest_speed(self) -> float:
        """Largest speed of all grains in worlds that go on [m/s]."""
        return float(self.largest_speeds[self.going].max(initial=0.0))

    def record(
        self, interval: float | None = None, fields: Sequence[str] = FIELDS, particles: Any = None, world: int = 0
    ) -> Record:
        """Record trajectories into arrays, now and every `interval` seconds, every step if None; see `Record`.

        Args:
            interval: [s].
            fields: of grains as in a snapshot, and of bodies: `body_position` and so on.
            particles: ids of grains; all if None.
            world: whose.
        """
        return Record(self, interval, fields, particles, world)

    def snapshot(self, world: int = 0, names: Sequence[str] | None = None) -> dict[str, np.ndarray]:
        """Copies of a world's grains and bodies, or only of the arrays named, see `State.snapshot`.

        Named, there are also `contact_force` [N] (N,) and `stress` [Pa] (N, 6), see dem/diagnostics/loads.py.
        """
        kept = names if names is None else [name for name in names if name not in GRAIN_ARRAYS]
        found = self.state.snapshot(world, kept)
        if names is not None and len(kept or ()) < len(names):
            loads = particle_loads(self.context.tables, self.state, self.context.grid, world)
            found |= {name: loads[name] for name in names if name in loads}
        return found

    def contact_pairs(self, world: int = 0) -> dict[str, np.ndarray]:
        """A world's touching contacts in brief: ids `first` and `second` (-1 for a shape), `normal_force` [N], (C,)."""
        return contact_pairs(self.context.tables, self.state, self.context.grid, world)

    def contacts(self, world: int = 0) -> dict[str, np.ndarray]:
        """A world's touching contacts, (C,) or (C, 3), ordered by their first partner.

        Returns:
            first, second: ids of grains, shape and body: indices, each -1 where the partner is of the other kind; point
            [m]; normal, towards the first; depth [m] of the surfaces, below 0 in a neck; overlap [m], as the laws see
            it; force [N] on the first; torque_first, torque_second [N m], about the centre of each; and what the laws
            remember, by its name: tangential_displacement and rolling_displacement [m], twisting_angle [rad].
        """
        return read_contacts(self.context.tables, self.state, self.context.grid, world)

    def energy(self, world: int = 0) -> dict[str, float]:
        """Energies of a world's free grains and their contacts [J]; what is dissipated and done counts from the start.

        Returns:
            kinetic, gravitational (-m g.x from the origin) and elastic, as they are; dissipated_normal,
            dissipated_sliding, dissipated_rolling and dissipated_twisting; body_work, done on the grains by bodies and
            by held grains, and gravity_work, by gravity as it changed; balance_error, what all of these leave
            unexplained.

        Raises:
            StateError: the simulation was not built with track_energy.
        """
        if not self._balances:
            raise StateError("energy() needs the energy balance; build the Simulation with track_energy=True")
        self.worlds.particles(world)  # complains if there is none
        return self._balances[world].measure()

    def take_impulses(self, world: int = 0) -> np.ndarray:
        """Impulse of the soil on each body of a world since last taken, (B, 6) [N s, N m s]; over time, mean wrench."""
        return self.state.take_impulses(world)
