"""drawbar: discrete-element simulation of wheels and rovers on sand, under any gravity. The engine's public names."""

import importlib
from typing import Any

from dem.backend import start
from dem.builder import ModelBuilder
from dem.contact.contact_laws import ContactLaws
from dem.contact.laws.hertz import Hertz
from dem.contact.laws.jkr import JKR
from dem.contact.laws.linear_spring import LinearSpring
from dem.contact.laws.linear_tangential import LinearTangential
from dem.contact.laws.marshall_twisting import MarshallTwisting
from dem.contact.laws.mindlin import Mindlin
from dem.contact.laws.pull_off import DMT, ConstantPullOff
from dem.contact.laws.regolith import RegolithCohesion, cohesion_to_pull_off
from dem.contact.laws.rolling_spring import RollingSpring
from dem.contact.laws.rolling_torque import ConstantRollingTorque
from dem.contact.laws.sjkr import SJKR
from dem.contact.laws.twisting_spring import TwistingSpring
from dem.contact.laws.viscous_tangential import ViscousTangential
from dem.contact.laws.walton_braun import WaltonBraun
from dem.contact.pair_table import describe_contacts
from dem.errors import ConfigError, DemError, DeviceError, NumericalError, ResultsError, StateError
from dem.io.run_reader import open_results
from dem.model import Material, Model, Motion
from dem.shapes import Box, GrouserWheel, Plane, TriangleMesh
from dem.simulation import Simulation

__version__ = "0.1.0"

__all__ = [
    "Box",
    "ConfigError",
    "ConstantPullOff",
    "ConstantRollingTorque",
    "ContactLaws",
    "DMT",
    "DemError",
    "DeviceError",
    "GrouserWheel",
    "Hertz",
    "JKR",
    "LinearSpring",
    "LinearTangential",
    "MarshallTwisting",
    "Material",
    "Mindlin",
    "Model",
    "ModelBuilder",
    "Motion",
    "NumericalError",
    "Plane",
    "RegolithCohesion",
    "ResultsError",
    "RollingSpring",
    "SJKR",
    "Simulation",
    "StateError",
    "TriangleMesh",
    "TwistingSpring",
    "ViscousTangential",
    "WaltonBraun",
    "cohesion_to_pull_off",
    "describe_contacts",
    "open_results",
    "run_case",
    "run_study",
    "start",
]

FROM_PYTHON = ("run_case", "run_study")  # which import Hydra, so only once they are asked for


def __getattr__(name: str) -> Any:
    if name not in FROM_PYTHON:
        raise AttributeError(f"module 'dem' has no attribute {name!r}")
    return getattr(importlib.import_module("dem.launch.from_python"), name)
