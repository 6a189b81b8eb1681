"""The laws of a contact, composed: normal, tangential, rolling, twisting and cohesive parts, each in its own file.

`Laws` builds each part's pair table, [world, material, material], stored as `Law.table[row, second]` whose rows are
the materials of world after world; kernels are compiled for the parts chosen, so switching laws costs no branch. What a
part is stands in dem/contact/laws/part.py, how kernels call it in dem/contact/compose.py.
"""

from dataclasses import dataclass, field, fields

import numpy as np

from dem.backend import record, record_field, ti
from dem.contact.laws.hertz import Hertz
from dem.contact.laws.mindlin import Mindlin
from dem.contact.laws.pair import Pair, derive_pair
from dem.contact.laws.part import CohesionLaw, NormalLaw, Part, RollingLaw, TangentialLaw, TwistingLaw
from dem.contact.laws.rolling_spring import RollingSpring
from dem.contact.simd_batch import inputs_type, outputs_type
from dem.errors import ConfigError
from dem.memory import write
from dem.model import Model
from dem.records import Memory

KINDS = {
    "normal": NormalLaw,
    "tangential": TangentialLaw,
    "rolling": RollingLaw,
    "twisting": TwistingLaw,
    "cohesion": CohesionLaw,
}
REQUIRED = ("normal", "tangential")
TAKEN = ("overlap", "energy_tally", "first", "second", "key", "force", "torque")  # fields that contacts have already
REMEMBERING = ("tangential", "rolling", "twisting", "normal")  # which may have a memory, in the order of the records
ROWS = 32  # grains whose contacts a thread takes on at a time: many SIMD batches, few of them not full
CONVENTIONS = {
    "effective_radius": "R1 R2/(R1 + R2); R at a shape",
    "effective_mass": "m1 m2/(m1 + m2); m at a shape",
    "damping_ratio": "beta = -ln e/sqrt(ln^2 e + pi^2), 1 for e = 0",
    "mixing_moduli": "1/E* = sum (1 - nu^2)/E, 1/G* = sum (2 - nu)/G",
    "mixing_surface_numbers": "the pair's own, else the geometric mean of the materials'",
}
# What is taken from the radius, as a share of the overlap: for the velocity of the contact point; for the torque, grain
# on grain and grain on shape; and how results files say it.
LEVER_ARMS = {
    "contact_point": (0.5, 0.5, 0.5, "centre to contact point, R - overlap/2"),
    "radius": (0.0, 0.0, 0.0, "R"),
    "lammps": (0.0, 0.5, 0.0, "R for velocities, R - overlap/2 for the torque of grain on grain, R at a shape"),
}


@dataclass(frozen=True)
class ContactLaws:
    """Which law each part of a contact follows.

    Attributes:
        normal: Hertz, LinearSpring or WaltonBraun.
        tangential: Mindlin, LinearTangential or ViscousTangential; for none, set sliding_friction to 0.
        rolling: RollingSpring, ConstantRollingTorque, or None for none.
        twisting: MarshallTwisting, TwistingSpring, or None for none.
        cohesion: ConstantPullOff, DMT, JKR, SJKR, RegolithCohesion, or None for none.
        lever_arm: "contact_point", R less half the overlap; or, to compare with other codes, "radius" or "lammps".
    """

    normal: NormalLaw = field(default_factory=Hertz)
    tangential: TangentialLaw = field(default_factory=Mindlin)
    rolling: RollingLaw | None = field(default_factory=RollingSpring)
    twisting: TwistingLaw | None = None
    cohesion: CohesionLaw | None = None
    lever_arm: str = "contact_point"

    def __post_init__(self) -> None:
        for role, kind in KINDS.items():
            part = getattr(self, role)
            if not (isinstance(part, kind) or (part is None and role not in REQUIRED)):
                raise ConfigError(
                    f"ContactLaws.{role} is {part!r}, must be a {kind.__name__}, like {kind.__name__}'s in dem"
                )
        if self.lever_arm not in LEVER_ARMS:
            raise ConfigError(
                f"ContactLaws.lever_arm is {self.lever_arm!r}, must be one of {', '.join(LEVER_ARMS)}; "
                "use 'contact_point'"
            )
        if self.cohesion is not None and self.cohesion.has_neck and not isinstance(self.normal, Hertz):
            raise ConfigError(
                f"ContactLaws.cohesion is {type(self.cohesion).__name__}, which rests on Hertz, but normal is "
                f"{type(self.normal).__name__}; use Hertz, or another cohesion"
            )

        self._check_memories()

    def _check_memories(self) -> None:
        """Raise `ConfigError` where the memory of a part has no name of its own."""
        takers = dict.fromkeys(TAKEN, "")
        for role in REMEMBERING:
            part = getattr(self, role)
            if part is None or (part.memory is None and role == "normal"):
                continue
            said = f"ContactLaws.{role} is {type(part).__name__}, which"
            if part.memory is None:
                raise ConfigError(f"{said} must name what it remembers; leave the class's memory as it is")
            name, size = part.memory
            if name in takers:
                taken = f"as {takers[name]} does" if takers[name] else "a name that every contact has"
                raise ConfigError(f"{said} remembers {name!r}, {taken}; give its memory another name")
            if size < 1:
                raise ConfigError(f"{said} remembers {size} numbers as {name!r}, must be 1 or more; give it a size")
            takers[name] = role

    @property
    def parts(self) -> dict[str, NormalLaw | TangentialLaw | RollingLaw | TwistingLaw | CohesionLaw]:
        """The parts in force, by role."""
        return {role: getattr(self, role) for role in KINDS if getattr(self, role) is not None}

    @property
    def built_in(self) -> tuple:
        """What kernels have built in of the laws; the rest stands in the pair tables and may change under them."""
        weight = getattr(self.cohesion, "friction_weight", 0.0)
        options = [option for part in self.parts.values() for option in part.built_in]
        return (
            *(type(getattr(self, role)) for role in KINDS),
            self.normal.clamp_tension,
            self.lever_arm,
            weight,
            *options,
        )

    @property
    def pair_numbers(self) -> set[str]:
        """Surface numbers that every pair in contact needs."""
        return {name for part in self.parts.values() for name in part.pair_numbers}

    @property
    def histories(self) -> tuple[Memory, ...]:
        """What a contact remembers beside its overlap: the memories of its parts."""
        parts = [part for role in REMEMBERING if (part := getattr(self, role)) is not None]
        return tuple(part.memory for part in parts if part.memory is not None)

    def pair(self, model: Model, first: int, second: int) -> Pair:
        """Effective properties of two of a model's materials; raises `ConfigError` for a missing number."""
        return derive_pair(model, first, second, self.pair_numbers)

    def reach(self, model: Model) -> float:
        """The widest gap [m] across which contacts hold in a model; 0 unless the cohesion has a neck."""
        if self.cohesion is None or not self.cohesion.has_neck or not model.particle_count:
            return 0.0
        largest = float(model.particles["radius"].max())
        return max(self.cohesion.reach(self.pair(model, *pair), largest) for pair in touching_materials(model))

    def describe(self) -> dict[str, str | float | bool]:
        """The chosen laws, their numbers and every convention, by name: for results files."""
        found: dict[str, str | float | bool] = {}
        for role in KINDS:
            part = getattr(self, role)
            found[role] = "none" if part is None else type(part).__name__
            if part is not None:
                own = {entry.name: getattr(part, entry.name) for entry in fields(part)}
                found |= {f"{role}.{name}": "by pair" if value is None else value for name, value in own.items()}
                found |= {f"{role}.{name}": said for name, said in part.conventions.items()}
        found["normal.attractive_tail"] = "clamped" if self.normal.clamp_tension else "kept"
        found["lever_arm"] = LEVER_ARMS[self.lever_arm][-1]
        return found | CONVENTIONS


@ti.data_oriented
class Law:
    """One part on the device: its spec's functions and its pair table."""

    def __init__(self, spec: Part, world_count: int, material_count: int) -> None:
        self.spec = spec
        members = record(**dict.fromkeys(spec.members, float))
        self.table = record_field(members, (world_count * material_count, material_count))

    def fill(self, worlds: list[tuple[Part, dict[tuple[int, int], Pair]]]) -> None:
        """Write each world's pairs of materials, as its spec derives them."""
        material_count = self.table.shape[1]
        columns = {name: np.zeros((len(worlds), material_count, material_count)) for name in self.spec.members}
        for world, (spec, pairs) in enumerate(worlds):
            for (first, second), pair in pairs.items():
                for name, value in spec.derive(pair).items():
                    columns[name][world, first, second] = columns[name][world, second, first] = value
        for name, values in columns.items():
            write(self.table.get_member_field(name), values.reshape(self.table.shape))


@ti.data_oriented
class Laws:
    """The laws in force with their tables, as kernels see them; a part not chosen is None."""

    def __init__(self, spec: ContactLaws, remembered: tuple[Memory, ...], lanes: int, *models: Model) -> None:
        self.lanes = lanes
        self.rows = ROWS if lanes > 1 else 1
        self.Inputs, self.Outputs = inputs_type(lanes, remembered), outputs_type(lanes, remembered)
        self.Contact = record(
            overlap=float, previous_overlap=float, normal="vector", normal_velocity=float, tangential_velocity="vector",
            rolling_velocity="vector", twisting_velocity=float, radius_eff=float, mass_eff=float, inertia_eff=float,
            normal_stiffness=float, secant_stiffness=float, time_step=float,
            memory=spec.normal.memory.size if spec.normal.memory else float,
        )  # fmt: skip
        self.normal = self.tangential = self.rolling = self.twisting = self.cohesion = None
        self.material_count = max(len(model.materials) for model in models)
        for role, part in spec.parts.items():
            setattr(self, role, Law(part, len(models), self.material_count))
        self.has_rolling, self.has_twisting = spec.rolling is not None, spec.twisting is not None
        self.has_cohesion = spec.cohesion is not None
        self.has_neck = spec.cohesion is not None and spec.cohesion.has_neck
        self.has_memory, self.is_plastic = spec.normal.memory is not None, spec.normal.is_plastic
        self.clamp_tension = spec.normal.clamp_tension
        self.velocity_share, self.particle_share, self.shape_share, _ = LEVER_ARMS[spec.lever_arm]
        self.friction_weight = spec.cohesion.friction_weight if spec.cohesion is not None else 0.0

    def fill(self, *models: Model) -> None:
        """Write the pair tables of models, one a world, that follow the same laws."""
        pairs = [{(a, b): model.contact.pair(model, a, b) for a, b in touching_materials(model)} for model in models]
        for role in models[0].contact.parts:
            specs = [model.contact.parts[role] for model in models]
            getattr(self, role).fill(list(zip(specs, pairs, strict=True)))


def touching_materials(model: Model) -> list[tuple[int, int]]:
    """Pairs of materials (low, high) that can touch: grain with grain, grain with shape."""
    grains = {int(material) for material in np.unique(model.particles["material"])}
    shapes = {entry.material for entry in model.shapes}
    return sorted({(min(a, b), max(a, b)) for a in grains for b in grains | shapes})
