"""Oblique and spinning impacts. Chung & Ooi (2011), tests 4 to 7.

A sphere comes in the x-z plane at a rigid floor; its contact point slides with v_s = v_x - R w_y. Where it slides all
through the contact (Walton 1993):

    v_t' = v_t - mu (1 + e) v_n        w' = 2.5 mu (1 + e) v_n / R        v_s' = v_t - 3.5 mu (1 + e) v_n

The engine's lever arm is R - overlap / 2, so w' falls short by the mean overlap / 2R, which is known too. The dashpot's
attractive tail lets the pushing impulse, and friction with it, exceed (1 + e) m v_n: `damped_impact` knows by how much.
"""

import math

import numpy as np

import dem
from dem.verify.case import Curve, case
from dem.verify.case_report import CaseReport
from dem.verify.cases.impacts_normal import CHUNG_OOI, plane_impact
from dem.verify.closed_forms import damped_impact
from dem.verify.references import read_table
from dem.verify.scene import SITES, SLIDING, Solid, pairs_of_spheres, spheres_on_plane

SECTION = "oblique impact"
HALF = SITES // 2
# Readings under which the curves of tests 5 and 6 are met at all angles (see dem/verify/README.md).
SOFT_INCREMENTS = dem.ContactLaws(
    tangential=dem.Mindlin(history="force", unloading="kept", stiffness_share=0.5), rolling=None
)
ELASTIC_CAP = dem.ContactLaws(tangential=dem.Mindlin(load="elastic"), rolling=None)
SPIN_AXIS = np.array([0.0, 1.0, 0.0])


def rebound(
    report: CaseReport,
    radius: float,
    solids: list[Solid],
    velocity: np.ndarray,
    spin: np.ndarray,
    laws: dem.ContactLaws = SLIDING,
) -> tuple:
    """Velocity (2, 32, 3) [m/s] and spin about y (2, 32) [rad/s] of 32 impacts of each of two solids after them."""
    both, turning = np.tile(velocity, (2, 1)), np.tile(spin, (2, 1))
    speeds = np.abs(velocity[:, 2])
    durations = [
        plane_impact(solid, radius, speed).duration for solid in solids for speed in (speeds.min(), speeds.max())
    ]
    model = spheres_on_plane(radius, solids, np.repeat([0, 1], HALF), both, turning, laws=laws)
    simulation = report.simulate(model, time_step=min(durations) / 400)
    simulation.run(1.5 * max(durations))
    found = simulation.state.snapshot()
    return found["velocity"].reshape(2, HALF, 3), found["angular_velocity"][:, 1].reshape(2, HALF)


def overlay(
    report: CaseReport,
    test: str,
    quantity: str,
    series: str,
    labels: tuple[str, str],
    curve: tuple[np.ndarray, np.ndarray],
    within: tuple[float, float] = (-math.inf, math.inf),
) -> None:
    """Compare a computed curve with the published one, within 5 % of its sum: the limit Kratos sets itself.

    Args:
        within: range of x that is compared. In tests 5 and 6 Kratos compares where the sphere slides, and so do we:
            where it sticks, those plots disagree with test 4 (see dem/verify/README.md).
    """
    table = read_table("chung_ooi", test=test, quantity=quantity, series=series)
    title = f"{series}: {quantity.replace('_', ' ')}"
    drawn = Curve(title, *labels, *curve, table["x"], table["y"], "Chung & Ooi, digitised")
    report.show(drawn)
    report.compare_curve(drawn, 0.05, within)


@case("CO4 oblique impact", SECTION, f"{CHUNG_OOI}, test 4; Walton 1993 where it slides")
def strike_at_angles(report: CaseReport) -> None:
    """A constant speed of 3.9 m/s at angles of 4 to 86 degrees from the normal."""
    oxide, alloy = Solid(3.8e11, 0.23, 4000, 0.092, 0.98), Solid(7.0e10, 0.33, 2700, 0.092, 0.98)
    degrees = np.sort(np.concatenate([np.linspace(4, 86, HALF - 3), [45.0, 60.0, 75.0]]))
    angle, radius = np.radians(degrees), 0.0025
    velocity = 3.9 * np.stack([np.sin(angle), 0 * angle, -np.cos(angle)], axis=1)
    out, spin = rebound(report, radius, [oxide, alloy], velocity, 0 * velocity)
    for series, after, turning in zip(("oxide", "alloy"), out, spin, strict=True):
        sliding = after[:, 0] - radius * turning
        x_label = "angle of incidence [deg]"
        curves = {
            "tangential_restitution": (after[:, 0] / velocity[:, 0], "tangential speed out / in [-]"),
            "spin_out": (-turning, "spin after the impact [rad/s]"),
            "rebound_angle_deg": (np.degrees(np.arctan2(sliding, after[:, 2])), "rebound angle of contact point [deg]"),
        }
        for quantity, (y, y_label) in curves.items():
            overlay(report, "4", quantity, series, (x_label, y_label), (degrees, y))
    compare_sliding(report, oxide, radius, velocity, out[0], spin[0])
    for chosen, expected in ((45.0, 502.346), (60.0, 355.212), (75.0, 183.871)):
        got = float(spin[0][np.flatnonzero(degrees == chosen)[0]])
        report.compare(f"spin at {chosen:g} deg, lever arm R in the formula", expected, got, 4e-3, "rad/s")


def compare_sliding(
    report: CaseReport, solid: Solid, radius: float, velocity: np.ndarray, out: np.ndarray, spin: np.ndarray
) -> None:
    """Rows of the sliding formulae, for all angles at least 3 degrees beyond tan theta = 3.5 mu (1 + e)."""
    speed, impact = -velocity[:, 2], damped_impact(solid.restitution)
    slides = velocity[:, 0] / speed > math.tan(
        math.atan(3.5 * solid.sliding_friction * (1 + solid.restitution)) + math.radians(3)
    )
    lost = solid.sliding_friction * (1 + solid.restitution) * speed
    stiffness = 4 / 3 * solid.plane_modulus * math.sqrt(radius)
    arm = 1 - impact.arm_loss * (solid.mass(radius) * speed**2 / stiffness) ** 0.4 / (2 * radius)
    pushed = impact.push / (1 + solid.restitution)
    report.compare_all("v_t' while sliding", (velocity[:, 0] - lost)[slides], out[slides, 0], 1e-3, "m/s")
    expected = (2.5 * lost / radius * arm * pushed)[slides]
    report.compare_all("w' while sliding, lever arm R - overlap / 2", expected, spin[slides], 1e-3, "rad/s")


@case("CO5 constant normal speed", SECTION, f"{CHUNG_OOI}, test 5; Walton 1993 where it slides")
def strike_at_constant_normal_speed(report: CaseReport) -> None:
    """A constant normal speed of 5 m/s; polyethylene's stiffness and density drop out of the normalised curves."""
    steel, polyethylene = Solid(2.08e11, 0.30, 7850, 0.3), Solid(1.0e9, 0.40, 1400, 0.3)
    ratio = np.concatenate([np.linspace(0.05, 7, HALF - 6), [8.5, 10.5, 13.5, 16, 18.5, 20.5]])
    velocity = 5.0 * np.stack([0.3 * ratio, 0 * ratio, -np.ones_like(ratio)], axis=1)
    out, spin = rebound(report, 1e-5, [steel, polyethylene], velocity, 0 * velocity)
    for series, after, turning in zip(("steel", "polyethylene"), out, spin, strict=True):
        sliding = (after[:, 0] - 1e-5 * turning) / (0.3 * after[:, 2])
        x_label = "v_t / (mu v_n) [-]"
        labels = x_label, "v_s' / (mu v_n') [-]"
        overlay(report, "5", "surface_velocity_out", series, labels, (ratio, sliding), (5.9, math.inf))
        labels = x_label, "R w' / (mu v_n) [-]"
        overlay(report, "5", "spin_out", series, labels, (ratio, -1e-5 * turning / 1.5), (5.9, math.inf))
    compare_sliding(report, steel, 1e-5, velocity, out[0], spin[0])


@case("CO5 at all angles", SECTION, f"{CHUNG_OOI}, test 5, read as 4 G* a in increments", slow=True)
def strike_with_soft_increments(report: CaseReport) -> None:
    """The curves of test 5 where the sphere sticks too: force increments, kept on unloading, at half the stiffness."""
    solids = [Solid(2.08e11, 0.30, 7850, 0.3), Solid(1.0e9, 0.40, 1400, 0.3)]
    ratio = np.concatenate([np.linspace(0.05, 7, HALF - 6), [8.5, 10.5, 13.5, 16, 18.5, 20.5]])
    velocity = 5.0 * np.stack([0.3 * ratio, 0 * ratio, -np.ones_like(ratio)], axis=1)
    out, spin = rebound(report, 1e-5, solids, velocity, 0 * velocity, SOFT_INCREMENTS)
    for series, after, turning in zip(("steel", "polyethylene"), out, spin, strict=True):
        sliding = (after[:, 0] - 1e-5 * turning) / (0.3 * after[:, 2])
        labels = "v_t / (mu v_n) [-]", "v_s' / (mu v_n') [-]"
        overlay(report, "5", "surface_velocity_out", series, labels, (ratio, sliding))
        labels = "v_t / (mu v_n) [-]", "R w' / (mu v_n) [-]"
        overlay(report, "5", "spin_out", series, labels, (ratio, -1e-5 * turning / 1.5))


@case("CO6 at all angles", SECTION, f"{CHUNG_OOI}, test 6, second graph, the cap on the elastic force", slow=True)
def strike_with_elastic_cap(report: CaseReport) -> None:
    """The recoil of test 6 where the sphere sticks too: Coulomb's cap on the elastic part of the normal force."""
    solids = [Solid(7.0e10, 0.33, 2700, 0.4, 0.5), Solid(2.5e9, 0.40, 1000, 0.4, 0.5)]
    radius, ratio = 0.1, np.geomspace(0.08, 12.5, HALF)
    velocity = np.repeat([[0.0, 0.0, -0.2]], HALF, axis=0)
    out, spin = rebound(report, radius, solids, velocity, -0.2 * ratio[:, None] / radius * SPIN_AXIS, ELASTIC_CAP)
    for series, after, turning in zip(("alloy", "nylon"), out, spin, strict=True):
        recoil = (after[:, 0] - radius * turning) / after[:, 2]
        overlay(report, "6", "surface_velocity_out", series, ("v_s / v_n [-]", "v_s' / v_n' [-]"), (ratio, recoil))


@case("CO6 spinning sphere", SECTION, f"{CHUNG_OOI}, test 6; Walton 1993 where it slides")
def strike_spinning(report: CaseReport) -> None:
    """A spinning sphere falls straight at 0.2 m/s; nylon's stiffness and density drop out of the normalised curves."""
    alloy, nylon = Solid(7.0e10, 0.33, 2700, 0.4, 0.5), Solid(2.5e9, 0.40, 1000, 0.4, 0.5)
    radius, ratio = 0.1, np.geomspace(0.08, 12.5, HALF)
    velocity = np.repeat([[0.0, 0.0, -0.2]], HALF, axis=0)
    out, spin = rebound(report, radius, [alloy, nylon], velocity, -0.2 * ratio[:, None] / radius * SPIN_AXIS)
    for series, after, turning in zip(("alloy", "nylon"), out, spin, strict=True):
        sliding = after[:, 0] - radius * turning
        labels = "3.5 mu (1 + e) v_n / v_s [-]", "-v_s' / v_s [-]"
        restitution = 2.1 / ratio, -sliding / (0.2 * ratio)
        overlay(report, "6", "tangential_restitution", series, labels, restitution, (0.0, 0.8))
        labels = "v_s / v_n [-]", "v_s' / v_n' [-]"
        overlay(report, "6", "surface_velocity_out", series, labels, (ratio, sliding / after[:, 2]), (2.7, math.inf))
    slides = np.arctan(ratio) > math.atan(2.1) + math.radians(3)
    push = -0.4 * damped_impact(0.5).push * 0.2
    report.compare_all("v_t' while sliding, mu times the pushing impulse", push, out[0][slides, 0], 1e-3, "m/s")


@case("CO7 counter-spinning pair", SECTION, f"{CHUNG_OOI}, test 7")
def meet_spinning(report: CaseReport) -> None:
    """Equal spheres with spins +w and -w about y meet head-on in x: nothing turns them, nothing pushes them aside."""
    alloy = Solid(7.0e10, 0.33, 2700, 0.4, 0.5)
    spins = np.linspace(0.2, 24.0, HALF)[:, None] * SPIN_AXIS
    duration = plane_impact(alloy, 0.1, 0.2).duration
    simulation = report.simulate(pairs_of_spheres(0.1, [alloy], [0], 0.2, spins), time_step=duration / 400)
    simulation.run(3 * duration)
    found = simulation.state.snapshot()
    report.compare_all("spin out / spin in", np.concatenate([spins, -spins]), found["angular_velocity"], 1e-6, "rad/s")
    aside = float(np.abs(found["velocity"][:, 1:]).max()) / 0.2
    report.compare_absolute("tangential speed / approach speed", 0.0, aside, 1e-6)
    report.compare("restitution", 0.5, float(found["velocity"][HALF:, 0].mean()) / 0.2, 1e-3)
