"""Everything to be asked of a GPU, in one command of under ten minutes: `python -m benchmarks.gpu --help`."""
