"""The cases, a file a subject; importing this registers them all."""

from dem.verify.cases import (
    cohesion,
    conservation,
    exact,
    hanging,
    impacts_normal,
    impacts_oblique,
    linear_spring,
    peers,
    rebound_maps,
    rebounds,
    rolling,
    turning,
)

__all__ = [
    "cohesion",
    "conservation",
    "exact",
    "hanging",
    "impacts_normal",
    "impacts_oblique",
    "linear_spring",
    "peers",
    "rebound_maps",
    "rebounds",
    "rolling",
    "turning",
]
