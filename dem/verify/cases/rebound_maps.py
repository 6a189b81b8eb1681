"""Maps of rebounds: restitution by impact angle at a rigid plane, and pairs of unequal spheres with spin.

Where a sphere slides throughout, rigid-body mechanics gives all of its rebound, and v_s'/v_s rises with the angle from
the normal towards 1; where it sticks, the tangential spring turns the contact point's velocity round at middling
angles, as in Maw, Barber & Fawcett, Wear 38 (1976) 101.
"""

import numpy as np

import dem
from dem.verify.case import Curve, case
from dem.verify.case_report import CaseReport
from dem.verify.cases.impacts_normal import plane_impact
from dem.verify.closed_forms import damped_impact
from dem.verify.scene import SLIDING, Solid

SECTION = "rebound maps"
RADIUS, SPEED, FRICTION = 0.005, 0.05, 0.3  # [m], [m/s], [-]
DEGREES = np.arange(5.0, 90.0, 5.0)
RESTITUTIONS = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
GLASS = Solid(7e10, 0.25, 2500, FRICTION)
STEPS = 1000  # in an elastic impact


def map_rebounds(report: CaseReport) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Velocity before and after (e, angle, 3) [m/s] and spin about y (e, angle) [rad/s], all normal speeds alike."""
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, 0.0), contact=SLIDING)
    wall = builder.add_material(dem.Material.rigid())
    before = np.zeros((len(RESTITUTIONS), len(DEGREES), 3))
    before[..., 0], before[..., 2] = SPEED * np.tan(np.radians(DEGREES)), -SPEED
    for row, restitution in enumerate(RESTITUTIONS):
        glass = builder.add_material(dem.Material(GLASS.density, GLASS.young_modulus, GLASS.poisson_ratio))
        numbers = {"restitution": float(restitution), "sliding_friction": FRICTION}
        for partner in [wall, *range(1, glass + 1)]:
            builder.set_pair(partner, glass, **numbers)
        place = np.zeros((len(DEGREES), 3)) + [0.0, 0.0, RADIUS]
        place[:, 1] = 12 * RADIUS * (row * len(DEGREES) + np.arange(len(DEGREES)))
        builder.add_particles(place, RADIUS, glass, velocity=before[row])
    builder.add_plane((0.0, 0.0, 0.0), (0.0, 0.0, 1.0), wall)
    duration = plane_impact(GLASS, RADIUS, SPEED).duration
    simulation = report.simulate(builder.finalize(), time_step=duration / STEPS)
    simulation.run(2.5 * duration)
    found = simulation.state.snapshot()
    return before, found["velocity"].reshape(before.shape), found["angular_velocity"][:, 1].reshape(before.shape[:2])


@case("rebound map", SECTION, "Walton 1993 where it slides; Maw, Barber & Fawcett 1976 for the regimes")
def map_plane(report: CaseReport) -> None:
    """Restitution 0.1 to 1 by angles of 5 to 85 degrees at a rigid plane, 170 impacts at once."""
    before, after, spin = map_rebounds(report)
    report.compare_all("e_out, all angles", RESTITUTIONS[:, None], -after[..., 2] / before[..., 2], 1e-3)
    push = np.array([damped_impact(float(restitution)).push for restitution in RESTITUTIONS])[:, None] * SPEED
    gained = np.abs(after[..., 0] - before[..., 0])
    excess = float(max(0.0, (gained / push).max() / FRICTION - 1))
    report.compare_absolute("excess of |impulse ratio| / mu over 1", 0.0, excess, 1e-3)
    limit = np.degrees(np.arctan(3.5 * FRICTION * (push / SPEED))) + 3
    slides = DEGREES[None, :] > limit
    lost = np.broadcast_to(FRICTION * push, slides.shape)
    report.compare_all("v_t' while sliding", (before[..., 0] - lost)[slides], after[..., 0][slides], 1e-4)
    report.compare_all("R w' while sliding", 2.5 * lost[slides], RADIUS * spin[slides], 1e-3)
    surface = (after[..., 0] - RADIUS * spin) / before[..., 0]
    turned = float(surface[-1].min())  # below 0: turned round; above -1: a spring gives back no more than it took
    report.compare_absolute("v_s'/v_s at e = 1, lowest, between -1 and 0", -0.5, turned, 0.5)
    report.compare_absolute("v_s'/v_s, fall with the angle where it slides", 0.0, fall(surface, slides), 1e-9)
    title = "contact point, out / in, e = 1 and 0.5"
    for row in (len(RESTITUTIONS) - 1, 4):
        sliding = 1 - 3.5 * FRICTION * push[row] / before[row, :, 0]
        labels = "angle from the normal [deg]", "v_s' / v_s [-]"
        chosen = slides[row]
        report.show(
            Curve(title, *labels, DEGREES, surface[row], DEGREES[chosen], sliding[chosen], "sliding throughout")
        )


def fall(surface: np.ndarray, slides: np.ndarray) -> float:
    """By how much `surface` falls from one angle to the next where both slide; 0 if it only rises."""
    steps = np.diff(surface, axis=1)[slides[:, 1:] & slides[:, :-1]]
    return float(max(0.0, -steps.min()))


@case("CO8 unequal spheres", SECTION, "Chung & Ooi (2011), test 8; Walton 1993 where it slides", slow=True)
def meet_unequal(report: CaseReport) -> None:
    """A small sphere with spins about y strikes a large one, twice or five times its size, at rest, head-on along x."""
    alloy = Solid(7e10, 0.33, 2700, 0.4, 0.5)
    small, speed = 0.02, 0.2
    large = np.array([0.02, 0.04, 0.1])
    spin = -np.concatenate([[0.0, 2.0], np.geomspace(40.0, 400.0, 6)])  # [rad/s]
    after, turned, mass = strike_unequal(report, alloy, small, large, speed, spin)
    eff = mass[0] * mass[1] / (mass[0] + mass[1])
    total = (mass * after[..., 0]).sum(axis=0)
    report.compare_all("momentum along x", mass[0] * speed, total, 1e-9, mixed=1e-5)
    report.compare_all("restitution", 0.5, (after[1, ..., 0] - after[0, ..., 0]) / speed, 1e-3)
    aside = (mass * after[..., 2]).sum(axis=0) / (mass[0] * speed)
    report.compare_absolute("momentum across", 0.0, float(np.abs(aside).max()), 1e-9, mixed=2e-5)
    impulse = 0.4 * damped_impact(0.5).push * speed * eff
    slides = np.abs(spin) * small > 3.5 * 0.4 * damped_impact(0.5).push * speed * 1.1
    for index, name in enumerate(("small", "large")):
        across = np.broadcast_to(impulse / mass[index], after[index, ..., 2].shape)[:, slides]
        report.compare_all(f"v_t' of the {name}, sliding", across, np.abs(after[index, ..., 2][:, slides]), 1e-3)
        radius = small if index == 0 else large[:, None]
        turn = np.broadcast_to(2.5 * impulse / (mass[index] * radius), across.shape[:1] + spin.shape)[:, slides]
        start = spin[slides] if index == 0 else 0.0
        report.compare_all(f"spin change of the {name}, sliding", turn, np.abs(turned[index][:, slides] - start), 1e-3)


def strike_unequal(
    report: CaseReport, solid: Solid, small: float, large: np.ndarray, speed: float, spin: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Velocities (2, sizes, spins, 3), spins about y (2, sizes, spins) after, and masses (2, sizes, 1)."""
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, 0.0), contact=SLIDING)
    alloy = builder.add_material(dem.Material(solid.density, solid.young_modulus, solid.poisson_ratio))
    builder.set_pair(alloy, alloy, restitution=solid.restitution, sliding_friction=solid.sliding_friction)
    place = np.zeros((len(large), len(spin), 3))
    place[..., 1] = (np.arange(place[..., 1].size) * 4 * large.max()).reshape(place.shape[:2])
    flat = place.reshape(-1, 3)
    turning = np.tile(spin[:, None] * np.array([0.0, 1.0, 0.0]), (len(large), 1))
    builder.add_particles(flat, small, alloy, velocity=(speed, 0.0, 0.0), angular_velocity=turning)
    sizes = np.repeat(large, len(spin))
    builder.add_particles(flat + (small + sizes)[:, None] * np.array([1.0, 0.0, 0.0]), sizes, alloy)
    modulus = solid.plane_modulus / 2
    masses = np.stack([np.full_like(large, solid.mass(small)), solid.mass(1.0) * large**3])[..., None]
    eff, radius = masses[0] * masses[1] / masses.sum(axis=0), (small * large / (small + large))[:, None]
    stiffness = 4 / 3 * modulus * np.sqrt(radius)
    durations = 2.943275 * (1.25 * eff * speed**2 / stiffness) ** 0.4 / speed
    simulation = report.simulate(builder.finalize(), time_step=float(durations.min()) / STEPS)
    simulation.run(2.5 * float(durations.max()))
    found = simulation.state.snapshot()
    shape = (2, len(large), len(spin))
    return found["velocity"].reshape(*shape, 3), found["angular_velocity"][:, 1].reshape(shape), masses
