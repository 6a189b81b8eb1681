"""Where the energy of a scene is, and where it went: sums in the precision of positions, in the order of grain ids.

They are taken on the host where it has the fields in its memory, else on the device: grains are not copied for them.
They follow from the state alone: each grain keeps what its contacts have dissipated and adds up what they store, in the
order of its row. So no bit depends on when energies were measured, neighbours searched, or checkpoints written.

    kinetic + gravitational + elastic + dissipated = at the start + work of bodies + work of gravity that changes

The system is the free grains and their contacts. Bodies, and grains that are held, stand outside: what they give to it
through contacts is `body_work`, whether they move as commanded or freely. Gravity has the potential -m g.x from the
origin; when g changes the potential does, and that is `gravity_work`. The balance closes up to the error of the time
integration.
"""

from typing import Any, NamedTuple, Protocol

import numpy as np

from dem.diagnostics.energy_sums import DISSIPATED, KINETIC, MOMENT, STORED, sum_energy
from dem.memory import is_in_place, read, write
from dem.neighbors.grid import CellGrid
from dem.records import ENERGY_KINDS
from dem.state import State
from dem.worlds import Worlds

DISSIPATIONS = ("dissipated_normal", "dissipated_sliding", "dissipated_rolling", "dissipated_twisting")


class Holder(Protocol):
    """Whatever has the state, and the grid with the domain's periods."""

    state: State
    grid: CellGrid


class EnergySums(NamedTuple):
    """Sums over the grains of a world.

    Attributes:
        kinetic: energy of the free grains [J]; stored: energy that contacts store [J].
        moment: mass times position of the free grains, periodic faces unrolled (3,) [kg m].
        dissipated: by contacts since the balance began: normal, sliding, rolling, twisting (4,) [J].
    """

    kinetic: float
    stored: float
    moment: np.ndarray
    dissipated: np.ndarray


def open_balances(worlds: Worlds, holder: Any, gravity: np.ndarray) -> list["EnergyBalance"]:
    """Energy balances of every world, begun under gravity (W, 3) [m/s2]; none where the state keeps no energies.

    `holder` is a solver's `DeviceContext`.
    """
    if not holder.state.tracks_energy:
        return []
    holder.state.clear_energy()
    period = read(holder.grid.period)
    return [EnergyBalance(worlds, world, holder, own, period) for world, own in enumerate(gravity)]


class EnergyBalance:
    """Energy balance of one world, begun under gravity (3,) [m/s2]; the state's own sums must have been cleared.

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
        self.initial = sum(self._held(self._sum()).values())

    @property
    def state(self) -> State:
        """The state whose energies these are."""
        return self.holder.state

    def change_gravity(self, gravity: np.ndarray) -> None:
        """Add the work of a change of gravity to (3,) [m/s2]."""
        if not np.array_equal(gravity, self.gravity):
            self.gravity_work -= float((gravity - self.gravity) @ self._sum_moment())
            self.gravity = np.array(gravity, float)

    def measure(self) -> dict[str, float]:
        """Energies [J] by name, see `Simulation.energy`."""
        sums, works = self._sum(), self._works()
        work = float(works["body_work"].sum() + works["fixed_work"].sum())
        found = self._held(sums) | dict(zip(DISSIPATIONS, map(float, sums.dissipated), strict=True))
        balance = sum(found.values()) - self.initial - work - self.gravity_work
        return found | {"body_work": work, "gravity_work": self.gravity_work, "balance_error": balance}

    def pack(self) -> dict[str, np.ndarray]:
        """The balance, for a checkpoint; what grains have dissipated goes with the grains."""
        scalars = {"gravity_work": self.gravity_work, "initial": self.initial, "gravity": self.gravity}
        return self._works() | {name: np.asarray(value) for name, value in scalars.items()}

    def unpack(self, arrays: dict[str, np.ndarray]) -> None:
        """Continue a packed balance."""
        for name, (field, part) in self._work_fields().items():
            write(field, arrays[name], part)
        self.gravity_work, self.initial = float(arrays["gravity_work"]), float(arrays["initial"])
        self.gravity = arrays["gravity"]

    def _work_fields(self) -> dict:
        """The device's sums of work, and where this world's stand in them."""
        state = self.state
        return {"fixed_work": (state.fixed_work, self.grains), "body_work": (state.bodies.work, self.bodies)}

    def _works(self) -> dict[str, np.ndarray]:
        return {name: read(field, part) for name, (field, part) in self._work_fields().items()}

    def _held(self, sums: EnergySums) -> dict[str, float]:
        """Energies that grains and contacts have now [J], by name."""
        gravitational = -float(self.gravity @ sums.moment)
        return {"kinetic": sums.kinetic, "gravitational": gravitational, "elastic": sums.stored}

    def _sum(self) -> EnergySums:
        if not is_in_place():
            sums = sum_energy(self.state, self.holder.grid, self.world)
            return EnergySums(float(sums[KINETIC]), float(sums[STORED]), sums[MOMENT:DISSIPATED], sums[DISSIPATED:])
        dissipated = self._by_id("dissipated").sum(axis=0)
        return EnergySums(self._sum_kinetic(), self._sum_stored(), self._sum_moment(), dissipated)

    # NumPy's products of matrices are left to a library whose sums depend on its number of threads, its sums are not.

    def _sum_kinetic(self) -> float:
        """Kinetic energy of the free grains [J]."""
        velocity, spin = self._by_id("velocity"), self._by_id("angular_velocity")
        moved = self.mass * (velocity**2).sum(axis=1) + self.inertia * (spin**2).sum(axis=1)
        return float(0.5 * moved.sum())

    def _sum_stored(self) -> float:
        """What contacts store [J]: of each grain's own in the order of its row, where zeros of others do no harm."""
        contacts: Any = self.state.contacts  # what they remember depends on the laws
        part, grains = self.state.contacts_of(self.grains), self.grains
        stored = read(contacts.energy_tally, part)[:, :ENERGY_KINDS].sum(axis=1, dtype=float)
        owner = read(contacts.first, part) - grains.start
        by_slot = np.bincount(owner, stored, grains.stop - grains.start)
        return float(by_slot[read(self.state.slot_of_id, grains) - grains.start].sum())

    def _sum_moment(self) -> np.ndarray:
        """Sum of mass times position (3,) [kg m], periodic faces unrolled."""
        if not is_in_place():
            return self._sum().moment
        place = self._by_id("position") + self._by_id("image") * self.period
        return (self.mass[:, None] * place).sum(axis=0)

    def _by_id(self, name: str) -> np.ndarray:
        slots = read(self.state.slot_of_id, self.grains)
        return read(getattr(self.state.particles, name), slots).astype(float)
