"""Study folders made of small files: cases with results of the real schema, half done, failed, doubted."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

UNITS = {"slip_ratio": "-", "sinkage": "m", "drawbar_pull": "N", "driving_torque": "N m", "drive_power": "W"}
LIMITS = {  # good, bad, words
    "time_step": (0.4, 0.5, "time step over the shortest time scale"),
    "overlap": (0.03, 0.08, "largest overlap over grain radius, median over the steady window"),
    "stiffness_number": (400.0, 100.0, "stiffness number (E*/P)^(2/3) of the sand at the wheel"),
    "grains_per_wheel_diameter": (20.0, 14.0, "grain diameters across the wheel's diameter"),
    "end_distance": (0.5, 0.1, "least distance of the wheel to an end wall in radii"),
    "drift": (0.04, 0.12, "change of the reading from half to half of the window"),
    "energy": (0.01, 0.05, "energy unaccounted for over the wheel's work"),
}
GOOD = {
    "time_step": 0.3, "overlap": 0.013, "stiffness_number": 1720.0, "grains_per_wheel_diameter": 27.0,
    "end_distance": 0.76, "drift": 0.011, "energy": 0.0004,
}  # fmt: skip
RANK = ("credible", "check", "not credible")


@dataclass
class Made:
    """One case to write.

    Attributes:
        swept: key to value.
        steady: reading to its mean, or to mean and standard error.
        criteria: values other than GOOD.
        status: done, failed, timeout, running or missing.
        predicted: readings scaled back; as steady if empty.
        gravity_ratio: of a scaled test to the prototype.
    """

    swept: dict[str, Any]
    steady: dict[str, Any] = field(default_factory=dict)
    criteria: dict[str, float] = field(default_factory=dict)
    status: str = "done"
    message: str = ""
    arm: str | None = None
    predicted: dict[str, Any] = field(default_factory=dict)
    gravity_ratio: float = 1.0

    @property
    def name(self) -> str:
        parts = sorted(f"{key}={value}" for key, value in self.swept.items())
        return ",".join(([f"arm={self.arm}"] if self.arm else []) + parts)


def verdict_of(name: str, value: float) -> str:
    good, bad, _ = LIMITS[name]
    sign = 1 if good <= bad else -1
    return RANK[(sign * value > sign * good) + (sign * value > sign * bad)]


def make_credibility(changed: dict[str, float]) -> dict[str, Any]:
    criteria = {}
    for name, value in (GOOD | changed).items():
        good, bad, says = LIMITS[name]
        entry = {"value": value, "good": good, "bad": bad, "unit": "-", "says": says}
        criteria[name] = entry | {"verdict": verdict_of(name, value)}
    doubted = [entry for entry in criteria.values() if entry["verdict"] != "credible"]
    reasons = [f"{entry['says']} is {entry['value']:g}, should be {entry['good']:g}" for entry in doubted]
    verdict = max((entry["verdict"] for entry in criteria.values()), key=RANK.index)
    return {"verdict": verdict, "reasons": reasons, "criteria": criteria}


def make_entry(name: str, value: Any) -> dict[str, Any]:
    mean, error = value if isinstance(value, tuple) else (value, None)
    return {"mean": mean, "unit": UNITS[name]} | ({} if error is None else {"standard_error": error})


def make_result(made: Made) -> dict[str, Any]:
    return {
        "scenario": "single_wheel",
        "title": "synthetic",
        "steady": {name: make_entry(name, value) for name, value in made.steady.items()}
        | {"rim_profile": {"angle": [0.0, 0.1]}},
        "predicted": {name: make_entry(name, value) for name, value in (made.predicted or made.steady).items()},
        "bed": {"bulk_density": 1755.0, "seed": made.swept.get("bed.seed", 1)},
        "numerics": {"time_step": 2e-5, "steady_start": 2.0, "steady_end": 5.0, "device": "cpu"},
        "similitude": {
            "kind": made.swept.get("similitude", "prototype"),
            "gravity_ratio": made.gravity_ratio,
            "size_ratio": 1.0,
        },
        "checks": {"energy_balance_error": {"value": 1e-4, "limit": 0.01, "passed": True}},
        "credibility": make_credibility(made.criteria),
    }


def write_case(folder: Path, made: Made) -> None:
    if made.status == "missing":
        return
    case = folder / made.name
    (case / ".hydra").mkdir(parents=True)
    overrides = [f"{key}={value}" for key, value in made.swept.items()]
    config = {"gravity": {"slope_deg": made.swept.get("gravity.slope_deg", 0.0)}, "wheel": {"radius": 0.25}}
    (case / ".hydra/overrides.yaml").write_text(yaml.safe_dump(overrides))
    (case / ".hydra/config.yaml").write_text(yaml.safe_dump(config))
    (case / "run.log").write_text("settle\n")
    if made.status == "done":
        (case / "result.json").write_text(json.dumps(make_result(made)))
    if made.status != "running":
        outcome = {"status": made.status, "seconds": 812.0, "message": made.message}
        (case / "outcome.json").write_text(json.dumps(outcome))


def write_study(folder: Path, cases: list[Made], spec: dict[str, Any] | None, experiment: str = "synthetic") -> Path:
    """Write a study; without a spec no study.json, as by older versions."""
    folder.mkdir(parents=True, exist_ok=True)
    for made in cases:
        write_case(folder, made)
    if spec is not None:
        listed = [
            {"name": made.name, "arm": made.arm, "overrides": [f"{key}={value}" for key, value in made.swept.items()],
             "swept": made.swept}
            for made in cases
        ]  # fmt: skip
        stated = {
            "format": 1,
            "experiment": experiment,
            "study": spec,
            "command": ["drawbar", "sweep"],
            "cases": listed,
        }
        (folder / "study.json").write_text(json.dumps(stated))
    return folder


MOON = {0.0: 0.06, 5.0: 0.16, 10.0: 0.38, 15.0: 0.62, 20.0: 0.80}
OFFSETS = {"prototype": 0.0, "scaled": 0.012, "gravity_offload": -0.14}
SEEDS = {1: 0.008, 2: -0.004, 3: -0.004}


def gravity_offset_cases(change: Callable[[Made], Made] = lambda made: made) -> list[Made]:
    """Three ways of testing at five slopes and three seeds, the gravity-offload test optimistic by up to 14 points."""
    cases = []
    for kind, offset in OFFSETS.items():
        for slope, slip in MOON.items():
            for seed, noise in SEEDS.items():
                value = max(slip + offset * min(1.0, slope / 10) + noise * (1 + slope / 10), 0.0)
                steady = {"slip_ratio": (value, 0.004), "sinkage": (0.01 + 0.08 * value, 0.0005)}
                steady |= {"drive_power": (4.0 + 6 * value, 0.05), "driving_torque": (6.0 + 20 * value, 0.1)}
                swept = {"similitude": kind, "gravity.slope_deg": slope, "bed.seed": seed}
                cases.append(change(Made(swept, steady)))
    return cases


GRAVITY_OFFSET = {
    "question": "A rover lightened to its Moon weight drives on Earth's sand. How much less does it slip there than on "
    "the Moon?",
    "x": "gravity.slope_deg",
    "readings": ["slip_ratio", "sinkage", "driving_torque", "drive_power"],
    "labels": {"prototype": "Moon", "scaled": "Earth, scaled", "gravity_offload": "Earth, lightened"},
    "finding": "gravity_offset",
    "scaled_back": True,
}


def half_done(made: Made) -> Made:
    """A sweep in its course: some cases failed, ran out of time, run or wait, and some are not to be believed."""
    kind, slope, seed = (made.swept[key] for key in ("similitude", "gravity.slope_deg", "bed.seed"))
    if slope == 20.0 and seed == 3:
        made.status = "missing"
    elif slope == 20.0 and seed == 2:
        made.status = "running"
    elif (kind, slope, seed) == ("scaled", 15.0, 2):
        made.status, made.message = "failed", "2 grains left the bed at 1.3 s; widen bed.length"
    elif (kind, slope, seed) == ("gravity_offload", 10.0, 3):
        made.status, made.message = "timeout", "ran past --timeout"
    elif (kind, slope) == ("scaled", 20.0):
        made.criteria = {"overlap": 0.1}
    elif (kind, slope, seed) == ("prototype", 15.0, 1):
        made.criteria = {"drift": 0.2}
    elif (kind, slope, seed) == ("gravity_offload", 5.0, 1):
        made.criteria = {"time_step": 0.6}
    elif kind == "scaled":
        made.criteria = {"overlap": 0.04}
    return made
