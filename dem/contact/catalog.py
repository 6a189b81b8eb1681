"""The contact laws by the names that a config gives them: their class's name in words, `LinearSpring` as linear_spring.

A law that is not listed here cannot be chosen from a config; tests/config/test_contact_group.py finds it.
"""

from dem.contact.laws.hertz import Hertz
from dem.contact.laws.jkr import JKR
from dem.contact.laws.linear_spring import LinearSpring
from dem.contact.laws.linear_tangential import LinearTangential
from dem.contact.laws.marshall_twisting import MarshallTwisting
from dem.contact.laws.mindlin import Mindlin
from dem.contact.laws.part import Part
from dem.contact.laws.pull_off import DMT, ConstantPullOff
from dem.contact.laws.regolith import RegolithCohesion
from dem.contact.laws.rolling_spring import RollingSpring
from dem.contact.laws.rolling_torque import ConstantRollingTorque
from dem.contact.laws.sjkr import SJKR
from dem.contact.laws.twisting_spring import TwistingSpring
from dem.contact.laws.viscous_tangential import ViscousTangential
from dem.contact.laws.walton_braun import WaltonBraun

CATALOG: dict[str, dict[str, type[Part]]] = {
    "normal": {"hertz": Hertz, "linear_spring": LinearSpring, "walton_braun": WaltonBraun},
    "tangential": {
        "mindlin": Mindlin,
        "linear_tangential": LinearTangential,
        "viscous_tangential": ViscousTangential,
    },
    "rolling": {"rolling_spring": RollingSpring, "constant_rolling_torque": ConstantRollingTorque},
    "twisting": {"marshall_twisting": MarshallTwisting, "twisting_spring": TwistingSpring},
    "cohesion": {
        "constant_pull_off": ConstantPullOff,
        "dmt": DMT,
        "jkr": JKR,
        "sjkr": SJKR,
        "regolith_cohesion": RegolithCohesion,
    },
}
