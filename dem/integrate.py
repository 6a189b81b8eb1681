"""Motion: velocity Verlet, split around the contact forces.

To finish a step is to add up each grain's contact forces in the fixed order of its incidence list, to sum wrenches on
shapes and bodies in the order of grain ids, and to kick half a step; to begin one is to kick the other half with the
same forces, and to drift. dem/advance.py does both at once where nobody looks in between, with the same bits. Second
order in the time step (Swope et al., J. Chem. Phys. 76 (1982) 637); dashpots see the half-step velocity. Nothing here
adds floats atomically, so a run repeats bit for bit with any number of threads; `field[k] += x` would do so wherever k
is not the loop's own, and not every GPU can.
"""

from dem.backend import ti, types
from dem.maths import rotate, to_real, turn
from dem.neighbors.staleness import watch_body, watch_particle
from dem.state import is_frozen, world_of


@ti.kernel
def _command_bodies(state: ti.template(), flags: ti.types.ndarray(), targets: ti.types.ndarray()):
    """Set flags (n, 6) with each body's number as seventh, and prescribed velocities and loads (n, 2, 6).

    In one launch: it may come every step.
    """
    bodies = state.bodies
    ti.loop_config(serialize=state.few_bodies)
    for k in range(flags.shape[0]):
        body = flags[k, 6]
        for axis in ti.static(range(6)):
            bodies.prescribed[body][axis] = flags[k, axis]
            bodies.target[body][axis] = targets[k, 0, axis]
            bodies.load[body][axis] = targets[k, 1, axis]


@ti.func
def move_particle(tables: ti.template(), state: ti.template(), grid: ti.template(), i, parts):
    """A grain's part of a step, `parts` being (finish, begin, lookahead)."""
    if not is_frozen(state, world_of(state, i)):
        force, torque = take_forces(state, i, parts[0], parts[1])
        kick_particle(tables, state, i, force, torque, parts[0] + parts[1])
        if parts[1]:
            drift_particle(state, grid, i, parts[2])


@ti.func
def take_forces(state: ti.template(), i, finish, begin):
    """Force and torque on a grain: summed up to finish a step, else as the last step left them.

    They are left for who looks, and of held grains for the books; a launch that begins the next step needs no more.
    """
    particles = state.particles
    force, torque = ti.Vector.zero(types.real, 3), ti.Vector.zero(types.real, 3)
    if finish:
        force, torque = gather_forces(state, i)
        if ti.static(state.tracks_energy):
            book_fixed_work(state, i, force, torque)
        if not begin or particles.inverse_mass[i] == 0.0:
            particles.force[i] = force
            particles.torque[i] = torque
    else:
        force, torque = particles.force[i], particles.torque[i]
    return force, torque


@ti.func
def drift_particle(state: ti.template(), grid: ti.template(), i, lookahead):
    particles = state.particles
    # Not added in place: that is done atomically wherever the index is not the loop's own.
    particles.position[i] = particles.position[i] + state.time_step[None] * particles.velocity[i]
    if lookahead > 0:
        watch_particle(state, i, lookahead)
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
    """Half a step of Newton's law, once or twice: rounded as often, so that looking in between changes no bit."""
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
def book_fixed_work(state: ti.template(), i, force, torque):
    """Work that a held grain does on those that touch it, by the mean force of the step."""
    particles = state.particles
    if particles.inverse_mass[i] == 0.0:
        power = (particles.force[i] + force).dot(particles.velocity[i])
        power += (particles.torque[i] + torque).dot(particles.angular_velocity[i])
        grain = particles.id[i]
        state.fixed_work[grain] = state.fixed_work[grain] - 0.5 * state.time_step[None] * power


@ti.func
def sum_blocks(tables: ti.template(), state: ti.template()):
    """Wrenches on each shape of each block of grain ids, summed in the order of ids."""
    bodies, contacts = state.bodies, state.contacts
    ti.loop_config(serialize=True if state.serial else state.few_blocks)
    for block in range(state.block_count):
        world = world_of(state, state.block_start[block])
        first = tables.first_shape[world]
        for column in range(tables.first_shape[world + 1] - first):
            bodies.block_wrench[block, column] = ti.Vector.zero(types.position, 6)
        stop = contacts.feature_start[state.block_start[block + 1]]
        for k in range(contacts.feature_start[state.block_start[block]], stop):
            c = contacts.feature_contact[k]
            if contacts.overlap[c] > 0.0:
                column = contacts.second[c] - first
                force, torque = contacts.force[c], contacts.torque[c]
                wrench = bodies.block_wrench[block, column]  # not added in place, which would be atomic
                for axis in ti.static(range(3)):
                    wrench[axis] -= force[axis]
                    wrench[axis + 3] += torque[axis]
                bodies.block_wrench[block, column] = wrench


@ti.func
def move_bodies(tables: ti.template(), state: ti.template(), parts):
    """Bodies' part of a launch, `parts` being (finish, begin, lookahead)."""
    ti.loop_config(serialize=state.few_bodies)
    for world in range(state.world_count):
        is_moving = not is_frozen(state, world)
        if parts[0] and is_moving:
            finish_bodies(tables, state, world)
        if parts[1] and is_moving:
            state.drifted[world] = state.drifted[world] + state.time_step[None] * state.drift[world]
            for b in range(tables.first_body[world], tables.first_body[world + 1]):
                kick_body(tables, state, b)
                drift_body(tables, state, b, parts[2])


@ti.func
def finish_bodies(tables: ti.template(), state: ti.template(), world):
    """Give a world's bodies the wrenches of their shapes, and half a kick."""
    bodies = state.bodies
    for b in range(tables.first_body[world], tables.first_body[world + 1]):
        if ti.static(state.tracks_energy):
            book_body_work(state, b)
        bodies.force[b] = ti.Vector.zero(types.position, 3)
        bodies.torque[b] = ti.Vector.zero(types.position, 3)
    for shape in range(tables.first_shape[world], tables.first_shape[world + 1]):
        add_wrench(tables, state, world, shape)
    for b in range(tables.first_body[world], tables.first_body[world + 1]):
        if ti.static(state.tracks_energy):
            book_body_work(state, b)
        kick_body(tables, state, b)


@ti.func
def add_wrench(tables: ti.template(), state: ti.template(), world, shape):
    """Sum a shape's wrench over the blocks of its world, and give it to its body."""
    bodies, column = state.bodies, shape - tables.first_shape[world]
    wrench = ti.Vector.zero(types.position, 6)
    for block in range(state.first_block[world], state.first_block[world + 1]):
        wrench += bodies.block_wrench[block, column]
    bodies.shape_wrench[shape] = wrench
    b = tables.shape_body[shape]
    bodies.force[b] = bodies.force[b] + ti.Vector([wrench[0], wrench[1], wrench[2]])
    bodies.torque[b] = bodies.torque[b] + ti.Vector([wrench[3], wrench[4], wrench[5]])
    bodies.impulse[b] = bodies.impulse[b] + state.time_step[None] * wrench


@ti.func
def book_body_work(state: ti.template(), b):
    """Half a step's work of a body on the soil, by the wrench at hand and the velocity of the step."""
    bodies = state.bodies
    power = bodies.force[b].dot(bodies.velocity[b]) + bodies.torque[b].dot(bodies.angular_velocity[b])
    bodies.work[b] = bodies.work[b] - 0.5 * state.time_step[None] * power


@ti.func
def drift_body(tables: ti.template(), state: ti.template(), b, lookahead):
    bodies, time_step = state.bodies, state.time_step[None]
    bodies.position[b] = bodies.position[b] + time_step * bodies.velocity[b]
    bodies.orientation[b] = turn(bodies.orientation[b], time_step * bodies.angular_velocity[b])
    if lookahead > 0:
        watch_body(tables, state, b, lookahead)


@ti.func
def kick_body(tables: ti.template(), state: ti.template(), b):
    """Half a step of Newton and Euler on the free axes; prescribed axes take their velocity."""
    bodies = state.bodies
    half = 0.5 * state.time_step[None]
    flags, target, load = bodies.prescribed[b], bodies.target[b], bodies.load[b]
    spin = spin_acceleration(state, b)
    for axis in ti.static(range(3)):
        push = (bodies.force[b][axis] + load[axis]) / bodies.mass[b] + tables.gravity[tables.body_world[b]][axis]
        bodies.velocity[b][axis] = target[axis] if flags[axis] else bodies.velocity[b][axis] + half * push
        moved = bodies.angular_velocity[b][axis] + half * spin[axis]
        bodies.angular_velocity[b][axis] = target[axis + 3] if flags[axis + 3] else moved


@ti.func
def spin_acceleration(state: ti.template(), b):
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
