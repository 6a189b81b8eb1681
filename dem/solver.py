"""The step: what is launched, in which order.

    begin_step, search where neighbours are stale, meet

A step that nobody looks at, or commands after, begins the next one in the launch that finishes it: one pass over the
grains instead of two.

To ask a GPU whether neighbours are stale is to wait for it. So the host launches as many steps as neighbours are
expected to last, RUN_AHEAD at most, before it looks; where one of them finds neighbours stale, the launches after it do
nothing, and the host searches and goes on from there. Where neighbours are about as old as they become, it searches as
it looks.
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

LONGEST_LOOKAHEAD = 4  # steps between two looks at whether neighbours are stale
RUN_AHEAD = 32  # steps that a GPU is given between two looks of the host: a wait costs about as much as one step
OLD = 0.9  # of the steps that neighbours are expected to last: from there on the host searches when it looks,
LONGER = 1.2  # and expects the next to last so much longer
PATIENCE = 32  # steps after a search before looks become rarer: looking ahead makes searches more frequent
GROWTH = 1.2  # times what is needed: kernels are built anew each time


class Stage:
    """What steps work on: tables, state and neighbour grid of worlds, on the device.

    `state` and `grid` are replaced by larger ones when the neighbour list is full.
    """

    def __init__(self, worlds: Worlds, skin: float, track_energy: bool = False) -> None:
        self.state = State(worlds, track_energy)
        lanes = 1 if self.state.serial else types.lanes
        self.tables = Tables(worlds, Laws(worlds.union.contact, self.state.remembered, lanes, *worlds.models))
        self.grid = CellGrid(worlds, skin + worlds.reach)
        self.worlds, self.skin = worlds, skin

    def load(self, worlds: Worlds, skin: float) -> bool:
        """Start over with other worlds of the same make-up; whether the arrays are large enough for them."""
        if worlds.contact_room > self.state.contacts.capacity or not self.grid.fill(worlds, skin + worlds.reach):
            return False
        self.tables.fill(worlds)
        self.state.fill(worlds)
        self.worlds, self.skin = worlds, skin
        return True

    def make_room(self, contact_count: int) -> None:
        """See to it that as many contacts fit."""
        if contact_count > self.state.contacts.capacity:
            self.state = self.state.with_room(contact_count)

    def grow(self) -> None:
        """Make room for what the last search could not list; it must be repeated."""
        shortage = int(read(self.grid.shortage))
        if shortage == CONTACTS_FULL:
            capacity = int(GROWTH * read(self.state.contacts.row_start, self.state.particle_count))
            log.info("the neighbour list grows to %d contacts", capacity)
            self.state = self.state.with_room(capacity)
        else:
            factor = GROWTH * shortage / 100 * self.grid.row_factor
            log.info("the rows of neighbours grow to %.1f times their estimate", factor)
            self.grid = CellGrid(self.worlds, self.skin + self.worlds.reach, factor)


@dataclass
class Pace:
    """When to look whether neighbours are stale: every step after a search, more rarely where none is needed for long.

    Attributes:
        since_search: steps; until_look: steps until the next look; lookahead: steps that the last look is to last.
        expected: steps from one search to the next, as far as is known.
    """

    since_search: int = 0
    until_look: int = 0
    lookahead: int = 0
    expected: float = math.inf

    def look(self) -> tuple[int, int]:
        """How many steps the look of the step that begins is to last, 0 for no look; and those of the look before."""
        lookahead, last = 0, self.lookahead
        if self.until_look == 0:
            lookahead = min(max(self.since_search // PATIENCE, 1), LONGEST_LOOKAHEAD)
            self.lookahead = self.until_look = lookahead
        self.until_look -= 1
        self.since_search += 1
        return lookahead, last

    def left(self, most: int) -> int:
        """How many more steps neighbours are expected to last, from one to `most`."""
        return max(math.ceil(min(self.expected - self.since_search, most)), 1)

    def restart(self) -> None:
        """Neighbours were searched."""
        self.since_search = self.until_look = self.lookahead = 0


class Run:
    """A number of steps, as the host launches them.

    Args:
        stage: what is stepped; pace: of the looks at neighbours, kept from run to run.
        count: of steps.
        command: called with the number of each step, from 0, before it begins; on a GPU perhaps more than once.
        run_ahead: steps that a GPU is given between two looks of the host.

    Attributes:
        step: how many are finished, as far as the host knows; begun: whether the next one is.
        launched: where the run stands after each launch since the host looked; resume: where it stood then.
    """

    def __init__(
        self,
        stage: Stage,
        pace: Pace,
        count: int,
        command: Callable[[int], None] | None = None,
        run_ahead: int = RUN_AHEAD,
    ) -> None:
        self.stage, self.pace, self.count, self.command, self.run_ahead = stage, pace, count, command, run_ahead
        self.step, self.begun = 0, False
        self.resume, self.launched = (0, False), list[tuple[int, bool]]()
        self.ahead = pace.left(run_ahead)  # steps until the host is to look
        self._looks = False  # whether the last launch looked at the age of neighbours

    def go(self) -> None:
        """Take the steps."""
        while True:
            if self._must_look():
                self._look()
            elif self.step == self.count:
                return
            elif self.begun:
                self._finish()
            else:
                self._begin()

    def _begin(self) -> None:
        if self.command:
            self.command(self.step)
        looks = self.pace.look()
        begin_step(self.stage, *looks, self._turn())
        self._note(looks[0], self.step, True)

    def _finish(self) -> None:
        begins_next = self.command is None and self.step + 1 < self.count  # what is commanded must not act before
        looks = self.pace.look() if begins_next else (NOT_BEGUN, 0)
        meet(self.stage, *looks, self._turn())
        self._note(looks[0], self.step + 1, begins_next)

    def _turn(self) -> int:
        if not self.stage.state.runs_ahead:
            self.launched.clear()
        return len(self.launched)

    def _note(self, lookahead: int, step: int, begun: bool) -> None:
        self.step, self.begun, self._looks = step, begun, lookahead > 0
        self.launched.append((step, begun))

    def _must_look(self) -> bool:
        if not self.stage.state.runs_ahead:
            return self._looks
        return bool(self.launched) and (self.step == self.count or self.step - self.resume[0] >= self.ahead)

    def _look(self) -> None:
        """See whether neighbours were found stale; go back to where that was, and search."""
        stale = _stale(self.stage)
        if stale == INCOMPLETE:
            self.step, self.begun = self.resume
            complete_search(self.stage)
        elif stale != FRESH:
            self.pace.expected = self.pace.since_search - self._taken_back(stale)
            self.step, self.begun = self.launched[stale - 1]
            self._search()
        elif self.stage.state.runs_ahead and self.pace.since_search > OLD * self.pace.expected:
            self.pace.expected *= LONGER
            self._search()
        self.ahead = self.pace.left(self.run_ahead)
        self.resume, self._looks = (self.step, self.begun), False
        self.launched.clear()

    def _taken_back(self, stale: int) -> int:
        """Steps begun by launches that did nothing, since an earlier one found neighbours stale."""
        return sum(begun for _, begun in self.launched[stale:])

    def _search(self) -> None:
        search(self.stage)
        self.pace.restart()
        if not self.stage.state.runs_ahead:
            complete_search(self.stage)


def command(stage: Stage, motions: Mapping[int, Motion], time: float) -> None:
    """Tell bodies, by their numbers in the batch, how to move from `time` [s] on."""
    flags, targets = np.empty((len(motions), AXIS_COUNT + 1), np.int32), position_rows(len(motions), 2, AXIS_COUNT)
    for row, (body, motion) in enumerate(motions.items()):
        own, velocities, loads = motion.at(time)
        flags[row, :AXIS_COUNT], flags[row, BODY] = own, body
        targets[row, VELOCITY], targets[row, LOAD] = velocities, loads
    command_bodies(stage.state, flags, targets)


def begin_step(stage: Stage, lookahead: int, last_lookahead: int = 0, turn: int = 0) -> None:
    """Kick half and drift; with `lookahead` > 0 see whether neighbours may become stale within that many steps."""
    begin_motion(stage.tables, stage.state, stage.grid, lookahead, last_lookahead, turn)


def search(stage: Stage) -> None:
    """Search neighbours whatever their age; whether all found room, `complete_search` must see."""
    keep_history(stage.state)
    search_neighbors(stage.tables, stage.state, stage.grid)


def complete_search(stage: Stage) -> None:
    """Search again with more room where the last search lacked it: no pair is ever left out."""
    while _stale(stage) == INCOMPLETE:
        stage.grow()
        search_neighbors(stage.tables, stage.state, stage.grid)


def _stale(stage: Stage) -> int:
    """FRESH, INCOMPLETE, or 1 + the turn of the launch that found neighbours stale."""
    even, odd = read(stage.state.stale)
    return int(even or odd)


def freeze(stage: Stage, worlds: Iterable[int]) -> None:
    """Leave worlds as they are from now on: nothing in them moves, their contacts are dropped; others feel nothing."""
    for world in worlds:
        write(stage.state.frozen, 1, world)
    search(stage)
    complete_search(stage)


def meet(stage: Stage, lookahead: int = NOT_BEGUN, last_lookahead: int = 0, turn: int = 0) -> None:
    """All contacts, and what they do to grains and bodies; unless NOT_BEGUN, the beginning of the next step."""
    finish_step(stage.tables, stage.state, stage.grid, lookahead, last_lookahead, turn)


def prepare(stage: Stage) -> None:
    """Forces of the state as it stands: the first half kick needs them. Time and history stand still."""
    state = stage.state
    time_step = read(state.time_step)
    write(state.time_step, 0.0)
    search(stage)
    complete_search(stage)
    meet(stage)
    write(state.time_step, time_step)
