"""Coulomb's slider in series with a spring and dashpot, shared by the tangential laws. Three conventions:

    "dashpot_off"    F = -(k xi + eta v), or its direction times the cap where that is smaller; then xi = -F/k
    "dashpot_kept"   the same force, but xi = -(F + eta v)/k: the spring holds the cap less the dashpot (LAMMPS)
    "spring_capped"  k |xi| <= cap, the dashpot being added while that holds and off while it slides (LIGGGHTS, EDEM)

"dashpot_off" is a convention of some codes, and gains energy with linear springs: where the dashpot alone reaches the
cap the spring is set to hold it all, wound up by work that nobody did, and gives that back. At oblique hits grains then
leave with up to 1.25 of their kinetic energy. So linear springs keep the dashpot, unless told otherwise. They differ
only where a contact goes from sliding to sticking or back with the dashpot at work: not at all for a
restitution of 1. With a cap of 0 the force is exactly 0, but for the dashpot of the third.

Where the tail of the normal dashpot pulls, "pushing" lets nothing rub; with "magnitude" the cap is mu |F_n|, as in
LAMMPS and LIGGGHTS; with "elastic" it is mu times the normal law's elastic part, whatever dashpot and cohesion do.
"""

from dem.backend import ti
from dem.errors import ConfigError

CAP_CONVENTIONS = {
    "coulomb_cap": "on the whole normal force, damping included (unless load is elastic), plus friction_weight times "
    "the pull-off of cohesion",
}


@ti.func
def slide(stiffness, damping, displacement, velocity, cap):
    """Force on the first partner [N], and the displacement [m] that the spring is left with."""
    force = -(stiffness * displacement + damping * velocity)
    stretched = displacement
    square = force.norm_sqr()
    if square > cap * cap:
        force *= cap / ti.sqrt(square)
        stretched = force * (-1.0 / stiffness)
    return force, stretched


@ti.func
def slide_with_dashpot(stiffness, damping, displacement, velocity, cap):
    """Slide as `slide` does, but the spring holds only what the dashpot does not."""
    drag = damping * velocity
    force = -(stiffness * displacement + drag)
    stretched = displacement
    size = force.norm()
    if size > cap:
        force *= cap / size
        stretched = -(force + drag) / stiffness
    return force, stretched


@ti.func
def slide_spring(stiffness, damping, displacement, velocity, cap):
    """Slide as `slide` does, but the cap is on the spring alone."""
    force = -stiffness * displacement
    stretched = displacement
    size = force.norm()
    if size > cap:
        force *= cap / size
        stretched = -force / stiffness
    else:
        force -= damping * velocity
    return force, stretched


DAMPED_BY = ("tangential", "normal")  # the stiffness in a dashpot's formula


@ti.func
def pushing(contact, load):
    """The load that friction sees [N]: none where the partners pull."""
    return ti.max(load, 0.0)


@ti.func
def magnitude(contact, load):
    """The load that friction sees [N], whichever way it acts."""
    return ti.abs(load)


@ti.func
def elastic(contact, load):
    """The elastic part of the normal force [N]."""
    return contact.secant_stiffness * contact.overlap


FRICTION_LOADS = {"pushing": pushing, "magnitude": magnitude, "elastic": elastic}
SLIDERS = {"dashpot_off": slide, "dashpot_kept": slide_with_dashpot, "spring_capped": slide_spring}


def check_choice(name: str, value: str, allowed: tuple[str, ...] | dict) -> None:
    """Raise `ConfigError` for a convention that does not exist."""
    if value not in allowed:
        raise ConfigError(f"{name} is {value!r}, must be one of {', '.join(allowed)}; use {next(iter(allowed))!r}")


def check_share(name: str, value: float) -> None:
    """Raise `ConfigError` for a share of a dashpot that is negative, or far too large."""
    if not 0 <= value <= 10:
        raise ConfigError(f"{name} is {value}, must lie in [0, 10]; use 1, or 0 for no dashpot")


@ti.func
def spring_energy(stiffness, displacement):
    """Energy stored, k xi^2 / 2 [J]."""
    return 0.5 * stiffness * displacement.norm_sqr()
