"""A slider about the normal, in series with a spring and dashpot, shared by the twisting laws.

M = -(k theta + gamma omega_n), or its sign times the cap where that is smaller; then theta = -M/k and the dashpot is
off
"""

from dem.backend import ti

SLIDING_DASHPOT = "off while sliding"


@ti.func
def limit_twist(stiffness, damping, angle, velocity, cap):
    """Moment on the first partner [N m], and the angle [rad] that is left to the spring; without one it stays."""
    moment = -(stiffness * angle + damping * velocity)
    turned = angle
    limit = ti.max(cap, 0.0)
    if ti.abs(moment) > limit:
        moment = limit if moment > 0.0 else -limit
        if stiffness > 0.0:
            turned = -moment / stiffness
    return moment, turned
