"""Coulomb's slider in series with a spring and dashpot, shared by the tangential laws.

    F = -(k xi + eta v), or its direction times the cap where that is smaller; then xi = -F/k and the dashpot is off

A spring that went on carrying the dashpot's part while sliding would be wound up against the motion. With a cap of 0
force and displacement are exactly 0.
"""

from dem.backend import ti

CAP_CONVENTIONS = {
    "coulomb_cap": "on the whole normal force, damping included, plus friction_weight times the pull-off of cohesion",
    "sliding_dashpot": "off while sliding",
}


@ti.func
def slide(stiffness, damping, displacement, velocity, cap):
    """Force on the first partner [N], and the displacement [m] that the spring is left with."""
    force = -(stiffness * displacement + damping * velocity)
    stretched = displacement
    limit = ti.max(cap, 0.0)
    size = force.norm()
    if size > limit:
        force *= limit / size
        stretched = -force / stiffness
    return force, stretched


@ti.func
def spring_energy(stiffness, displacement):
    """k xi^2 / 2 [J]."""
    return 0.5 * stiffness * displacement.norm_sqr()
