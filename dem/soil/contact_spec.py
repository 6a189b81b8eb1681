"""Which contact laws the grains of a run follow, as a user states them: names of laws, their options, their numbers.

Restitution and friction are the soil's. What else the chosen laws read of a pair of materials, a spring's stiffness or
a surface energy, stands in `contact.numbers`, which must hold that and nothing more.
"""

import math
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any

from dem.contact.catalog import CATALOG
from dem.contact.contact_laws import LEVER_ARMS, REQUIRED, ContactLaws
from dem.contact.laws.hertz import Hertz
from dem.contact.laws.linear_tangential import LinearTangential
from dem.contact.laws.mindlin import Mindlin
from dem.contact.laws.part import Part
from dem.contact.laws.walton_braun import WaltonBraun
from dem.errors import ConfigError
from dem.model import check_surface_number
from dem.spec import require_choice, uncounted

NONE, AUTO = "none", "auto"
PULL_OFF = "constant_pull_off"  # that `auto` is for a cohesive soil
SURFACE = ("restitution", "sliding_friction", "rolling_friction")  # numbers that a soil states
EXAMPLES = {  # of the other numbers, to copy into a config
    "normal_stiffness": "1e5 [N/m]",
    "tangential_stiffness": "3e4 [N/m]",
    "tangential_damping": "1 [N s/m]",
    "twisting_stiffness": "1 [N m/rad]",
    "twisting_damping": "1e-3 [N m s/rad]",
    "twisting_friction": "0.1",
    "pull_off_force": "1e-3 [N]",
    "surface_energy": "0.02 [J/m2]",
    "cohesion_energy_density": "1e4 [J/m3]",
    "bond_number": "10",
}


@dataclass
class ContactSpec:
    """The laws of contacts between grains, and of grains with walls and wheels.

    Attributes:
        name: of the choice, as shown in results.
        normal: law of the normal force: hertz, linear_spring or walton_braun.
        tangential: law of sliding friction: mindlin, linear_tangential or viscous_tangential.
        rolling: law of rolling resistance: rolling_spring, constant_rolling_torque or none.
        twisting: law of twisting resistance: marshall_twisting, twisting_spring or none.
        cohesion: constant_pull_off, dmt, jkr, sjkr, regolith_cohesion, none; or auto, as soil.grain_cohesion asks for.
        lever_arm: contact_point, R less half the overlap; or radius or lammps, to compare with other codes.
        options: of the laws, by part, such as {tangential: {sliding: spring_capped}}.
        numbers: what these laws read of a pair beyond the soil's numbers, such as {normal_stiffness: 1e5}.
    """

    name: str = uncounted(default="hertz")
    normal: str = "hertz"
    tangential: str = "mindlin"
    rolling: str = "rolling_spring"
    twisting: str = NONE
    cohesion: str = AUTO
    lever_arm: str = "contact_point"
    options: dict[str, Any] = field(default_factory=dict)
    numbers: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for role, laws in CATALOG.items():
            others = {"cohesion": (AUTO, NONE)}.get(role, () if role in REQUIRED else (NONE,))
            require_choice(f"contact.{role}", getattr(self, role), (*laws, *others))
        require_choice("contact.lever_arm", self.lever_arm, tuple(LEVER_ARMS))
        self._check_options()
        chosen = self.laws({"grain_diameter": 1.0, "grain_density": 1.0})
        _check_springs(chosen)
        self._check_numbers(chosen)

    def laws(self, derived: Mapping[str, float], is_cohesive: bool = False) -> ContactLaws:
        """The laws chosen.

        Args:
            derived: values of the laws' options that follow from the soil, by name, where they are not given.
            is_cohesive: whether the soil is given cohesion, for `cohesion: auto`.

        Raises:
            ConfigError: an option is out of its range, or two laws do not go together.
        """
        try:
            parts = {role: self._part(role, derived) for role in CATALOG}
            if self.cohesion == AUTO and not is_cohesive:
                parts["cohesion"] = None
            return ContactLaws(**parts, lever_arm=self.lever_arm)  # type: ignore[arg-type]  # each of its role's class
        except ConfigError as error:
            raise ConfigError(self._in_config_keys(str(error))) from error

    def _class(self, role: str) -> type[Part] | None:
        name = getattr(self, role)
        return CATALOG[role].get(PULL_OFF if name == AUTO else name)

    def _part(self, role: str, derived: Mapping[str, float]) -> Part | None:
        law = self._class(role)
        if law is None:
            return None
        known = {entry.name for entry in fields(law)}  # type: ignore[arg-type]  # all laws are dataclasses
        given = {name: value for name, value in derived.items() if name in known}
        return law(**(given | dict(self.options.get(role) or {})))

    def _in_config_keys(self, said: str) -> str:
        """A law's complaint in the names of the config."""
        for role in CATALOG:
            law = self._class(role)
            said = said.replace(f"{law.__name__}.", f"contact.options.{role}.") if law else said
        return said.replace("ContactLaws.", "contact.")

    # Options.

    def _check_options(self) -> None:
        for role, options in self.options.items():
            key = f"contact.options.{role}"
            if role not in CATALOG:
                raise ConfigError(
                    f"{key} is given, must be of one of {', '.join(CATALOG)}; name the part whose law it is"
                )
            law = self._class(role)
            if law is None:
                raise ConfigError(
                    f"{key} is given, but contact.{role} is {getattr(self, role)}; drop it, or choose a law"
                )
            if not isinstance(options, Mapping):
                raise ConfigError(f"{key} is {options!r}, must be options by name; write {key}.NAME=VALUE")
            for name, value in options.items():
                _check_option(f"{key}.{name}", law, name, value)

    # Numbers.

    def _check_numbers(self, laws: ContactLaws) -> None:
        needed = laws.pair_numbers - set(SURFACE)
        for name, value in self.numbers.items():
            key = f"contact.numbers.{name}"
            if name in SURFACE:
                raise ConfigError(f"{key} is given, but it is a number of the soil; drop it and set soil.{name}")
            if name not in needed:
                raise ConfigError(f"{key} is {value}, but {self._unread(name, needed)}")
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise ConfigError(f"{key} is {value!r}, must be a finite number; give one such as {_example(name)}")
            check_surface_number(key, name, value)
        for name in sorted(needed - self.numbers.keys()):
            raise ConfigError(
                f"contact.numbers.{name} is missing, which contact.{self._reader(laws, name)} reads; "
                f"give one such as {_example(name)}"
            )

    def _reader(self, laws: ContactLaws, name: str) -> str:
        """The part that reads a number, and its law."""
        role = next(role for role, part in laws.parts.items() if name in part.pair_numbers)
        return f"{role}={getattr(self, role)}"

    def _unread(self, name: str, needed: set[str]) -> str:
        """Why nobody reads a number, and what to do."""
        if name in EXAMPLES:
            return f"none of the laws chosen reads {name}; drop it, or choose a law that does"
        near = get_close_matches(name, EXAMPLES, n=1)
        guess = f"did you mean {near[0]}? " if near else ""
        read = ", ".join(sorted(needed)) or "none beyond the soil's"
        return f"no law has such a number; {guess}The laws chosen read {read}; correct the name or drop it"


def _check_springs(laws: ContactLaws) -> None:
    """Reject springs that gain energy together: measured by hits in tests/contact/test_oblique_hits.py."""
    sliding = laws.tangential
    if isinstance(laws.normal, WaltonBraun) and isinstance(sliding, Mindlin):
        raise ConfigError(
            "contact.tangential is mindlin, which gains energy on walton_braun in oblique hits; take linear_tangential"
        )
    if isinstance(laws.normal, Hertz) and isinstance(sliding, LinearTangential) and sliding.stiffness_ratio is not None:
        raise ConfigError(
            "contact.tangential is linear_tangential with a stiffness_ratio, by which it gains energy on hertz, whose "
            "stiffness varies; take mindlin, or give contact.options.tangential.stiffness_ratio=null and "
            f"{_example('tangential_stiffness')}"
        )


def _example(name: str) -> str:
    value, _, unit = EXAMPLES.get(name, "1").partition(" ")
    return f"contact.numbers.{name}={value}" + (f" {unit}" if unit else "")


def _check_option(key: str, law: type[Part], name: str, value: Any) -> None:
    """Reject an option that a law does not have, or a value of another type."""
    known = [entry.name for entry in fields(law)]  # type: ignore[arg-type]  # all laws are dataclasses
    if name not in known:
        raise ConfigError(
            f"{key} is given, but {law.__name__} has {', '.join(known) or 'no options'}; correct or drop it"
        )
    kind = typing.get_type_hints(law)[name]
    allowed = typing.get_args(kind) or (kind,)
    if float in allowed:
        allowed = (*allowed, int)
    if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
        words = " or ".join(WORDS[kind] for kind in allowed if kind in WORDS)
        raise ConfigError(f"{key} is {value!r}, must be {words}; give one")
    if value in law.gaining.get(name, ()):
        usual = next(entry.default for entry in fields(law) if entry.name == name)  # type: ignore[arg-type]
        raise ConfigError(f"{key} is {value!r}, by which {law.__name__} gains energy in oblique hits; use {usual!r}")


WORDS = {float: "a number", bool: "true or false", str: "a word", type(None): "null"}
