"""The step: what is launched, in which order.

    begin_step, search where neighbours are stale, run_force_pass

Unless a trigger or a command needs the state in between, the launch that finishes a step also begins the next: one
pass over the grains instead of two.

To ask a GPU whether neighbours are stale is to wait for it. So the host launches as many steps as neighbours are
expected to last, RUN_AHEAD at most, before it checks; where one of them finds neighbours stale, the launches after it
do nothing, and the host searches and goes on from there. Where neighbours are about as old as they become, it searches
when it checks.
"""

import logging
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from dem.advance import begin_motion, finish_step
from dem.backend import position_rows, types
from dem.contact.contact_laws import Laws
from dem.integrate import AXIS_COUNT, BODY, LOAD, VELOCITY, command_bodies
from dem.memory import read, write
from dem.model import Motion, Tables
from dem.neighbors.grid import CellGrid
from dem.neighbors.rows import CONTACTS_FULL
from dem.neighbors.search import keep_history, search_neighbors
from dem.state import FRESH, INCOMPLETE, NOT_BEGUN, State
from dem.worlds import Worlds

log = logging.getLogger(__name__)

LONGEST_HORIZON = 4  # steps between two checks whether neighbours are stale
RUN_AHEAD = 32  # steps that a GPU is given between two checks by the host: a wait costs about as much as one step
OLD = 0.9  # of the steps that neighbours are expected to last: from there on the host searches when it checks,
LONGER = 1.2  # and expects the next to last so much longer
PATIENCE = 32  # steps after a search before checks become rarer: a horizon makes searches more frequent
GROWTH = 1.2  # times what is needed: kernels are built anew each time


class DeviceContext:
    """What kernels work on: tables, state and neighbour grid of worlds, on the device.

    `state` and `grid` are replaced by larger ones when the neighbour list is full.
    """

    def __init__(self, worlds: Worlds, skin: float, track_energy: bool = False) -> None:
        self.state = State(worlds, track_energy)
        lanes = 1 if self.state.serial else types.lanes
        self.tables = Tables(worlds, Laws(worlds.union.contact, self.state.remembered, lanes, *worlds.models))
        self.grid = CellGrid(worlds, skin + worlds.reach)
        self.worlds, self.skin = worlds, skin

    def load(self, worlds: Worlds, skin: float) -> bool:
        """Start over with other worlds of the same signature; whether the arrays are large enough for them."""
        if worlds.contact_capacity > self.state.contacts.capacity or not self.grid.fill(worlds, skin + worlds.reach):
            return False
        self.tables.fill(worlds)
        self.state.fill(worlds)
        self.worlds, self.skin = worlds, skin
        return True

    def reserve_contacts(self, contact_count: int) -> None:
        """Enlarge the list of contacts if it holds fewer than `contact_count`."""
        if contact_count > self.state.contacts.capacity:
            self.state = self.state.with_capacity(contact_count)

    def grow(self) -> None:
        """Enlarge what was too small for the last search, which must be repeated."""
        shortage = int(read(self.grid.shortage))
        if shortage == CONTACTS_FULL:
            capacity = int(GROWTH * read(self.state.contacts.row_start, self.state.particle_count))
            log.info("the neighbour list grows to %d contacts", capacity)
            self.state = self.state.with_capacity(capacity)
        else:
            factor = GROWTH * shortage / 100 * self.grid.row_factor
            log.info("the rows of neighbours grow to %.1f times their estimate", factor)
            self.grid = CellGrid(self.worlds, self.skin + self.worlds.reach, factor)


@dataclass
class NeighborCheckSchedule:
    """When to check whether neighbours are stale: every step after a search, more rarely where none is needed for long.

    Attributes:
        since_search: steps; until_check: steps until the next check; horizon: steps that the last check is to cover.
        expected: steps from one search to the next, as far as is known.
    """

    since_search: int = 0
    until_check: int = 0
    horizon: int = 0
    expected: float = math.inf

    def next_check(self) -> tuple[int, int]:
        """Horizon of the check in the step that begins [steps], 0 for no check; and that of the check before."""
        horizon, last = 0, self.horizon
        if self.until_check == 0:
            horizon = min(max(self.since_search // PATIENCE, 1), LONGEST_HORIZON)
            self.horizon = self.until_check = horizon
        self.until_check -= 1
        self.since_search += 1
        return horizon, last

    def left(self, most: int) -> int:
        """How many more steps neighbours are expected to last, from one to `most`."""
        return max(math.ceil(min(self.expected - self.since_search, most)), 1)

    def restart(self) -> None:
        """Count from a search that was made now."""
        self.since_search = self.until_check = self.horizon = 0


class Run:
    """A number of steps, as the host launches them.

    Args:
        context: what is stepped; schedule: of the neighbour checks, kept from run to run.
        count: of steps.
        command: called with the number of each step, from 0, before it begins; on a GPU perhaps more than once.
        run_ahead: steps that a GPU is given between two checks by the host.

    Attributes:
        step: how many are finished, as far as the host knows; begun: whether the next one is.
        launched: where the run stands after each launch since the host checked; resume: where it stood then.
    """

    def __init__(
        self,
        context: DeviceContext,
        schedule: NeighborCheckSchedule,
        count: int,
        command: Callable[[int], None] | None = None,
        run_ahead: int = RUN_AHEAD,
    ) -> None:
        self.context, self.schedule, self.count = context, schedule, count
        self.command, self.run_ahead = command, run_ahead
        self.step, self.begun = 0, False
        self.resume, self.launched = (0, False), list[tuple[int, bool]]()
        self.ahead = schedule.left(run_ahead)  # steps until the host is to check
        self._checked = False  # whether the last launch checked the age of neighbours

    def go(self) -> None:
        """Launch all steps of the run."""
        while True:
            if self._must_check():
                self._check_neighbors()
            elif self.step == self.count:
                return
            elif self.begun:
                self._finish()
            else:
                self._begin()

    def _begin(self) -> None:
        if self.command:
            self.command(self.step)
        check = self.schedule.next_check()
        begin_step(self.context, *check, self._turn())
        self._note(check[0], self.step, True)

    def _finish(self) -> None:
        begins_next = self.command is None and self.step + 1 < self.count  # what is commanded must not act before
        check = self.schedule.next_check() if begins_next else (NOT_BEGUN, 0)
        run_force_pass(self.context, *check, self._turn())
        self._note(check[0], self.step + 1, begins_next)

    def _turn(self) -> int:
        if not self.context.state.runs_ahead:
            self.launched.clear()
        return len(self.launched)

    def _note(self, horizon: int, step: int, begun: bool) -> None:
        self.step, self.begun, self._checked = step, begun, horizon > 0
        self.launched.append((step, begun))

    def _must_check(self) -> bool:
        if not self.context.state.runs_ahead:
            return self._checked
        return bool(self.launched) and (self.step == self.count or self.step - self.resume[0] >= self.ahead)

    def _check_neighbors(self) -> None:
        """Check whether neighbours were found stale; go back to where that was, and search."""
        stale = _stale(self.context)
        if stale == INCOMPLETE:
            self.step, self.begun = self.resume
            complete_search(self.context)
        elif stale != FRESH:
            self.schedule.expected = self.schedule.since_search - self._taken_back(stale)
            self.step, self.begun = self.launched[stale - 1]
            self._search()
        elif self.context.state.runs_ahead and self.schedule.since_search > OLD * self.schedule.expected:
            self.schedule.expected *= LONGER
            self._search()
        self.ahead = self.schedule.left(self.run_ahead)
        self.resume, self._checked = (self.step, self.begun), False
        self.launched.clear()

    def _taken_back(self, stale: int) -> int:
        """Steps begun by launches that did nothing, since an earlier one found neighbours stale."""
        return sum(begun for _, begun in self.launched[stale:])

    def _search(self) -> None:
        search(self.context)
        self.schedule.restart()
        if not self.context.state.runs_ahead:
            complete_search(self.context)


def command(context: DeviceContext, motions: Mapping[int, Motion], time: float) -> None:
    """Set the motions of bodies, by their numbers in the batch, from `time` [s] on."""
    flags, targets = np.empty((len(motions), AXIS_COUNT + 1), np.int32), position_rows(len(motions), 2, AXIS_COUNT)
    for row, (body, motion) in enumerate(motions.items()):
        own, velocities, loads = motion.at(time)
        flags[row, :AXIS_COUNT], flags[row, BODY] = own, body
        targets[row, VELOCITY], targets[row, LOAD] = velocities, loads
    command_bodies(context.state, flags, targets)


def begin_step(context: DeviceContext, horizon: int, last_horizon: int = 0, turn: int = 0) -> None:
    """Kick half and drift; with `horizon` > 0 check whether neighbours may become stale within that many steps."""
    begin_motion(context.tables, context.state, context.grid, horizon, last_horizon, turn)


def search(context: DeviceContext) -> None:
    """Search neighbours whatever their age; `complete_search` must check whether all fitted."""
    keep_history(context.state)
    search_neighbors(context.tables, context.state, context.grid)


def complete_search(context: DeviceContext) -> None:
    """Search again with larger arrays where the last search lacked capacity: no pair is ever left out."""
    while _stale(context) == INCOMPLETE:
        context.grow()
        search_neighbors(context.tables, context.state, context.grid)


def _stale(context: DeviceContext) -> int:
    """FRESH, INCOMPLETE, or 1 + the turn of the launch that found neighbours stale."""
    even, odd = read(context.state.stale)
    return int(even or odd)


def freeze(context: DeviceContext, worlds: Iterable[int]) -> None:
    """Leave worlds as they are from now on: nothing in them moves, their contacts are dropped; others feel nothing."""
    for world in worlds:
        write(context.state.frozen, 1, world)
    search(context)
    complete_search(context)


def run_force_pass(context: DeviceContext, horizon: int = NOT_BEGUN, last_horizon: int = 0, turn: int = 0) -> None:
    """Compute all contact forces and finish the step with them; unless NOT_BEGUN, begin the next step too."""
    finish_step(context.tables, context.state, context.grid, horizon, last_horizon, turn)


def prepare(context: DeviceContext) -> None:
    """Compute the forces of the state as it stands, which the first half kick needs; time and history stand still."""
    state = context.state
    time_step = read(state.time_step)
    write(state.time_step, 0.0)
    search(context)
    complete_search(context)
    run_force_pass(context)
    write(state.time_step, time_step)
