"""`drawbar bench` from a checkout, without installing it.

python -m benchmarks.run bed chute --grains 40000 --threads 1 2 --output FILE
"""

import sys

from dem.bench.command import run
from dem.errors import DemError


def main() -> int:
    """Run the verb with this process' options; the exit code."""
    try:
        return run(sys.argv[1:])
    except DemError as error:
        sys.stderr.write(f"benchmarks: {error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
