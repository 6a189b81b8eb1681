"""A step in one pass over the grains: their contacts, and their motion as soon as all of theirs are known.

What a contact does to its second partner is stored for that one to gather. In a pass of its own nearly all of it comes
from a far cache, as do the grains. So a thread takes a stretch of the
grains, which lie as they do in space, and follows the contacts, group of rows by group, with the motion of those groups
whose every partner has been met. Groups that have a partner in another thread's stretch move when all threads are done.

No bit depends on it: each grain's sums run in their own order, and no grain is moved before all who look at it have.
"""

from dem.backend import ti
from dem.contact.meshes import pass_on_meshes
from dem.contact.resolve import resolve_rows
from dem.integrate import move_bodies, move_particle, sum_blocks


@ti.kernel
def _begin_step(tables: ti.template(), state: ti.template(), grid: ti.template(), lookahead: ti.i32):
    """Kick half a step and drift; with `lookahead` > 0 mark the neighbours stale if they may become so within that
    many steps."""
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        move_particle(tables, state, grid, i, ti.Vector([0, 1, lookahead]))
    move_bodies(tables, state, ti.Vector([0, 1, lookahead]))
    if lookahead > 0:
        state.looked_ahead[None] = lookahead


@ti.kernel
def _finish_step(tables: ti.template(), state: ti.template(), grid: ti.template(), begin: ti.i32, lookahead: ti.i32):
    """Forces and torques of all contacts, whose history moves on by one time step, and what they do to grains and
    bodies; if asked, also the beginning of the next step."""
    if ti.static(tables.meshes.present):
        pass_on_meshes(tables, state)
    if ti.static(tables.laws.lanes > 1):
        take_stretches(tables, state, grid, ti.Vector([1, begin, lookahead]))
    else:
        take_turns(tables, state, grid, ti.Vector([1, begin, lookahead]))
    sum_blocks(tables, state)
    move_bodies(tables, state, ti.Vector([1, begin, lookahead]))
    if lookahead > 0:
        state.looked_ahead[None] = lookahead


@ti.func
def take_turns(tables: ti.template(), state: ti.template(), grid: ti.template(), parts):
    """All contacts, then all grains: where threads are plenty, and where there are too few grains to share."""
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        resolve_rows(tables, state, grid, i, i + 1)
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        move_particle(tables, state, grid, i, parts)


@ti.func
def take_stretches(tables: ti.template(), state: ti.template(), grid: ti.template(), parts):
    """Stretches of grains, each by a thread; then the groups that lie at their ends."""
    for i in range(state.particle_count):  # Taichi hands out 512 turns at a time: a turn must not do much on average
        if i % state.stretch == 0:
            take_stretch(tables, state, grid, i, ti.min(i + state.stretch, state.particle_count), parts)
    for i in range(state.particle_count):
        if i % ti.static(tables.laws.rows) == 0:
            first = i - i % state.stretch
            last = ti.min(first + state.stretch, state.particle_count)
            if not lies_within(grid, i // ti.static(tables.laws.rows), first, last):
                move_group(tables, state, grid, i, last, parts)


@ti.func
def take_stretch(tables: ti.template(), state: ti.template(), grid: ti.template(), first, last, parts):
    """Contacts of the grains from `first` to before `last`, and the motion of those whose partners are all of these."""
    rows = ti.static(tables.laws.rows)
    met, moved = first, first
    while met < last:
        stop = ti.min(met + rows, last)
        resolve_rows(tables, state, grid, met, stop)
        met = stop
        follows = True
        while follows and moved < met:
            within = lies_within(grid, moved // rows, first, last)
            follows = not within or grid.last_partner[moved // rows] < met
            if follows:
                if within:
                    move_group(tables, state, grid, moved, last, parts)
                moved += rows


@ti.func
def lies_within(grid: ti.template(), group, first, last):
    """Whether all partners of a group of rows lie from the slot `first` to before `last`."""
    return grid.first_partner[group] >= first and grid.last_partner[group] < last


@ti.func
def move_group(tables: ti.template(), state: ti.template(), grid: ti.template(), first, last, parts):
    """Move the grains of a group of rows, which ends at `last` at the latest."""
    for i in range(first, ti.min(first + ti.static(tables.laws.rows), last)):
        move_particle(tables, state, grid, i, parts)
