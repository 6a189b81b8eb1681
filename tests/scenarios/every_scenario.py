"""One small run of each scenario: quick, and too coarse to believe."""

SHEAR = [
    "scenario.repeats=1", "scenario.normal_stresses=[5e3,2e4]", "scenario.relative_length=8",
    "scenario.relative_width=4",
    "scenario.relative_height=6", "scenario.relative_displacement=1", "scenario.inertial_number=0.02",
    "solver.overlap_target=0.02", "solver.max_overlap=0.3", "gravity=moon",
]  # fmt: skip
COARSE = ["solver.young_modulus=3e7", "solver.max_overlap=0.4"]
SMALL_BED = ["bed=smoke", "solver.young_modulus=5e7", "solver.max_overlap=0.3"]
DRIVE = ["scenario.settle_duration=0.02", "scenario.lower_duration=0.1", "scenario.ramp_duration=0.02"]
CASES = {
    "annular_shear": SHEAR,
    "anchor_pullout": [
        "gravity=earth", "scenario.repeats=1", "scenario.plate_diameter=0.015", "scenario.embedment=0.015",
        "scenario.bed_side=0.04", "scenario.bed_depth=0.03", "scenario.lift=0.004", *COARSE,
    ],
    "blade": [
        "gravity=earth", "scenario.repeats=1", "scenario.thicknesses=[0.005,0.01]", "scenario.depth=0.006",
        "scenario.bed_length=0.06", "scenario.bed_width=0.016", "scenario.bed_depth=0.036", *COARSE,
    ],
    "cone_penetrometer": [
        "gravity=earth", "scenario.repeats=1", "scenario.cone_diameter=0.015", "scenario.tip_angle_deg=90",
        "scenario.bed_side=0.04", "scenario.bed_depth=0.035", "scenario.depth=0.004", *COARSE,
    ],
    "direct_shear": SHEAR,
    "plate_sinkage": [
        "gravity=earth", "scenario.repeats=1", "scenario.plate_widths=[0.015,0.02]", "scenario.bed_length=0.08",
        "scenario.bed_depth=0.03", "scenario.depth=0.003", "solver.max_overlap=0.5",
    ],
    "prepare_bed": [
        "gravity=moon", "bed.grains_per_wheel_diameter=8", "bed.relative_length=1.8", "scenario.rest_times=10",
        *SMALL_BED,
    ],
    "repose_cylinder": [
        "gravity=earth", "scenario.repeats=1", "scenario.cylinder_radius=0.015", "scenario.fill_height=0.02",
        "scenario.lift_speed=0.2",
    ],
    "repose_tilting_box": [
        "gravity=earth", "scenario.repeats=2", "scenario.box_length=0.06", "scenario.box_width=0.02",
        "scenario.fill_depth=0.015", "soil.rolling_friction=0", "soil.sliding_friction=0.2",
        "scenario.tilt_rate_deg=60",
    ],
    "rover_drive": [
        "gravity=moon", "rover=mgru3", "bed.grains_per_wheel_diameter=6", "scenario.distance=0.02", *SMALL_BED, *DRIVE,
    ],
    "single_wheel": [
        "gravity=earth", "bed.grains_per_wheel_diameter=8", "bed.relative_length=1.8", "scenario.drive_duration=0.1",
        *SMALL_BED, *DRIVE,
    ],
    "triaxial": [
        "scenario.repeats=1", "scenario.confining_stresses=[5e3,2e4]", "scenario.relative_size=5",
        "scenario.axial_strain=0.05", "scenario.inertial_number=0.02", "solver.overlap_target=0.02",
        "solver.max_overlap=0.3",
    ],
}  # fmt: skip


def overrides(name: str) -> list[str]:
    """What makes a small run of a scenario, on one thread."""
    return [f"scenario={name}", "device=cpu", "device.threads=1", *CASES[name]]
