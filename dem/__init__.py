"""drawbar: discrete-element simulation of wheels and rovers on sand, under any gravity. The engine's public names."""

from dem.backend import start
from dem.builder import ModelBuilder
from dem.contact.hertz import Hertz
from dem.contact.laws import ContactLaws
from dem.contact.mindlin import Mindlin
from dem.contact.rolling_spring import RollingSpring
from dem.errors import ConfigError, DemError, NumericalError, ResultsError, StateError
from dem.model import Material, Model, Motion
from dem.shapes import Box, GrouserWheel, Plane
from dem.simulation import Simulation

__version__ = "0.1.0"

__all__ = [
    "Box",
    "ConfigError",
    "ContactLaws",
    "DemError",
    "GrouserWheel",
    "Hertz",
    "Material",
    "Mindlin",
    "Model",
    "ModelBuilder",
    "Motion",
    "NumericalError",
    "Plane",
    "ResultsError",
    "RollingSpring",
    "Simulation",
    "StateError",
    "start",
]
