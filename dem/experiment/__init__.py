"""Experiments: stages and phases in time, their recording, checkpoints and results."""

from dem.experiment.experiment import Experiment
from dem.experiment.phases import Arrays, Phase, Stage
from dem.experiment.recorder import Recorder
from dem.experiment.results import estimate, jackknifed, not_measured, verdict
from dem.experiment.schedule import run_experiment, run_experiments
from dem.run_files import CHECKPOINT_FILE, RESULTS_FILE

__all__ = [
    "CHECKPOINT_FILE",
    "RESULTS_FILE",
    "Arrays",
    "Experiment",
    "Phase",
    "Recorder",
    "Stage",
    "estimate",
    "jackknifed",
    "not_measured",
    "run_experiment",
    "run_experiments",
    "verdict",
]
