"""Values of a sweep, as decimals: `range(0,1,0.2)` gives 0.6, and equal numbers are one value however they are written.

Hydra computes ranges in binary floating point, and reverses a falling range about another start when it sorts it; so
ranges are read from the text.
"""

import random
import re
from decimal import Decimal, InvalidOperation

from hydra.core.override_parser.types import Glob, Override, RangeSweep

from dem.config import list_choices
from dem.config_errors import parse_override
from dem.errors import ConfigError

DIGITS = 12  # of a number, beyond which two are equal
MOST = 100_000  # values of a range
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.])")
NUMBERS = re.compile(r"[-+\d.eE,\s\[\]]*\d[-+\d.eE,\s\[\]]*")  # nothing but numbers, and lists of them
WRAPPED = re.compile(r"(sort|shuffle)\s*\((.*)\)", re.DOTALL)
REVERSE = re.compile(r",\s*reverse\s*=\s*(true|false)\s*$", re.IGNORECASE)


def values_of(override: Override) -> list[str]:
    """The values of an override as text, in the order given, each once.

    Raises:
        ConfigError: it gives none, or cannot be enumerated.
    """
    key, value = override.key_or_group, override.value()
    if isinstance(value, Glob):
        found = list(value.filter(list_choices().get(key, [])))
    elif isinstance(value, RangeSweep):
        found = _range_values(key, str(override.input_line).partition("=")[2].strip())
    elif not override.is_discrete_sweep():
        raise ConfigError(f"{key} is given an interval, must be a list or a range; write {key}=0,0.2 or range(0,1,0.2)")
    else:
        found = [canonical(text) for text in override.sweep_string_iterator()]
    if not found:
        given = str(override.input_line).partition("=")[2]
        raise ConfigError(f"{key} is given no value by {given!r}; write for instance {key}=0,0.2")
    return list(dict.fromkeys(found))


def canonical(text: str) -> str:
    """A number, or a list of numbers, written in one way: 0.60, 6e-1 and 0.6000000000000001 are 0.6; 1.0 is 1.

    Other text, such as the name of a file, is left as it is.
    """
    if not NUMBERS.fullmatch(text):
        return text
    return NUMBER.sub(lambda match: decimal_text(Decimal(match.group())), text)


def decimal_text(number: Decimal) -> str:
    """A number to DIGITS digits, as short as it can be."""
    return f"{float(number):.{DIGITS}g}"


def _range_values(key: str, text: str) -> list[str]:
    wrapped = WRAPPED.fullmatch(text)
    if wrapped is None:
        return [decimal_text(number) for number in _decimals(key, text)]
    how, inner = wrapped.groups()
    reverse = REVERSE.search(inner)
    numbers = _decimals(key, REVERSE.sub("", inner).strip())
    if how == "sort":
        numbers = sorted(numbers, reverse=bool(reverse and reverse.group(1).lower() == "true"))
    else:
        random.Random(text).shuffle(numbers)  # as Hydra says, but the same for the same command
    return [decimal_text(number) for number in numbers]


def _decimals(key: str, text: str) -> list[Decimal]:
    value = parse_override(f"{key}={text}").value()
    if not isinstance(value, RangeSweep):
        raise ConfigError(f"{key}={text} is no plain range; write for instance {key}=range(0,1,0.2)")
    start, stop, step = _ends(key, text)
    if step == 0:
        raise ConfigError(f"{key}={text} has a step of 0, must have another; write for instance {key}=range(0,1,0.2)")
    count = max(int((stop - start) / step) + 1, 0)
    if count > MOST:
        raise ConfigError(f"{key}={text} has {count} values, must have at most {MOST}; give a larger step")
    numbers = [start + place * step for place in range(count + 1)]
    return [number for number in numbers if (number < stop if step > 0 else number > stop)]


def _ends(key: str, text: str) -> tuple[Decimal, Decimal, Decimal]:
    """Start, stop and step of a range, as they are written."""
    inner = text[text.index("(") + 1 : text.rindex(")")]
    named = {"start": Decimal(0), "stop": Decimal(0), "step": Decimal(1)}
    plain = []
    try:
        for part in filter(None, (part.strip() for part in inner.split(","))):
            name, equals, number = part.partition("=")
            if equals:
                named[name.strip()] = Decimal(number.strip())
            else:
                plain.append(Decimal(part))
    except InvalidOperation:
        raise ConfigError(f"{key}={text} is no range of numbers; write for instance {key}=range(0,1,0.2)") from None
    names = ("stop",) if len(plain) == 1 else ("start", "stop", "step")
    named |= dict(zip(names, plain, strict=False))
    return named["start"], named["stop"], named["step"]
