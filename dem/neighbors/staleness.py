"""When the list of neighbours is stale: something has moved so far that a pair may be missing.

A pair is listed if the gap is within the skin; then each of two grains may move half of it. Few grains move much more
than the others, over a floor that the bed slides along, or thrown up: they would have all neighbours searched for their
sake. So those that moved more than most since the last search are listed with a wider skin, and may move farther.
"""

from dem.backend import ti, types
from dem.errors import Fault
from dem.maths import to_real
from dem.state import world_of
from dem.sum_tree import sum_rows

SOON = 0.9  # of what a grain may move: what is left is for a grain that is kicked between two checks
FAST = 2.0  # times the root of the mean square of what grains moved: from there on a grain is given extra skin


@ti.func
def measure_motion(state: ti.template(), block):
    """Sums over a block of grains: velocities, and squares of how far they moved, which extra_skin holds till then."""
    total, particles = ti.Vector.zero(types.position, 4), state.particles
    for i in range(state.tree.block_start[block], state.tree.block_start[block + 1]):
        square, velocity = moved_apart(state, i).norm_sqr(), particles.velocity[i]
        particles.extra_skin[i] = square
        total += ti.Vector([velocity[0], velocity[1], velocity[2], square])
    state.block_motion[block] = total


@ti.func
def sum_group_motion(state: ti.template(), group):
    """Add up the sums of the blocks of a group."""
    tree = state.tree
    state.group_motion[group] = sum_rows(state.block_motion, tree.group_start[group], tree.group_start[group + 1])


@ti.func
def average_motion(state: ti.template(), world):
    """A world's mean-square displacement, and its drift, the mean velocity of its grains, which makes no neighbours."""
    tree = state.tree
    total = sum_rows(state.group_motion, tree.first_group[world], tree.first_group[world + 1])
    mean = total / ti.max(state.first_particle[world + 1] - state.first_particle[world], 1)
    state.drift[world] = ti.Vector([mean[0], mean[1], mean[2]])
    state.drifted[world] = ti.Vector.zero(types.position, 3)
    state.mean_square_motion[world] = mean[3]


@ti.func
def set_extra_skin(state: ti.template(), i):
    """Let a grain that moved more than most move farther than half the skin, at most as much again."""
    particles = state.particles
    square, usual = particles.extra_skin[i], FAST**2 * to_real(state.mean_square_motion[world_of(state, i)])
    particles.extra_skin[i] = 0.0
    if square > usual:  # false for what is not a number, and where nothing moved yet
        particles.extra_skin[i] = ti.min(ti.sqrt(square / usual) - 1.0, 1.0) * to_real(state.half_skin[None])


@ti.func
def moved_apart(state: ti.template(), i):
    """How far a grain has moved since the last search [m], less the drift of all of its world's grains."""
    moved = state.particles.position[i] - state.particles.position_at_search[i]
    return to_real(moved) - to_real(state.drifted[world_of(state, i)])


@ti.func
def watch_particle(state: ti.template(), i, part):
    """Whether a grain has moved so far that a neighbour may be missing; `part` being a `StepPart`.

    Between grains only what sets them apart matters, so that a bed may slide along: the drift of the whole bed is taken
    off. Of a shape that is out of reach, or whose elements are listed in part, a grain must keep half its distance.
    """
    particles, world, horizon = state.particles, world_of(state, i), part.horizon
    moved = to_real(particles.position[i] - particles.position_at_search[i])
    apart = moved - to_real(state.drifted[world])
    room, unlisted_distance = (
        to_real(state.half_skin[None]) + particles.extra_skin[i],
        0.5 * particles.unlisted_distance[i],
    )
    is_late = is_longer(apart, room) | is_longer(moved, unlisted_distance)
    is_soon = is_late
    if horizon > 1:  # only then are lengths needed, and their roots
        step = 2.0 * (horizon - 1) * to_real(state.time_step[None])
        velocity, drift = particles.velocity[i], to_real(state.drift[world])
        is_soon |= apart.norm() + step * (velocity - drift).norm() > SOON * room
        is_soon |= moved.norm() + step * velocity.norm() > SOON * unlisted_distance
    mark_stale(state, world, is_soon, is_late, part)


@ti.func
def is_longer(vector, limit):
    """Whether a vector is longer than `limit`, without a root."""
    return vector.norm_sqr() > limit * ti.abs(limit)


@ti.func
def watch_body(tables: ti.template(), state: ti.template(), b, part):
    """Whether a body's surface has moved so far that a grain may be missing."""
    bodies, time_step, horizon = state.bodies, state.time_step[None], part.horizon
    shift = (bodies.position[b] - bodies.position_at_search[b]).norm()
    # A rotation by a changes its quaternion by 2 sin(a/4); 2.2 instead of 2 keeps the bound safe to 1 rad.
    swing = 2.2 * (bodies.orientation[b] - bodies.orientation_at_search[b]).norm() * bodies.extent[b]
    speed = bodies.velocity[b].norm() + bodies.angular_velocity[b].norm() * bodies.extent[b]
    ahead, limit = 2.0 * (horizon - 1) * time_step * speed, state.half_skin[None]
    is_soon = shift + swing + ahead > (SOON if horizon > 1 else 1.0) * limit
    mark_stale(state, tables.body_world[b], is_soon, shift + swing > limit, part)


@ti.func
def mark_stale(state: ti.template(), world, is_soon, is_late, part):
    """Ask for a search, which comes before contact forces are computed: a check every step needs no horizon.

    A check whose predecessor had a horizon of several steps must not find that it is too late.
    """
    if is_soon:
        ti.atomic_max(state.stale[part.turn % 2], part.turn + 1)
    if is_late and part.last_horizon > 1:
        ti.atomic_or(state.fault[world], ti.static(int(Fault.STALE_NEIGHBORS)))
