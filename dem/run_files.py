"""Names of the files of a run folder, for whoever writes or reads one."""

RESULTS_FILE = "run.vtkhdf"
RESULT_FILE = "result.json"
CHECKPOINT_FILE = "checkpoint.h5"
