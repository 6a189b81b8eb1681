"""Motion: velocity Verlet, split around the contact forces.

To finish a step is to add up each grain's contact forces in the fixed order of its incidence list, to sum wrenches on
shapes and bodies in the order of grain ids, and to kick half a step; to begin one is to kick the other half with the
same forces, and to drift. dem/advance.py does both at once where nothing reads the state in between, with the same
bits. Second order in the time step (Swope et al., J. Chem. Phys. 76 (1982) 637); dashpots see the half-step velocity.
Nothing here adds floats atomically, so a run repeats bit for bit with any number of threads; `field[k] += x` would do
so wherever k is not the loop's own, and not every GPU can.
"""

from dem.backend import ti, types
from dem.maths import advance_orientation, rotate, to_real
from dem.neighbors.staleness import watch_body, watch_particle
from dem.state import is_frozen, is_halted, world_of

AXIS_COUNT = 6  # of a body: along x, y, z, and about them
BODY = AXIS_COUNT  # column of a body's number beside its flags
VELOCITY, LOAD = 0, 1  # rows of what a body is told


@ti.kernel
def command_bodies(state: ti.template(), flags: ti.types.ndarray(), targets: ti.types.ndarray()):
    """Set which axes are prescribed, and their velocities and loads, of the bodies that rows name.

    In one launch: it may come every step.

    Args:
        state: whose bodies.
        flags: (n, 7), one an axis, and the number of the body in column BODY.
        targets: (n, 2, 6), rows VELOCITY [m/s, rad/s] and LOAD [N, N m].

    Reads: flags, targets.
    Writes: bodies.prescribed, bodies.target, bodies.load.
    """
    bodies = state.bodies
    ti.loop_config(serialize=state.few_bodies)
    for k in range(flags.shape[0]):
        body = flags[k, BODY]
        for axis in ti.static(range(AXIS_COUNT)):
            bodies.prescribed[body][axis] = flags[k, axis]
            bodies.target[body][axis] = targets[k, VELOCITY, axis]
            bodies.load[body][axis] = targets[k, LOAD, axis]


@ti.func
def move_particle(tables: ti.template(), state: ti.template(), grid: ti.template(), i, part):
    """A grain's part of a launch, `part` being a `StepPart`."""
    if not is_frozen(state, world_of(state, i)):
        begin = ti.cast(part.horizon >= 0, ti.i32)
        force, torque = take_forces(state, i, part.finish, begin)
        kick_particle(tables, state, i, force, torque, part.finish + begin)
        if begin:
            drift_particle(state, grid, i, part)


@ti.func
def take_forces(state: ti.template(), i, finish, begin):
    """Force and torque on a grain: summed up to finish a step, else as the last step left them.

    They are stored for whatever reads the state, and of held grains for the energy balance; a launch that begins the
    next step needs no more.
    """
    particles = state.particles
    force, torque = ti.Vector.zero(types.real, 3), ti.Vector.zero(types.real, 3)
    if finish:
        force, torque = gather_forces(state, i)
        if ti.static(state.tracks_energy):
            add_fixed_work(state, i, force, torque)
        if not begin or particles.inverse_mass[i] == 0.0:
            particles.force[i] = force
            particles.torque[i] = torque
    else:
        force, torque = particles.force[i], particles.torque[i]
    return force, torque


@ti.func
def drift_particle(state: ti.template(), grid: ti.template(), i, part):
    particles = state.particles
    # Not added in place: that is done atomically wherever the index is not the loop's own.
    particles.position[i] = particles.position[i] + state.time_step[None] * particles.velocity[i]
    if part.horizon > 0:
        watch_particle(state, i, part)
    wrap_particle(state, grid, i)


@ti.func
def wrap_particle(state: ti.template(), grid: ti.template(), i):
    """Bring a grain that crossed a periodic face back at once: no bit may depend on when neighbours are searched."""
    particles = state.particles
    for axis in ti.static(range(3)):
        place, boxes = particles.position[i][axis], 0
        if place < grid.wrap_lower[None][axis]:
            boxes = -1
        elif place >= grid.wrap_upper[None][axis]:
            boxes = 1
        if boxes != 0:
            particles.position[i][axis] = place - boxes * grid.period[None][axis]
            at_search = particles.position_at_search[i][axis]
            particles.position_at_search[i][axis] = at_search - boxes * grid.period[None][axis]
            particles.image[i][axis] = particles.image[i][axis] + boxes


@ti.func
def kick_particle(tables: ti.template(), state: ti.template(), i, force, torque, kicks):
    """Half a step of Newton's law, once or twice: rounded as often, so that reading in between changes no bit."""
    particles = state.particles
    inverse_mass = particles.inverse_mass[i]
    if inverse_mass > 0.0:
        half = to_real(0.5 * state.time_step[None])
        inverse_inertia = 2.5 * inverse_mass / (particles.radius[i] * particles.radius[i])
        push = half * (inverse_mass * force + tables.gravity[world_of(state, i)])
        swing = half * inverse_inertia * torque
        velocity, spin = particles.velocity[i] + push, particles.angular_velocity[i] + swing
        if kicks > 1:
            velocity += push
            spin += swing
        particles.velocity[i] = velocity
        particles.angular_velocity[i] = spin


@ti.func
def gather_forces(state: ti.template(), i):
    """Force and torque of the contacts on a grain: of its own, summed already, and of those that others own.

    They hold zeros where they do not touch, which costs less than asking.
    """
    particles, contacts = state.particles, state.contacts
    force, torque = particles.own_force[i], particles.own_torque[i]
    for entry in range(contacts.incidence_start[i], contacts.incidence_start[i + 1]):
        c = contacts.incidence[entry]
        force -= contacts.force[c]
        torque += contacts.torque[c]
    return force, torque


@ti.func
def add_fixed_work(state: ti.template(), i, force, torque):
    """Work that a held grain does on those that touch it, by the mean force of the step."""
    particles = state.particles
    if particles.inverse_mass[i] == 0.0:
        power = (particles.force[i] + force).dot(particles.velocity[i])
        power += (particles.torque[i] + torque).dot(particles.angular_velocity[i])
        own = particles.id[i]
        state.fixed_work[own] = state.fixed_work[own] - 0.5 * state.time_step[None] * power


@ti.func
def sum_block(tables: ti.template(), state: ti.template(), block):
    """Wrenches on each shape of a block of grain ids, summed in the order of ids."""
    contacts = state.contacts
    first_id, stop_id = state.tree.block_start[block], state.tree.block_start[block + 1]
    world = world_of(state, first_id)
    first = tables.first_shape[world]
    for column in range(tables.first_shape[world + 1] - first):
        state.block_wrench[block, column] = ti.Vector.zero(types.position, 6)
    for k in range(contacts.element_start[first_id], contacts.element_start[stop_id]):
        c = contacts.element_contact[k]
        if contacts.overlap[c] > 0.0:
            column = contacts.second[c] - first
            force, torque = contacts.force[c], contacts.torque[c]
            wrench = state.block_wrench[block, column]  # not added in place, which would be atomic
            for axis in ti.static(range(3)):
                wrench[axis] -= force[axis]
                wrench[axis + 3] += torque[axis]
            state.block_wrench[block, column] = wrench


@ti.func
def sum_groups(tables: ti.template(), state: ti.template(), turn: ti.template()):
    """Wrenches on each shape of each group of blocks, summed in the order of blocks; call at a kernel's top."""
    tree = state.tree
    ti.loop_config(serialize=not state.runs_ahead)
    for k in range(tree.group_count * state.group_wrench.shape[1]):
        group, column = k // state.group_wrench.shape[1], k % state.group_wrench.shape[1]
        world = world_of(state, tree.block_start[tree.group_start[group]])
        if not is_halted(state, turn) and column < tables.first_shape[world + 1] - tables.first_shape[world]:
            wrench = ti.Vector.zero(types.position, 6)
            for block in range(tree.group_start[group], tree.group_start[group + 1]):
                wrench += state.block_wrench[block, column]
            state.group_wrench[group, column] = wrench


@ti.func
def move_body(tables: ti.template(), state: ti.template(), b, part):
    """A body's part of a launch, `part` as of a grain."""
    world = tables.body_world[b]
    if not is_frozen(state, world):
        if part.finish:
            finish_body(tables, state, b)
        if part.horizon >= 0:
            if b == tables.first_body[world]:
                state.drifted[world] = state.drifted[world] + state.time_step[None] * state.drift[world]
            kick_body(tables, state, b)
            drift_body(tables, state, b, part)


@ti.func
def finish_body(tables: ti.template(), state: ti.template(), b):
    """Give a body the wrenches of its shapes, in their order, and half a kick."""
    bodies, world = state.bodies, tables.body_world[b]
    if ti.static(state.tracks_energy):
        add_body_work(state, b)
    force, torque = ti.Vector.zero(types.position, 3), ti.Vector.zero(types.position, 3)
    for shape in range(tables.first_shape[world], tables.first_shape[world + 1]):
        if tables.shape_body[shape] == b:
            wrench = sum_wrench(tables, state, world, shape)
            bodies.shape_wrench[shape] = wrench
            force += ti.Vector([wrench[0], wrench[1], wrench[2]])
            torque += ti.Vector([wrench[3], wrench[4], wrench[5]])
            bodies.impulse[b] = bodies.impulse[b] + state.time_step[None] * wrench
    bodies.force[b], bodies.torque[b] = force, torque
    if ti.static(state.tracks_energy):
        add_body_work(state, b)
    kick_body(tables, state, b)


@ti.func
def sum_wrench(tables: ti.template(), state: ti.template(), world, shape):
    """A shape's wrench, summed over the groups of its world."""
    wrench, column = ti.Vector.zero(types.position, 6), shape - tables.first_shape[world]
    for group in range(state.tree.first_group[world], state.tree.first_group[world + 1]):
        wrench += state.group_wrench[group, column]
    return wrench


@ti.func
def add_body_work(state: ti.template(), b):
    """Half a step's work of a body on the soil, by the wrench at hand and the velocity of the step."""
    bodies = state.bodies
    power = bodies.force[b].dot(bodies.velocity[b]) + bodies.torque[b].dot(bodies.angular_velocity[b])
    bodies.work[b] = bodies.work[b] - 0.5 * state.time_step[None] * power


@ti.func
def drift_body(tables: ti.template(), state: ti.template(), b, part):
    bodies, time_step = state.bodies, state.time_step[None]
    bodies.position[b] = bodies.position[b] + time_step * bodies.velocity[b]
    bodies.orientation[b] = advance_orientation(bodies.orientation[b], time_step * bodies.angular_velocity[b])
    if part.horizon > 0:
        watch_body(tables, state, b, part)


@ti.func
def kick_body(tables: ti.template(), state: ti.template(), b):
    """Half a step of Newton and Euler on the free axes; prescribed axes take their velocity."""
    bodies = state.bodies
    half = 0.5 * state.time_step[None]
    flags, target, load = bodies.prescribed[b], bodies.target[b], bodies.load[b]
    spin = angular_acceleration(state, b)
    for axis in ti.static(range(3)):
        push = (bodies.force[b][axis] + load[axis]) / bodies.mass[b] + tables.gravity[tables.body_world[b]][axis]
        bodies.velocity[b][axis] = target[axis] if flags[axis] else bodies.velocity[b][axis] + half * push
        moved = bodies.angular_velocity[b][axis] + half * spin[axis]
        bodies.angular_velocity[b][axis] = target[axis + 3] if flags[axis + 3] else moved


@ti.func
def angular_acceleration(state: ti.template(), b):
    """Angular acceleration [rad/s2] by Euler's equations; a prescribed axis has none, whatever torque it takes."""
    bodies = state.bodies
    attitude, spin, principal = bodies.orientation[b], bodies.angular_velocity[b], bodies.inertia[b]
    inertia = ti.Matrix.zero(types.position, 3, 3)
    for k in ti.static(range(3)):
        unit = ti.Vector.unit(3, k, types.position)
        axis = rotate(attitude, unit)
        inertia += principal[k] * axis.outer_product(axis)
    load = bodies.load[b]
    torque = bodies.torque[b] + ti.Vector([load[3], load[4], load[5]]) - spin.cross(inertia @ spin)
    for k in ti.static(range(3)):
        if bodies.prescribed[b][k + 3]:
            torque[k] = 0.0
            for m in ti.static(range(3)):
                inertia[k, m] = 0.0
                inertia[m, k] = 0.0
            inertia[k, k] = 1.0
    return inertia.inverse() @ torque
