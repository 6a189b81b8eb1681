"""Energy that grows without work: what a wrong law, or a step too long for a right one, makes out of nothing.

A balance that does not close, and contacts that give more than they took, are both a gain that nobody paid for. It is
held against all that was turned over: a sound run gains less than 1e-4 of that, one that boils most of it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

from dem.diagnostics.energy import DISSIPATIONS, EnergyBalance
from dem.diagnostics.worst_particle import describe_worst
from dem.errors import Fault

MAX_GAIN = 0.05  # of the energy turned over; wheels on sand stay below 2e-5
WATCH_EVERY = 2000  # steps between two checks: an energy balance takes as long as some steps
AT_REST = 1e-3  # of the gravitational energy: what a bed at rest is taken to have turned over, which is rounding
REASON = (
    "energy grows that nobody put in: {gain:.3g} J, {share:.2g} of all turned over, more than solver.max_energy_gain, "
    "{limit:g}; lower solver.time_step_fraction (or solver.time_step), or see whether the contact law gives energy"
)


class EnergyWatch:
    """Checks the energy balance of all worlds.

    Args:
        balances: of each world; empty where none are kept, and nothing is watched.
        limit: gain over all that was turned over [-], beyond which a world is at fault.

    Attributes:
        due_step: of the next check.
    """

    def __init__(self, balances: Sequence[EnergyBalance], limit: float) -> None:
        self.balances, self.limit = balances, limit
        self.due_step = 0

    def inspect(self, step_count: int, worlds: Iterable[int]) -> dict[int, str]:
        """Why worlds are at fault, in words; empty if all balances close."""
        self.due_step = step_count + WATCH_EVERY
        found = {}
        for world in worlds if self.balances else ():
            gain, share = energy_gain(self.balances[world].measure())
            if share > self.limit and math.isfinite(gain):  # a number that is none is a fault of its own
                worst = describe_worst(self.balances[world].state, world, Fault(0))
                found[world] = f"{REASON.format(gain=gain, share=share, limit=self.limit)}; {worst}"
        return found


def energy_gain(energies: Mapping[str, float]) -> tuple[float, float]:
    """What `Simulation.energy()` cannot explain [J], and over all that was turned over [-]; losses count as 0."""
    dissipated = [energies[name] for name in DISSIPATIONS]
    gain = max(energies["balance_error"] - sum(min(value, 0.0) for value in dissipated), 0.0)
    turned = sum(map(abs, dissipated)) + sum(energies[name] for name in ("kinetic", "elastic"))
    turned += sum(abs(energies[name]) for name in ("body_work", "gravity_work"))
    turned += AT_REST * abs(energies["gravitational"])
    return gain, gain / turned if gain else 0.0
