"""Sums over the grains of each world in an order that no thread changes: blocks of grains, groups of blocks, the world.

A thread adds up a block, another the blocks of a group, a third the groups of a world. On a CPU blocks are about as
many as each holds, and a group is one block; on a GPU, where a thread alone is slow, each level adds up about as many.
"""

import math

import numpy as np

from dem.backend import current, integer_field, ti, types
from dem.memory import write
from dem.worlds import Worlds


@ti.data_oriented
class SumTree:
    """Blocks and groups; grains count by id or by slot, since the grains of a world lie together in both.

    Attributes:
        block_count, group_count: of all worlds.
        block_start: first grain of each block (B + 1,); group_start: first block of each group (G + 1,); first_group:
            of each world (W + 1,).
    """

    def __init__(self, worlds: Worlds) -> None:
        on_gpu = not current().on_cpu
        blocks = [_block_starts(worlds.particles(world), on_gpu) for world in range(worlds.count)]
        groups = [_group_starts(len(starts), on_gpu) for starts in blocks]
        first_block = np.cumsum([0, *map(len, blocks)])
        shifted = [starts + first for starts, first in zip(groups, first_block[:-1], strict=True)]
        self.block_count, self.group_count = int(first_block[-1]), sum(map(len, groups))
        self.block_start = integer_field(self.block_count + 1)
        self.group_start = integer_field(self.group_count + 1)
        self.first_group = integer_field(worlds.count + 1)
        write(self.block_start, np.concatenate([*blocks, [worlds.union.particle_count]]).astype(np.int32))
        write(self.group_start, np.concatenate([*shifted, first_block[-1:]]).astype(np.int32))
        write(self.first_group, np.cumsum([0, *map(len, groups)]).astype(np.int32))


def _block_starts(grains: slice, on_gpu: bool) -> np.ndarray:
    """First grains of the blocks of a world; one where it has none."""
    count = max(grains.stop - grains.start, 1)
    length = math.ceil(math.cbrt(count)) if on_gpu else 2 ** math.ceil(math.log2(math.sqrt(count) + 1))
    return np.arange(grains.start, grains.start + count, length)


def _group_starts(count: int, on_gpu: bool) -> np.ndarray:
    """First blocks of the groups of a world with as many blocks."""
    return np.arange(0, count, math.ceil(math.sqrt(count)) if on_gpu else 1)


@ti.func
def sum_rows(field: ti.template(), first, stop):
    """Sum of a field's vectors from row `first` to before `stop`, one after the other: of a group or a world."""
    total = ti.Vector.zero(types.position, field.n)
    for k in range(first, stop):
        total += field[k]
    return total
