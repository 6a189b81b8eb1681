"""The cases, a file a subject; importing this registers them all."""

from dem.verify.cases import (
    bulk_chute,
    bulk_collapse,
    bulk_drop,
    bulk_hopper,
    bulk_packing,
    bulk_repose,
    cohesion,
    conservation,
    exact,
    impacts_normal,
    impacts_oblique,
    linear_spring,
    rolling,
)

__all__ = [
    "bulk_chute",
    "bulk_collapse",
    "bulk_drop",
    "bulk_hopper",
    "bulk_packing",
    "bulk_repose",
    "cohesion",
    "conservation",
    "exact",
    "impacts_normal",
    "impacts_oblique",
    "linear_spring",
    "rolling",
]
