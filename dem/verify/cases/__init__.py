"""The cases, a file a subject; importing this registers them all."""

from dem.verify.cases import cohesion, impacts_normal, impacts_oblique, linear_spring, rolling

__all__ = ["cohesion", "impacts_normal", "impacts_oblique", "linear_spring", "rolling"]
