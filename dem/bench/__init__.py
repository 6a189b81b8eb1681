"""How fast the engine is: scenes of known composition, and what is measured of them; see `drawbar bench`."""

from dem.bench.measure import Plan, measure
from dem.bench.scenes import SCENES, Scene, make_scene

__all__ = ["SCENES", "Plan", "Scene", "make_scene", "measure"]
