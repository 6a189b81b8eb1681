"""Where the energy of a scene is, and where it went: sums on the host, in 64 bits and in a fixed order.

    kinetic + gravitational + elastic + dissipated = at the start + work of bodies + work of gravity that changes

The system is the free grains and their contacts. Bodies, and grains that are held, stand outside: what they give to it
through contacts is `body_work`, whether they move as commanded or freely. Gravity has the potential -m g.x from the
origin; when g changes the potential does, and that is `gravity_work`. The balance closes up to the error of the time
integration.
"""

import numpy as np

from dem.contact.ledger import _flush_dissipation
from dem.model import Model
from dem.state import ACCOUNT_STORED, State

DISSIPATED = ("dissipated_normal", "dissipated_sliding", "dissipated_rolling", "dissipated_twisting")


class EnergyBalance:
    """Books of one simulation, kept from `begin` on."""

    def __init__(self, model: Model, state: State, gravity: np.ndarray, period: np.ndarray) -> None:
        self.state = state
        self.period = np.where(np.isfinite(period), period, 0.0)
        self.free = ~model.particles["fixed"]
        self.mass = model.particles["mass"] * self.free  # [kg], 0 for what is held
        self.inertia = 0.4 * self.mass * model.particles["radius"] ** 2
        self.gravity = np.asarray(gravity, float)
        self.gravity_work = 0.0
        state.clear_energy()
        self.start = self._held()
        self.initial = sum(self.start.values())

    def change_gravity(self, gravity: np.ndarray) -> None:
        """Book the work of a change of gravity to (3,) [m/s2]."""
        if not np.array_equal(gravity, self.gravity):
            self.gravity_work -= float((gravity - self.gravity) @ self._first_moment())
            self.gravity = np.array(gravity, float)

    def measure(self) -> dict[str, float]:
        """Energies [J] by name, see `Simulation.energy`."""
        _flush_dissipation(self.state)
        dissipated = self.state.dissipated.to_numpy()
        work = float(self.state.bodies.work.to_numpy().sum() + self.state.fixed_work.to_numpy().sum())
        found = self._held() | dict(zip(DISSIPATED, map(float, dissipated), strict=True))
        balance = sum(found.values()) - self.initial - work - self.gravity_work
        return found | {"body_work": work, "gravity_work": self.gravity_work, "balance_error": balance}

    def pack(self) -> dict[str, np.ndarray]:
        """The books, for a checkpoint."""
        _flush_dissipation(self.state)
        scalars = {"gravity_work": self.gravity_work, "initial": self.initial, "gravity": self.gravity}
        fields = {name: field.to_numpy() for name, field in self._totals().items()}
        return fields | {name: np.asarray(value) for name, value in scalars.items()}

    def unpack(self, arrays: dict[str, np.ndarray]) -> None:
        """Go on with packed books."""
        for name, field in self._totals().items():
            field.from_numpy(arrays[name])
        self.gravity_work, self.initial = float(arrays["gravity_work"]), float(arrays["initial"])
        self.gravity = arrays["gravity"]

    def _totals(self) -> dict:
        state = self.state
        return {"dissipated": state.dissipated, "fixed_work": state.fixed_work, "body_work": state.bodies.work}

    def _held(self) -> dict[str, float]:
        velocity, spin = self._by_id("velocity"), self._by_id("angular_velocity")
        kinetic = 0.5 * (self.mass @ (velocity**2).sum(axis=1) + self.inertia @ (spin**2).sum(axis=1))
        contacts = self.state.contacts
        stored = contacts.account.to_numpy()[: contacts.count[None], :ACCOUNT_STORED]
        return {
            "kinetic": float(kinetic),
            "gravitational": -float(self.gravity @ self._first_moment()),
            "elastic": float(stored.sum()),
        }

    def _first_moment(self) -> np.ndarray:
        """Sum of mass times position (3,) [kg m], periodic faces unrolled."""
        return self.mass @ (self._by_id("position") + self._by_id("image") * self.period)

    def _by_id(self, name: str) -> np.ndarray:
        count, slots = self.state.particle_count, self.state.slot_of_id.to_numpy()[: self.state.particle_count]
        return getattr(self.state.particles, name).to_numpy()[:count][slots].astype(float)
