"""The step: what is launched, in which order.

    begin_step, search where neighbours are stale, meet

A step that nobody looks at, or commands after, begins the next one in the launch that finishes it: one pass over the
grains instead of two.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from dem.advance import _begin_step, _finish_step
from dem.backend import position_rows, types
from dem.contact.laws import Laws
from dem.contact.ledger import _flush_dissipation
from dem.integrate import _command_bodies
from dem.memory import read, write
from dem.model import Motion, Tables
from dem.neighbors.grid import CellGrid
from dem.neighbors.rows import CONTACTS_FULL
from dem.neighbors.search import _keep_history, _search_neighbors
from dem.state import State
from dem.worlds import Worlds

log = logging.getLogger(__name__)

LONGEST_LOOKAHEAD = 4  # steps between two looks at whether neighbours are stale
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
        since_search: steps; until_look: steps until the next look; looked: whether the step at hand has looked.
    """

    since_search: int = 0
    until_look: int = 0
    looked: bool = False

    def look(self) -> int:
        """How many steps the look of the step that begins is to last; 0 for no look."""
        lookahead = 0
        if self.until_look == 0:
            lookahead = min(max(self.since_search // PATIENCE, 1), LONGEST_LOOKAHEAD)
            self.until_look = lookahead
        self.until_look -= 1
        self.looked = lookahead > 0
        return lookahead


def step(stage: Stage, pace: Pace, begun: bool, begin_next: bool) -> None:
    """A step, unless the one before has `begun` it, and if asked the beginning of the next."""
    if not begun:
        begin_step(stage, pace.look())
    stale = bool(pace.looked and read(stage.state.stale))
    if stale:
        search(stage)
    pace.since_search = 0 if stale else pace.since_search + 1
    meet(stage, begin_next, pace.look() if begin_next else 0)


def command(stage: Stage, motions: Mapping[int, Motion], time: float) -> None:
    """Tell bodies, by their numbers in the batch, how to move from `time` [s] on."""
    flags, targets = np.empty((len(motions), 7), np.int32), position_rows(len(motions), 2, 6)
    for row, (body, motion) in enumerate(motions.items()):
        own, velocities, loads = motion.at(time)
        flags[row], targets[row] = [*own, body], [velocities, loads]
    _command_bodies(stage.state, flags, targets)


def begin_step(stage: Stage, lookahead: int) -> None:
    """Kick half and drift; with `lookahead` > 0 see whether neighbours may become stale within that many steps."""
    _begin_step(stage.tables, stage.state, stage.grid, lookahead)


def search(stage: Stage) -> None:
    """Search neighbours whatever their age; no pair is ever left out for want of room."""
    if stage.state.tracks_energy:
        _flush_dissipation(stage.state)
    _keep_history(stage.state)
    _search_neighbors(stage.tables, stage.state, stage.grid)
    while read(stage.grid.shortage):
        stage.grow()
        _search_neighbors(stage.tables, stage.state, stage.grid)


def freeze(stage: Stage, worlds: Iterable[int]) -> None:
    """Leave worlds as they are from now on: nothing in them moves, their contacts are dropped; others feel nothing."""
    for world in worlds:
        write(stage.state.frozen, 1, world)
    search(stage)


def meet(stage: Stage, begin_next: bool = False, lookahead: int = 0) -> None:
    """All contacts, and what they do to grains and bodies; if asked, the beginning of the next step."""
    _finish_step(stage.tables, stage.state, stage.grid, begin_next, lookahead)


def prepare(stage: Stage) -> None:
    """Forces of the state as it stands: the first half kick needs them. Time and history stand still."""
    state = stage.state
    time_step = read(state.time_step)
    write(state.time_step, 0.0)
    search(stage)
    meet(stage)
    write(state.time_step, time_step)
