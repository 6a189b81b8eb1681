"""A soil's parameter sets for other tools: rows of a table, JSON, what Chrono's SCM terrain takes. SI, but degrees.

SCM is Chrono's deformable terrain (Serban et al., J. Terramech. 2023); it takes, in the order of
`SCMTerrain::SetSoilParameters`, the eight numbers of `CHRONO`.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from dem.soil.provenance import ParameterSet
from dem.soil.spec import SoilSpec

UNITS = {
    "sinkage_exponent": "-",
    "cohesive_modulus": "N/m^(n+1)",
    "frictional_modulus": "N/m^(n+2)",
    "cohesion": "Pa",
    "internal_friction_angle_deg": "deg",
    "shear_deformation_modulus": "m",
    "bulk_density": "kg/m3",
}
CHRONO: dict[str, tuple[str, str | None]] = {  # unit, and our name where there is one
    "Bekker_Kphi": ("N/m^(n+2)", "frictional_modulus"),
    "Bekker_Kc": ("N/m^(n+1)", "cohesive_modulus"),
    "Bekker_n": ("-", "sinkage_exponent"),
    "Mohr_cohesion": ("Pa", "cohesion"),
    "Mohr_friction": ("deg", "internal_friction_angle_deg"),
    "Janosi_shear": ("m", "shear_deformation_modulus"),
    "elastic_K": ("Pa/m", None),
    "damping_R": ("Pa s/m", None),
}
CHRONO_NOTE = (
    "Order and units of SCMTerrain::SetSoilParameters as remembered, not checked against a release of Chrono. null is "
    "not known: no source gives elastic_K (must exceed Bekker_Kphi) or damping_R; choose them before use."
)
MEASURED = dict.fromkeys(("friction_angle_peak_deg", "friction_angle_secant_deg"), "internal_friction_angle_deg")


def sets_of(soil: SoilSpec) -> dict[str, ParameterSet]:
    """All that can be said of a soil in bulk: `target`, what virtual tests `measured`, and the published sets."""
    sets = {}
    own = {key: getattr(soil, key) for key in ("cohesion", "internal_friction_angle_deg", "bulk_density")}
    if any(value is not None for value in own.values()):
        rows = [soil.sources[key] for key in own if key in soil.sources]
        said = "; ".join(dict.fromkeys(row.source for row in rows)) or "stated without a source"
        order = ("high", "medium", "low")
        least = max((row.confidence for row in rows), key=order.index, default="low")
        sets["target"] = ParameterSet(source=said, confidence=least, **own)
    if soil.calibration is not None:
        found = {MEASURED.get(key, key): target.measured for key, target in soil.calibration.targets.items()}
        numbers: dict[str, Any] = {key: value for key, value in found.items() if key in UNITS}
        record = soil.calibration
        said = f"virtual {record.scenario} of this soil's grains, drawbar {record.version}, {record.date}"
        if numbers:
            sets["measured"] = ParameterSet(source=said, confidence="medium", **numbers)
    return sets | soil.parameter_sets


def to_rows(soil: SoilSpec) -> list[dict[str, Any]]:
    """A row a set: soil, set, numbers (None where not known), confidence, source."""
    rows = []
    for name, one in sets_of(soil).items():
        numbers = {f"{key} [{unit}]": getattr(one, key) for key, unit in UNITS.items()}
        rows.append({"soil": soil.name, "set": name, **numbers, "confidence": one.confidence, "source": one.source})
    return rows


def to_json(soil: SoilSpec) -> dict[str, Any]:
    """Every set under our own names, which `ParameterSet(**entry)` reads back."""
    return {"soil": soil.name, "units": UNITS, "sets": {name: asdict(one) for name, one in sets_of(soil).items()}}


def to_chrono(soil: SoilSpec) -> dict[str, Any]:
    """Every set with a pressure-sinkage law, under the names of Chrono's SCM terrain."""
    usable = {name: one for name, one in sets_of(soil).items() if one.frictional_modulus is not None}
    return {
        "soil": soil.name,
        "order": list(CHRONO),
        "units": {name: unit for name, (unit, _) in CHRONO.items()},
        "note": CHRONO_NOTE,
        "sets": {name: _chrono_numbers(asdict(one)) for name, one in usable.items()},
    }


def _chrono_numbers(one: Mapping[str, Any]) -> dict[str, Any]:
    numbers = {name: None if ours is None else one[ours] for name, (_, ours) in CHRONO.items()}
    unknown = [name for name, value in numbers.items() if value is None]
    return {**numbers, "unknown": unknown, "source": one["source"], "confidence": one["confidence"]}
