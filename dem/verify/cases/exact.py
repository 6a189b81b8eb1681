"""Exact properties of a small bed under a driven wheel: they hold to the last bit, or say by how much they do not."""

import numpy as np

from dem.backend import current
from dem.verify.bed import BOX_BODY, MIRROR, QUARTER_TURN, WHEEL_BODY, Bed
from dem.verify.case import DOUBLE, case
from dem.verify.case_report import CaseReport

SECTION = "exact properties"
STEPS = 1500  # the bed lands, and the wheel on it
SHORT = 300  # before rounding has grown
# Of the largest: products fused with sums along one axis and not along another differ by a rounding, 1e-16 and 6e-8,
# which the contacts of SHORT steps make some 1e4 times as large in the forces.
FUSED = {"double": 1e-10, "mixed": 5e-3, "single": 5e-2}


def run_bed(report: CaseReport, bed: Bed, steps: int = STEPS, **options) -> dict[str, np.ndarray]:
    """Snapshot of a bed after some steps."""
    simulation = report.simulate(bed.build(), time_step=bed.time_step, **options)
    simulation.run(steps * bed.time_step)
    return simulation.state.snapshot()


def compare_scaled(
    report: CaseReport, name: str, plain: dict, scaled: dict, factors: dict[str, float], limit: float = 0.0
) -> None:
    """Rows: the largest difference after undoing the scale, at most `limit` of the largest, 0 where nothing is said."""
    for quantity, factor in factors.items():
        difference = np.abs(scaled[quantity] / factor - plain[quantity]).max()
        allowed = limit * float(np.abs(plain[quantity]).max())
        report.compare_absolute(f"{name}: largest difference of {quantity.replace('_', ' ')}", 0.0, difference, allowed)


@case("gravity scaling", SECTION, "similarity: g, E x q, speeds x sqrt(q), time step / sqrt(q)")
def scale_gravity(report: CaseReport) -> None:
    """The same bed under another gravity moves alike to the last bit; its forces are q times as large."""
    plain = run_bed(report, Bed())
    report.compare_absolute("the wheel is carried", 1.0, float(plain["body_force"][WHEEL_BODY, 2] > 0), 0.0)
    for q in (4.0, 1 / 4, 1 / 16):
        scaled = run_bed(report, Bed(gravity=q))
        factors = {"position": 1.0, "velocity": q**0.5, "angular_velocity": q**0.5, "force": q, "body_force": q}
        compare_scaled(report, f"q = {q:g}", plain, scaled, factors)


@case("size and density scaling", SECTION, "similarity: lengths, E x s, speeds, time step x sqrt(s); density, E x k")
def scale_size_and_density(report: CaseReport) -> None:
    """A larger or denser bed moves alike to the last bit."""
    plain = run_bed(report, Bed())
    for s in (4.0, 1 / 4):
        factors = {"position": s, "velocity": s**0.5, "angular_velocity": s**-0.5, "force": s**3, "body_torque": s**4}
        compare_scaled(report, f"s = {s:g}", plain, run_bed(report, Bed(size=s)), factors)
    for k in (2.0, 1 / 8):
        factors = {"position": 1.0, "velocity": 1.0, "force": k, "body_force": k}
        compare_scaled(report, f"k = {k:g}", plain, run_bed(report, Bed(weight=k)), factors)


@case("mirror and quarter turn", SECTION, "symmetry")
def mirror_and_turn(report: CaseReport) -> None:
    """A mirrored or turned bed moves mirrored or turned, to the last bit; on a GPU to rounding, before it has grown."""
    session = current()
    steps, limit = (STEPS, 0.0) if session.rounds_each else (SHORT, FUSED[session.precision])
    plain = run_bed(report, Bed(wheel_height=1000), steps)
    for name, axes in (("x to -x", MIRROR), ("(x, y) to (y, -x)", QUARTER_TURN)):
        found = run_bed(report, Bed(axes=axes, wheel_height=1000), steps)
        turned = {
            "position": found["position"] @ axes,
            "velocity": found["velocity"] @ axes,
            "angular_velocity": found["angular_velocity"] @ axes * np.linalg.det(axes).round(),
            "force": found["force"] @ axes,
        }
        compare_scaled(report, name, plain, turned, dict.fromkeys(turned, 1.0), limit)


@case("permutation", SECTION, "symmetry", precisions=DOUBLE)
def permute(report: CaseReport) -> None:
    """Relabelled grains move as before, to the order of summation."""
    plain = run_bed(report, Bed(), SHORT)
    order = np.random.default_rng(7).permutation(len(plain["radius"]))
    found = run_bed(report, Bed(order=order), SHORT)
    moved = np.abs(found["position"] - plain["position"][order]).max()
    report.compare_absolute("largest difference of position", 0.0, moved, 1e-12, "m")
    total = np.abs(plain["force"].sum(axis=0) + plain["body_force"].sum(axis=0)).max()
    report.compare_absolute("sum of all forces / largest", 0.0, total / np.abs(plain["force"]).max(), 1e-12)


@case("Galilean invariance", SECTION, "symmetry", precisions=DOUBLE)
def drift(report: CaseReport) -> None:
    """With one velocity added to all grains, walls and the wheel, the relative motion is the same to round-off."""
    plain = run_bed(report, Bed(), SHORT)
    velocity = np.array([0.5, -0.25, 0.125])
    found = run_bed(report, Bed(drift=tuple(velocity)), SHORT)
    offset = velocity * SHORT * Bed().time_step
    moved = np.abs(found["position"] - offset - plain["position"]).max()
    report.compare_absolute("largest difference of position", 0.0, moved, 1e-10, "m")
    strange = np.abs(found["velocity"] - velocity - plain["velocity"]).max()
    report.compare_absolute("largest difference of velocity", 0.0, strange, 1e-8, "m/s")


@case("independence of the skin", SECTION, "the neighbour list decides when, never what")
def vary_skin(report: CaseReport) -> None:
    """Another reach of the neighbour list changes nothing, to the last bit; nor does a repetition."""
    plain = run_bed(report, Bed())
    again = run_bed(report, Bed())
    names = dict.fromkeys(("position", "velocity", "angular_velocity", "force", "torque", "body_force"), 1.0)
    compare_scaled(report, "repeated", plain, again, names)
    for skin in (0.00095, 0.00105):  # beside 0.001: searched at other times, in as many cells
        compare_scaled(report, f"skin {skin} m", plain, run_bed(report, Bed(), skin=skin), names)


@case("static closure", SECTION, "statics")
def settle(report: CaseReport) -> None:
    """Floor and walls carry the weight of a settled bed."""
    bed = Bed(wheel_height=1000, restitution=0.1)
    simulation = report.simulate(bed.build(), time_step=bed.time_step)
    simulation.run(1.0)
    simulation.take_impulses()
    steps = 800
    simulation.run(steps * bed.time_step)
    carried = simulation.take_impulses()[BOX_BODY, :3] / (steps * bed.time_step)
    weight = float(simulation.state.snapshot()["mass"].sum()) * 9.81
    report.compare("weight on floor and walls", -weight, carried[2], 1e-4, "N")
    report.compare_absolute("lateral force on the walls / weight", 0.0, np.abs(carried[:2]).max() / weight, 1e-4)


@case("moving wall", SECTION, "relativity of motion", precisions=DOUBLE)
def move_wall(report: CaseReport) -> None:
    """A box that rises and slides against its grains does what grains do that come at a box at rest."""
    speed = np.array([0.125, -0.0625, 0.25])
    still = run_bed(report, Bed(wheel_height=1000, drift=tuple(-speed), rise=tuple(speed)), SHORT)
    moving = run_bed(report, Bed(wheel_height=1000, rise=tuple(speed)), SHORT)
    passed = speed * SHORT * Bed().time_step
    strange = np.abs(moving["position"] - passed - still["position"]).max()
    report.compare_absolute("largest difference of position", 0.0, strange, 1e-10, "m")
    difference = np.abs(moving["body_force"][BOX_BODY] - still["body_force"][BOX_BODY]).max()
    scale = np.abs(still["body_force"][BOX_BODY]).max()
    report.compare_absolute("force on the box, difference / largest", 0.0, difference / scale, 1e-8)
