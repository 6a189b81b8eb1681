"""The laws of a contact, composed: a normal, a tangential and a rolling part, each in its own file.

A part is a spec with `pair_numbers` (what it needs of a pair of materials), `members` (its table's columns), `derive`
(NumPy, one row of a pair) and a `@ti.func`. `Laws` builds each part's pair table, `Law.table[first, second]`; kernels are
compiled for the parts chosen, so switching laws costs no branch.
"""

from dataclasses import dataclass, field

import numpy as np

from dem.backend import record, ti
from dem.contact.hertz import Hertz
from dem.contact.mindlin import Mindlin
from dem.contact.pair import Pair, derive_pair
from dem.contact.rolling_spring import RollingSpring
from dem.model import Model


@dataclass(frozen=True)
class ContactLaws:
    """Which law each part of a contact follows.

    Attributes:
        normal: Hertz.
        tangential: Mindlin.
        rolling: RollingSpring, or None for none.
    """

    normal: Hertz = field(default_factory=Hertz)
    tangential: Mindlin = field(default_factory=Mindlin)
    rolling: RollingSpring | None = field(default_factory=RollingSpring)

    @property
    def parts(self) -> tuple:
        """The parts in force."""
        return tuple(part for part in (self.normal, self.tangential, self.rolling) if part is not None)

    @property
    def pair_numbers(self) -> set[str]:
        """Surface numbers that every pair in contact needs."""
        return {name for part in self.parts for name in part.pair_numbers}

    def pair(self, model: Model, first: int, second: int) -> Pair:
        """Effective properties of two of a model's materials; raises `ConfigError` for a missing number."""
        return derive_pair(model, first, second, self.pair_numbers)


@ti.data_oriented
class Law:
    """One part on the device: its spec's functions and its pair table."""

    def __init__(self, spec: object, material_count: int) -> None:
        self.spec = spec
        self.table = record(**dict.fromkeys(spec.members, float)).field(shape=(material_count, material_count))

    def fill(self, spec: object, pairs: dict[tuple[int, int], Pair]) -> None:
        """Write the rows of pairs of materials, as `spec` derives them."""
        columns = {name: np.zeros(self.table.shape) for name in spec.members}
        for (first, second), pair in pairs.items():
            for name, value in spec.derive(pair).items():
                columns[name][first, second] = columns[name][second, first] = value
        for name, values in columns.items():
            self.table.get_member_field(name).from_numpy(values)


@ti.data_oriented
class Laws:
    """The laws in force with their tables, as kernels see them."""

    def __init__(self, spec: ContactLaws, model: Model) -> None:
        self.Contact = record(
            overlap=float, previous_overlap=float, normal="vector", normal_velocity=float, tangential_velocity="vector",
            rolling_velocity="vector", radius_eff=float, mass_eff=float, inertia_eff=float, secant_stiffness=float,
            time_step=float,
        )  # fmt: skip
        count = len(model.materials)
        self.normal = Law(spec.normal, count)
        self.tangential = Law(spec.tangential, count)
        self.rolling = Law(spec.rolling, count) if spec.rolling is not None else None
        self.has_rolling = spec.rolling is not None
        self.clamp_tension = spec.normal.clamp_tension

    def fill(self, model: Model) -> None:
        """Write the pair tables of a model that follows the same laws."""
        spec: ContactLaws = model.contact
        pairs = {(a, b): spec.pair(model, a, b) for a, b in touching_materials(model)}
        for law, part in ((self.normal, spec.normal), (self.tangential, spec.tangential), (self.rolling, spec.rolling)):
            if law is not None:
                law.fill(part, pairs)


def touching_materials(model: Model) -> list[tuple[int, int]]:
    """Pairs of materials (low, high) that can meet: grain with grain, grain with shape."""
    grains = {int(material) for material in np.unique(model.particles["material"])}
    shapes = {entry.material for entry in model.shapes}
    return sorted({(min(a, b), max(a, b)) for a in grains for b in grains | shapes})


@ti.func
def tangential_force(laws: ti.template(), first, second, contact, displacement, normal_force):
    """The tangential part: force on the first partner [N], new displacement [m]."""
    return laws.tangential.spec.force(laws.tangential.table[first, second], contact, displacement, normal_force)


@ti.func
def rolling_moment(laws: ti.template(), first, second, contact, displacement, normal_force):
    """The rolling part: moment on the first partner [N m], new rolling displacement [m]; none where no law is set."""
    moment = 0.0 * displacement
    rolled = displacement
    if ti.static(laws.has_rolling):
        moment, rolled = laws.rolling.spec.moment(
            laws.rolling.table[first, second], contact, displacement, normal_force
        )
    return moment, rolled
