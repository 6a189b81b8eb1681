"""Exclusive prefix sums of integers in two passes: sums of blocks, then the blocks, each from what stands before it.

What stands before a block is the sum of whole groups of blocks and of some blocks of its own group, so that no pass
has a part that one thread must do alone.
"""

import math

from dem.backend import current, integer_field, ti

BLOCK = 512  # entries that a thread of a CPU adds up: few enough to share a bed of 10 k grains between cores


@ti.data_oriented
class Scan:
    """Room for the sums of a scan over at most `length` entries of as many arrays as there are `columns`.

    Attributes:
        block, group: entries of a block, blocks of a group; block_count, group_count: of the whole length.
        block_total, group_total: sums (blocks, columns) and (groups, columns); those of groups must be 0 before a scan.
    """

    def __init__(self, length: int, columns: int = 1) -> None:
        on_gpu = not current().on_cpu
        self.columns = columns
        self.block = max(math.ceil(math.cbrt(length)), 8) if on_gpu else BLOCK
        self.block_count = max(-(-length // self.block), 1)
        self.group = math.ceil(math.sqrt(self.block_count))
        self.group_count = -(-self.block_count // self.group)
        self.block_total = integer_field((self.block_count, columns))
        self.group_total = integer_field((self.group_count, columns))


@ti.func
def clear_scan(scan: ti.template(), group):
    """Make one group ready; before the pass that a scan begins with."""
    if group < scan.group_count:
        for column in ti.static(range(scan.columns)):
            scan.group_total[group, column] = 0


@ti.func
def scan_exclusive(scan: ti.template(), arrays: ti.template(), count: ti.template(), serial: ti.template()):
    """Turn each array's first `count` entries into what stands before each, the sum of all in the next.

    `arrays` is a tuple; `count` is known when compiling. Call at a kernel's top.
    """
    ti.loop_config(serialize=serial)
    for block in range(ti.static(-(-count // scan.block))):
        for column in ti.static(range(scan.columns)):
            total = 0
            for k in range(block * scan.block, ti.min((block + 1) * scan.block, count)):
                total += arrays[column][k]
            scan.block_total[block, column] = total
            ti.atomic_add(scan.group_total[block // scan.group, column], total)
    ti.loop_config(serialize=serial)
    for block in range(ti.static(-(-count // scan.block))):
        for column in ti.static(range(scan.columns)):
            running = sum_before(scan, block, column)
            for k in range(block * scan.block, ti.min((block + 1) * scan.block, count)):
                own = arrays[column][k]
                arrays[column][k] = running
                running += own
            if block == ti.static(-(-count // scan.block) - 1):
                arrays[column][count] = running


@ti.func
def sum_before(scan: ti.template(), block, column: ti.template()):
    """The sum of all entries before a block."""
    total, own_group = 0, block // scan.group
    for group in range(own_group):
        total += scan.group_total[group, column]
    for other in range(own_group * scan.group, block):
        total += scan.block_total[other, column]
    return total
