"""How a contact's parts are called, in kernels: whatever was not chosen leaves no trace in the compiled code.

`load` is the force that presses the partners together as the friction caps see it, see laws/friction_weight.py.
"""

from dem.backend import ti, types
from dem.contact.simd_batch import recall


@ti.func
def normal_parts(laws: ti.template(), first, second, contact):
    """Elastic force and that with the dashpot [N], and the tangent stiffness [N/m]."""
    elastic, damping, stiffness = laws.normal.spec.force(laws.normal.table[first, second], contact)
    normal_force = elastic - damping * contact.normal_velocity
    if ti.static(laws.clamp_tension):
        normal_force = ti.max(normal_force, 0.0)
    return elastic, normal_force, stiffness


@ti.func
def attraction(laws: ti.template(), first, second, contact):
    """The pull of cohesion [N], and the caps' load beyond the normal force [N]: exactly 0 for DMT at weight 1."""
    pull, extra_load = 0.0 * contact.overlap, 0.0 * contact.overlap
    if ti.static(laws.has_cohesion):
        pull, pull_off = laws.cohesion.spec.attraction(laws.cohesion.table[first, second], contact)
        extra_load = ti.static(laws.friction_weight) * pull_off - pull
    return pull, extra_load


@ti.func
def tangential_force(laws: ti.template(), first, second, contact, displacement, load):
    """Force on the first partner [N], new displacement [m]."""
    return laws.tangential.spec.force(laws.tangential.table[first, second], contact, displacement, load)


@ti.func
def rolling_moment(laws: ti.template(), first, second, contact, displacement, load):
    """Moment on the first partner [N m], new rolling displacement [m]."""
    return laws.rolling.spec.moment(laws.rolling.table[first, second], contact, displacement, load)


@ti.func
def twisting_moment(laws: ti.template(), first, second, contact, angle, load):
    """Moment on the first partner along the normal [N m], new angle [rad]."""
    stiffness, damping = laws.tangential.spec.stiffness(laws.tangential.table[first, second], contact)
    return laws.twisting.spec.moment(laws.twisting.table[first, second], contact, angle, load, stiffness, damping)


@ti.func
def gap_of(laws: ti.template(), first, second, radius_eff):
    """Widest gap [m] across which a contact holds."""
    gap = 0.0 * radius_eff
    if ti.static(laws.has_neck):
        gap = laws.cohesion.spec.gap(laws.cohesion.table[first, second], radius_eff)
    return gap


@ti.func
def stored_energies(tables: ti.template(), outputs: ti.template(), lane: ti.template(), own, material, contact):
    """Energies that a contact's parts store now [J]: normal with cohesion, sliding, rolling, twisting."""
    laws = tables.laws
    stored = ti.Vector.zero(types.real, 4)
    stored[0] = laws.normal.spec.energy(laws.normal.table[own, material], contact)
    if ti.static(laws.has_cohesion):
        stored[0] += laws.cohesion.spec.energy(laws.cohesion.table[own, material], contact)
    table = laws.tangential.table[own, material]
    stored[1] = laws.tangential.spec.energy(table, contact, recall(laws.tangential.spec.memory, outputs, lane))
    if ti.static(laws.has_rolling):
        roll = laws.rolling.table[own, material]
        stored[2] = laws.rolling.spec.energy(roll, contact, recall(laws.rolling.spec.memory, outputs, lane))
    if ti.static(laws.has_twisting):
        stiffness, _ = laws.tangential.spec.stiffness(table, contact)
        twist = laws.twisting.table[own, material]
        angle = recall(laws.twisting.spec.memory, outputs, lane)
        stored[3] = laws.twisting.spec.energy(twist, contact, angle, stiffness)
    return stored
