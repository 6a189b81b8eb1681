"""Exclusive prefix sum of integers, in three passes: sums of blocks, their running total, the blocks themselves."""

from dem.backend import ti

BLOCK = 512  # entries a thread adds up: few enough to share a bed of 10 k grains between cores


@ti.func
def scan_exclusive(values: ti.template(), totals: ti.template(), count, serial: ti.template()):
    """Turn values[:count] into what stands before each, the sum of all in values[count]; call at a kernel's top."""
    ti.loop_config(serialize=serial)
    for block in range((count + BLOCK - 1) // BLOCK):
        total = 0
        for k in range(block * BLOCK, ti.min((block + 1) * BLOCK, count)):
            total += values[k]
        totals[block] = total
    ti.loop_config(serialize=True)
    for _ in range(1):
        running = 0
        for block in range((count + BLOCK - 1) // BLOCK):
            total = totals[block]
            totals[block] = running
            running += total
        values[count] = running
    ti.loop_config(serialize=serial)
    for block in range((count + BLOCK - 1) // BLOCK):
        running = totals[block]
        for k in range(block * BLOCK, ti.min((block + 1) * BLOCK, count)):
            own = values[k]
            values[k] = running
            running += own
