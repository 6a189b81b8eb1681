"""What a rover is told over time: rows of speed, turn rate and torque, linear between them; and where that leads."""

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dem.errors import ConfigError
from dem.own_conf import find_file
from dem.spec import require_number

COLUMNS = ("time", "speed", "turn_rate", "arc_radius", "torque")
STANDSTILL = 0.01  # of the fastest command, below which nothing is commanded: a slip against it would say nothing
SAMPLES = 200  # of a path


@dataclass(frozen=True)
class DriveCommands:
    """Rows of commands; the last one ends the drive.

    Attributes:
        times: since the drive began (n,) [s], rising from 0.
        speeds: of the rover's middle, ahead (n,) [m/s]; turn_rates: to the left (n,) [rad/s].
        torques: of every motor (n,) [N m]; not a number where none is given.
    """

    times: np.ndarray
    speeds: np.ndarray
    turn_rates: np.ndarray
    torques: np.ndarray

    @property
    def duration(self) -> float:
        """Duration of the drive [s]."""
        return float(self.times[-1])

    def twist(self, time: float) -> tuple[float, float]:
        """Speed [m/s] and turn rate [rad/s] at a time since the drive began [s]; before it, those of its beginning."""
        return float(np.interp(time, self.times, self.speeds)), float(np.interp(time, self.times, self.turn_rates))

    def torque(self, time: float) -> float:
        """Torque of every motor at a time [N m]."""
        return float(np.interp(time, self.times, self.torques))

    def steering_twist(self, time: float) -> tuple[float, float]:
        """The twist that wheels are steered for: where the rover is to stand, that before it, or else that after."""
        twist = self.twist(time)
        if twist != (0.0, 0.0):
            return twist
        moving = np.flatnonzero((self.speeds != 0.0) | (self.turn_rates != 0.0))
        before = moving[self.times[moving] <= time]
        row = before[-1] if len(before) else moving[0]
        return float(self.speeds[row]), float(self.turn_rates[row])

    def slip(self, time: float, speed: float, turn_rate: float) -> float:
        """Slip against the command [-], of a turn on the spot by turn rates; 0 at a standstill."""
        ahead, turn = self.twist(time)
        if abs(ahead) > STANDSTILL * float(np.abs(self.speeds).max()):
            return 1 - speed / ahead
        if abs(turn) > STANDSTILL * float(np.abs(self.turn_rates).max()):
            return 1 - turn_rate / turn
        return 0.0

    def path(self, lead: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Places x, y [m] and headings [rad] of the middle (n,), the first command lasting `lead` [s] longer."""
        times = np.unique(np.concatenate([np.linspace(0.0, self.duration + lead, SAMPLES), self.times[1:] + lead]))
        middles, steps = (times[1:] + times[:-1]) / 2 - lead, np.diff(times)
        turns = np.interp(middles, self.times, self.turn_rates) * steps
        headings = np.concatenate([[0.0], np.cumsum(turns)])
        chords = np.interp(middles, self.times, self.speeds) * steps * np.sinc(turns / (2 * np.pi))
        chord_headings = (headings[1:] + headings[:-1]) / 2
        x, y = (
            np.concatenate([[0.0], np.cumsum(chords * part)])
            for part in (np.cos(chord_headings), np.sin(chord_headings))
        )
        return x, y, headings


def constant(duration: float, speed: float, turn_rate: float, torque: float | None) -> DriveCommands:
    """One command for the whole drive."""
    both = np.ones(2)
    torques = both * (math.nan if torque is None else torque)
    return DriveCommands(np.array([0.0, duration]), speed * both, turn_rate * both, torques)


def read_commands(given: Any, torque: float | None) -> DriveCommands:
    """Commands of a list of rows, or of the CSV file that a text names.

    Args:
        given: each row has `time` and any of `speed`, `turn_rate` or `arc_radius`, and `torque`.
        torque: where a row gives none.

    Raises:
        ConfigError: a file that is missing, a column or number that is none, times that do not rise from 0.
    """
    rows = _read_file(given) if isinstance(given, str) else given
    if not isinstance(rows, Sequence) or len(rows) < 2:
        raise ConfigError(
            "scenario.commands must be two rows or more, or the name of a CSV file; give "
            "[{time: 0, speed: 0.2}, {time: 5, speed: 0.2}]"
        )
    found = np.array([_read_row(number, row, torque) for number, row in enumerate(rows)])
    times = found[:, 0]
    if times[0] != 0.0 or (np.diff(times) <= 0).any():
        raise ConfigError(f"scenario.commands has times {times.tolist()}, must rise from 0; sort and shift them")
    if not found[:, 1:3].any():
        raise ConfigError("scenario.commands never moves the rover, one row at least must; give it a speed")
    return DriveCommands(*found.T)


def _read_file(name: str) -> list[dict[str, Any]]:
    with find_file("scenario.commands", name, "scenario").open(newline="") as file:
        rows = list(csv.DictReader(file, skipinitialspace=True))
    return [{key.strip(): _number(value) for key, value in row.items() if key and value} for row in rows]


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text  # what it is not is said with its place


def _read_row(number: int, row: Any, torque: float | None) -> tuple[float, float, float, float]:
    key = f"scenario.commands[{number}]"
    if not isinstance(row, Mapping) or not set(row) <= set(COLUMNS) or "time" not in row:
        raise ConfigError(f"{key} is {row}, must have a time and may have {', '.join(COLUMNS[1:])}; correct it")
    values = {name: require_number(f"{key}.{name}", value, "give a number") for name, value in row.items()}
    speed, turn_rate = values.get("speed", 0.0), values.get("turn_rate", 0.0)
    if "arc_radius" in values:
        if "turn_rate" in values or values["arc_radius"] == 0.0:
            raise ConfigError(f"{key} is {row}, must give a turn_rate or an arc_radius other than 0; drop one")
        turn_rate = speed / values["arc_radius"]
    return values["time"], speed, turn_rate, values.get("torque", math.nan if torque is None else torque)
