"""A step in one pass over the grains: their contacts, and their motion as soon as all of theirs are known.

What a contact does to its second partner is stored for that one to gather. In a pass of its own nearly all of it comes
from a far cache, as do the grains. So a thread takes a chunk of the grains, which lie in memory as they do in space,
and computes their contacts group of rows by group, each followed by the motion of those groups all of whose partners
have their contact forces. Groups that have a partner in another thread's chunk move when all threads are done.

Where threads are plenty, on a GPU, contacts and motion are two passes: `advance_in_passes` is the plain algorithm.
There the host launches several steps before it checks whether one of them found neighbours stale: those after that one
do nothing, see `is_halted`.

No bit depends on it: each grain's sums run in their own order, and no grain is moved before all contacts that read it
are computed.
"""

from dem.backend import ti
from dem.contact.forces import compute_forces_of_row, compute_forces_of_rows
from dem.contact.meshes import pass_on_meshes
from dem.integrate import move_body, move_particle, sum_block, sum_groups
from dem.state import StepPart, hand_on, is_halted


@ti.kernel
def begin_motion(
    tables: ti.template(), state: ti.template(), grid: ti.template(), horizon: ti.i32, last_horizon: ti.i32,
    turn: ti.i32,
):  # fmt: skip
    """Kick half a step and drift; with `horizon` > 0 mark the neighbours stale if they may become so within that
    many steps. `last_horizon` is that of the check before; `turn` counts launches since the host checked.

    Reads: gravity, time_step; force, torque, mass and radius of grains, position_at_search, extra_skin and
        unlisted_distance; motion, force, torque, load and inertia of bodies; drift, frozen, stale.
    Writes: position, velocity, angular_velocity, image and position_at_search of grains; position, orientation and
        velocities of bodies; drifted, stale, fault.
    """
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        if not is_halted(state, turn):
            move_particle(tables, state, grid, i, StepPart(0, horizon, last_horizon, turn))
    move_bodies(tables, state, 0, horizon, last_horizon, turn)


@ti.kernel
def finish_step(
    tables: ti.template(), state: ti.template(), grid: ti.template(), horizon: ti.i32, last_horizon: ti.i32,
    turn: ti.i32,
):  # fmt: skip
    """Forces and torques of all contacts, whose history moves on by one time step, and what they do to grains and
    bodies; with `horizon` >= 0, not NOT_BEGUN, also the beginning of the next step.

    Reads: the list of contacts and what they remember, pair tables, shapes and meshes; all that `begin_motion` reads.
    Writes: force, torque and memory of contacts, `mesh_*` of those with triangles; own_force, own_torque, velocity and
        angular_velocity of grains, force and torque where no step begins or they are held; block_wrench, group_wrench;
        shape_wrench, force, torque, impulse and velocities of bodies; worst_overlap, worst_particle, fault; with
        energies dissipated, fixed_work and bodies.work; where a step begins, all that `begin_motion` writes.
    """
    if ti.static(tables.meshes.present):
        pass_on_meshes(tables, state, turn)
    if ti.static(tables.laws.lanes > 1):
        advance_chunks(tables, state, grid, StepPart(1, horizon, last_horizon, turn))
    else:
        advance_in_passes(tables, state, grid, horizon, last_horizon, turn)
    sum_groups(tables, state, turn)
    move_bodies(tables, state, 1, horizon, last_horizon, turn)


@ti.func
def move_bodies(
    tables: ti.template(), state: ti.template(), finish: ti.template(), horizon: ti.template(),
    last_horizon: ti.template(), turn: ti.template(),
):  # fmt: skip
    """All bodies, or the word that this launch is halted; the last pass, since others read what it moves."""
    ti.loop_config(serialize=state.few_bodies)
    for b in range(state.body_count):
        if not is_halted(state, turn):
            move_body(tables, state, b, StepPart(finish, horizon, last_horizon, turn))
        elif b == 0:
            hand_on(state, turn)


@ti.func
def advance_in_passes(
    tables: ti.template(), state: ti.template(), grid: ti.template(), horizon: ti.template(),
    last_horizon: ti.template(), turn: ti.template(),
):  # fmt: skip
    """Compute all contacts, then move all grains: where threads are plenty, or grains too few to share."""
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        if not is_halted(state, turn):
            compute_forces_of_row(tables, state, grid, i)
    ti.loop_config(serialize=state.serial)
    for k in range(state.particle_count + state.tree.block_count):
        if not is_halted(state, turn):
            if k < state.particle_count:
                move_particle(tables, state, grid, k, StepPart(1, horizon, last_horizon, turn))
            else:
                sum_block(tables, state, k - state.particle_count)


@ti.func
def advance_chunks(tables: ti.template(), state: ti.template(), grid: ti.template(), part):
    """Advance chunks of grains, each by a thread; then the groups that lie at their ends, and blocks."""
    for i in range(state.particle_count):  # Taichi hands out 512 turns at a time: a turn must not do much on average
        if i % state.chunk == 0:
            advance_chunk(tables, state, grid, i, ti.min(i + state.chunk, state.particle_count), part)
    for i in range(state.particle_count):
        if i % ti.static(tables.laws.rows) == 0:
            first = i - i % state.chunk
            last = ti.min(first + state.chunk, state.particle_count)
            if not lies_within(grid, i // ti.static(tables.laws.rows), first, last):
                move_group(tables, state, grid, i, last, part)
    ti.loop_config(serialize=state.few_blocks)
    for block in range(state.tree.block_count):
        sum_block(tables, state, block)


@ti.func
def advance_chunk(tables: ti.template(), state: ti.template(), grid: ti.template(), first, last, part):
    """Compute the contacts of the grains from `first` to before `last`; move those all of whose partners are these."""
    rows = ti.static(tables.laws.rows)
    computed, moved = first, first
    while computed < last:
        stop = ti.min(computed + rows, last)
        compute_forces_of_rows(tables, state, grid, computed, stop)
        computed = stop
        follows = True
        while follows and moved < computed:
            within = lies_within(grid, moved // rows, first, last)
            follows = not within or grid.last_partner[moved // rows] < computed
            if follows:
                if within:
                    move_group(tables, state, grid, moved, last, part)
                moved += rows


@ti.func
def lies_within(grid: ti.template(), group, first, last):
    """Whether all partners of a group of rows lie from the slot `first` to before `last`."""
    return grid.first_partner[group] >= first and grid.last_partner[group] < last


@ti.func
def move_group(tables: ti.template(), state: ti.template(), grid: ti.template(), first, last, part):
    """Move the grains of a group of rows, which ends at `last` at the latest."""
    for i in range(first, ti.min(first + ti.static(tables.laws.rows), last)):
        move_particle(tables, state, grid, i, part)
