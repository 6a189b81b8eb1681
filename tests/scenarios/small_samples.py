"""Overrides that make tests of sheared samples quick, and too coarse to believe."""

SMALL_SHEAR = [
    "device=cpu", "device.threads=1", "scenario.repeats=1",
    "scenario.normal_stresses=[5e3,2e4]", "scenario.relative_length=8", "scenario.relative_width=4",
    "scenario.relative_height=6", "scenario.relative_displacement=1", "scenario.inertial_number=0.02",
    "solver.overlap_target=0.02", "solver.max_overlap=0.3",
]  # fmt: skip
