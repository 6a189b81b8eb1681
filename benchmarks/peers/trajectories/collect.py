"""Turns a dump of a peer into a reference table of the verification suite.

    python collect.py NAME.dump ../../../dem/verify/references/peer_NAME.csv "LAMMPS 22 Jul 2025, ..." "law: ..."

Columns: step, grain, radius [m], position [m], velocity [m/s], spin [rad/s]; what is said goes into the first lines.
"""

import sys
from pathlib import Path

COLUMNS = "step,id,x,y,z,vx,vy,vz,wx,wy,wz,radius"


def read_rows(dump: Path) -> list[str]:
    """The rows of all frames, in order, with their step."""
    rows, step, requested = [], "", False
    lines = iter(dump.read_text().splitlines())
    for line in lines:
        if line.startswith("ITEM: TIMESTEP"):
            step, requested = next(lines).strip(), False
        elif line.startswith("ITEM: ATOMS"):
            requested = True
        elif line.startswith("ITEM:"):
            requested = False
        elif requested:
            rows.append(",".join([step, *line.split()]))
    return rows


if __name__ == "__main__":
    dump, table, *said = sys.argv[1:]
    Path(table).write_text("\n".join([*(f"# {line}" for line in said), COLUMNS, *read_rows(Path(dump))]) + "\n")
