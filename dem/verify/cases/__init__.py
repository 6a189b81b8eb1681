"""The cases, a file a subject; importing this registers them all."""

from dem.verify.cases import impacts_normal, impacts_oblique

__all__ = ["impacts_normal", "impacts_oblique"]
