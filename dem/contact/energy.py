"""Where the energy of a scene is, and where it went: sums in the precision of positions and in a fixed order.

They are taken on the host where it has the fields in its memory, else on the device: grains are not copied for them.

    kinetic + gravitational + elastic + dissipated = at the start + work of bodies + work of gravity that changes

The system is the free grains and their contacts. Bodies, and grains that are held, stand outside: what they give to it
through contacts is `body_work`, whether they move as commanded or freely. Gravity has the potential -m g.x from the
origin; when g changes the potential does, and that is `gravity_work`. The balance closes up to the error of the time
integration.
"""

from typing import Any, Protocol

import numpy as np

from dem.contact.ledger import _flush_dissipation, _sum_held_energy
from dem.memory import is_in_place, read, write
from dem.neighbors.grid import CellGrid
from dem.records import ACCOUNT_STORED
from dem.state import State
from dem.worlds import Worlds

DISSIPATED = ("dissipated_normal", "dissipated_sliding", "dissipated_rolling", "dissipated_twisting")


class Holder(Protocol):
    """Whatever has the state, and the grid with the domain's periods."""

    state: State
    grid: CellGrid


def open_balances(worlds: Worlds, holder: Any, gravity: np.ndarray) -> list["EnergyBalance"]:
    """Energy balance of every world under gravity (W, 3) [m/s2] from now on, none where the state keeps no accounts.

    `holder` is a solver's Stage.
    """
    if not holder.state.tracks_energy:
        return []
    holder.state.clear_energy()
    period = read(holder.grid.period)
    return [EnergyBalance(worlds, world, holder, own, period) for world, own in enumerate(gravity)]


class EnergyBalance:
    """Books of one world, opened under gravity (3,) [m/s2]; the state's own sums must have been cleared.

    `holder.state` is the state, which may be replaced by a larger one.
    """

    def __init__(self, worlds: Worlds, world: int, holder: Holder, gravity: np.ndarray, period: np.ndarray) -> None:
        self.holder, self.world = holder, world
        self.grains, self.bodies = worlds.particles(world), worlds.bodies(world)
        self.period = np.where(np.isfinite(period), period, 0.0)
        particles = worlds.models[world].particles
        self.free = ~particles["fixed"]
        self.mass = particles["mass"] * self.free  # [kg], 0 for what is held
        self.inertia = 0.4 * self.mass * particles["radius"] ** 2
        self.gravity = np.array(gravity, float)
        self.gravity_work = 0.0
        self.start = self._held()
        self.initial = sum(self.start.values())

    @property
    def state(self) -> State:
        """The state whose books these are."""
        return self.holder.state

    def change_gravity(self, gravity: np.ndarray) -> None:
        """Book the work of a change of gravity to (3,) [m/s2]."""
        if not np.array_equal(gravity, self.gravity):
            self.gravity_work -= float((gravity - self.gravity) @ self._first_moment())
            self.gravity = np.array(gravity, float)

    def measure(self) -> dict[str, float]:
        """Energies [J] by name, see `Simulation.energy`."""
        _flush_dissipation(self.state)
        totals = self._totals()
        work = float(totals["body_work"].sum() + totals["fixed_work"].sum())
        found = self._held() | dict(zip(DISSIPATED, map(float, totals["dissipated"]), strict=True))
        balance = sum(found.values()) - self.initial - work - self.gravity_work
        return found | {"body_work": work, "gravity_work": self.gravity_work, "balance_error": balance}

    def pack(self) -> dict[str, np.ndarray]:
        """The books, for a checkpoint."""
        _flush_dissipation(self.state)
        scalars = {"gravity_work": self.gravity_work, "initial": self.initial, "gravity": self.gravity}
        return self._totals() | {name: np.asarray(value) for name, value in scalars.items()}

    def unpack(self, arrays: dict[str, np.ndarray]) -> None:
        """Go on with packed books."""
        for name, (field, part) in self._parts().items():
            write(field, arrays[name], part)
        self.gravity_work, self.initial = float(arrays["gravity_work"]), float(arrays["initial"])
        self.gravity = arrays["gravity"]

    def _parts(self) -> dict:
        """The device's sums, and where this world's stand in them."""
        state = self.state
        return {
            "dissipated": (state.dissipated, self.world),
            "fixed_work": (state.fixed_work, self.grains),
            "body_work": (state.bodies.work, self.bodies),
        }

    def _totals(self) -> dict[str, np.ndarray]:
        return {name: read(field, part) for name, (field, part) in self._parts().items()}

    def _held(self) -> dict[str, float]:
        if is_in_place():
            (kinetic, stored), moment = self._sum_on_host(), self._first_moment()
        else:
            sums = self._sum_on_device()
            (kinetic, stored), moment = sums[:2], sums[2:]
        gravitational = -float(self.gravity @ moment)
        return {"kinetic": float(kinetic), "gravitational": gravitational, "elastic": float(stored)}

    def _sum_on_host(self) -> tuple[float, float]:
        """Kinetic energy of the grains, and what contacts store [J]."""
        velocity, spin = self._by_id("velocity"), self._by_id("angular_velocity")
        kinetic = 0.5 * (self.mass @ (velocity**2).sum(axis=1) + self.inertia @ (spin**2).sum(axis=1))
        contacts: Any = self.state.contacts  # what they remember depends on the laws
        stored = read(contacts.account, self.state.contacts_of(self.grains))[:, :ACCOUNT_STORED]
        return kinetic, stored.sum(dtype=float)

    def _sum_on_device(self) -> np.ndarray:
        """The same, and the first moment of mass, (5,)."""
        _sum_held_energy(self.state, self.holder.grid)
        return read(self.state.held, self.world).astype(float)

    def _first_moment(self) -> np.ndarray:
        """Sum of mass times position (3,) [kg m], periodic faces unrolled."""
        if not is_in_place():
            return self._sum_on_device()[2:]
        return self.mass @ (self._by_id("position") + self._by_id("image") * self.period)

    def _by_id(self, name: str) -> np.ndarray:
        slots = read(self.state.slot_of_id, self.grains)
        return read(getattr(self.state.particles, name), slots).astype(float)
