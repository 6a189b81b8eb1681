"""What is conserved: momentum, angular momentum, energy, also across periodic faces and in a wheel run."""

import math

import numpy as np

import dem
from dem.verify.bed import WHEEL_BODY, Bed
from dem.verify.case import DOUBLE, Curve, case
from dem.verify.case_report import CaseReport, record
from dem.verify.cases.impacts_normal import GLASS, pair_impact
from dem.verify.cases.rolling import SPRING
from dem.verify.scene import DOWN, FAR_ABOVE, FAR_BELOW, SITES, UP, Solid, pairs_of_spheres, place_sites, start_scene

SECTION = "conservation"
RADIUS = 0.01
GRAIN = Solid(1e7, 0.3, 2500, 0.5, 0.6, 0.1)


def cluster(seed: int, solid: Solid = GRAIN) -> dem.Model:
    """64 grains without gravity, in a cube that falls in on itself, spinning."""
    random = np.random.default_rng(seed)
    index = np.stack(np.meshgrid(*[np.arange(4)] * 3, indexing="ij"), axis=-1).reshape(-1, 3) - 1.5
    position = index * 2.05 * RADIUS + random.uniform(-0.02, 0.02, index.shape) * RADIUS
    velocity = -3.0 * position + random.normal(0, 0.1, index.shape)
    builder, wall = start_scene([solid], (0.0, 0.0, 0.0), SPRING)
    spin = random.normal(0, 20.0, index.shape)
    builder.add_particles(position, RADIUS, 0, velocity=velocity, angular_velocity=spin)
    builder.add_plane(FAR_BELOW, UP, wall)
    builder.add_plane(FAR_ABOVE, DOWN, wall)
    return builder.finalize()


def momenta(found: dict, solid: Solid = GRAIN) -> tuple[np.ndarray, np.ndarray, float]:
    """Momentum [kg m/s], angular momentum [kg m2/s] about the origin, and kinetic energy [J]."""
    mass, inertia = solid.mass(RADIUS), 0.4 * solid.mass(RADIUS) * RADIUS**2
    velocity, spin = found["velocity"], found["angular_velocity"]
    turning = mass * np.cross(found["position"], velocity).sum(axis=0) + inertia * spin.sum(axis=0)
    energy = 0.5 * mass * (velocity**2).sum() + 0.5 * inertia * (spin**2).sum()
    return mass * velocity.sum(axis=0), turning, float(energy)


@case("momentum", SECTION, "Newton's third law; moments balance at the contact point", precisions=DOUBLE)
def keep_momentum(report: CaseReport) -> None:
    """A closed cluster with friction and rolling resistance keeps its momenta and loses energy."""
    simulation = report.simulate(cluster(3), time_step="auto")
    first = momenta(simulation.state.snapshot())
    times, energy = record(simulation, 0.1, lambda found: momenta(found)[2], 2e-3)
    last = momenta(simulation.state.snapshot())
    scale = GRAIN.mass(RADIUS) * SITES * 0.1
    report.compare_absolute("momentum gained / scale", 0.0, np.abs(last[0] - first[0]).max() / scale, 1e-12)
    turning = np.abs(last[1] - first[1]).max() / (scale * 4 * RADIUS)
    report.compare_absolute("angular momentum gained / scale", 0.0, turning, 1e-10)
    report.compare_absolute("kinetic energy left is less", 1.0, float(last[2] < first[2]), 0.0)
    report.show(Curve("cluster", "time [s]", "kinetic energy [J]", times, energy, times[:1], energy[:1], "start"))


@case(
    "sizes 1:10", SECTION, "conservation of momentum and energy across size ratios of a layered bed", precisions=DOUBLE
)
def keep_energy_of_many_sizes(report: CaseReport) -> None:
    """A closed cluster of grains of sizes 1 to 10, with friction and rolling resistance, balances its energy."""
    random = np.random.default_rng(5)
    radius = RADIUS * 10.0 ** random.uniform(-1.0, 0.0, SITES)
    radius[:2] = RADIUS / 10, RADIUS
    index = np.stack(np.meshgrid(*[np.arange(4)] * 3, indexing="ij"), axis=-1).reshape(-1, 3) - 1.5
    builder, wall = start_scene([GRAIN], (0.0, 0.0, 0.0), SPRING)
    position = index * 2.05 * RADIUS
    builder.add_particles(position, radius, 0, velocity=-3.0 * position + random.normal(0, 0.1, position.shape))
    builder.add_plane(FAR_BELOW, UP, wall)
    builder.add_plane(FAR_ABOVE, DOWN, wall)
    model = builder.finalize()
    mass = model.particles["mass"][:, None]
    simulation = dem.Simulation(model, time_step="auto", track_energy=True, max_overlap=0.4)
    begun = simulation.snapshot()["velocity"]
    simulation.run(0.2)
    after, balance = simulation.snapshot()["velocity"], simulation.energy()
    scale = float((mass * np.abs(begun)).sum())
    report.compare_absolute(
        "momentum gained / scale", 0.0, np.abs((mass * (after - begun)).sum(axis=0)).max() / scale, 1e-12
    )
    turned_over = 0.5 * float((mass * begun**2).sum())
    error = abs(balance["balance_error"]) / turned_over
    report.compare_absolute("energy unaccounted for / at the start", 0.0, error, 1e-4)
    lost = 1 - balance["kinetic"] / turned_over
    report.compare_absolute("kinetic energy is lost", 1.0, float(lost > 0.2), 0.0)


@case("energy drift", SECTION, "velocity Verlet is of order 2 and symplectic", precisions=DOUBLE)
def keep_energy(report: CaseReport) -> None:
    """In an elastic impact the energy strays by an amount that falls with the square of the step, and comes back."""
    exact = pair_impact(GLASS, RADIUS, 10.0)
    stiffness = 4 / 3 * GLASS.plane_modulus / 2 * math.sqrt(RADIUS / 2)
    start, strays = GLASS.mass(RADIUS) * 10.0**2, []

    def read(found: dict) -> float:
        overlap = max(2 * RADIUS - found["position"][SITES // 2, 0] + found["position"][0, 0], 0.0)
        return GLASS.mass(RADIUS) * found["velocity"][0, 0] ** 2 + 0.4 * stiffness * overlap**2.5

    for steps in (50, 100, 200):
        model = pairs_of_spheres(RADIUS, [GLASS], [0], 10.0)
        simulation = report.simulate(model, time_step=exact.duration / steps)
        _, energy = record(simulation, 1.2 * exact.duration, read)
        strays.append(np.abs(energy / start - 1).max())
        if steps == 200:
            report.compare_absolute("energy after the impact / before - 1", 0.0, abs(energy[-1] / start - 1), 1e-6)
    for index, order in enumerate(np.log2(np.array(strays[:-1]) / strays[1:])):
        report.compare_absolute(f"order between {50 * 2**index} and {100 * 2**index} steps", 2.0, order, 0.15)


@case("periodic face", SECTION, "a contact does not know where the box ends", precisions=DOUBLE)
def cross_face(report: CaseReport) -> None:
    """A spinning, oblique impact across a periodic face is the same as in the middle of the box."""
    builder, wall = start_scene([GRAIN], (0.0, 0.0, 0.0), SPRING)
    count, length = SITES // 2, 40 * RADIUS
    site = place_sites(RADIUS, count) + [0.0, RADIUS, 0.0]
    centre = np.where(np.arange(count) % 2, 0.5 * length, 0.0)[:, None] * [1.0, 0.0, 0.0]
    aside = np.array([1.02 * RADIUS, 0.0, 0.3 * RADIUS])
    for sign in (-1.0, 1.0):
        position = site + centre + sign * aside
        position[:, 0] -= length * (position[:, 0] > 0.5 * length)
        velocity = np.array([-sign * 0.5, 0.2, 0.0])
        builder.add_particles(position, RADIUS, 0, velocity=velocity, angular_velocity=(3.0, sign * 9.0, 5.0))
    builder.add_plane(FAR_BELOW, UP, wall)
    builder.add_plane(FAR_ABOVE, DOWN, wall)
    bound = np.array([0.5 * length, 0.1, 0.1])
    builder.set_domain(-bound, bound + site[-1], (True, False, False))
    simulation = report.simulate(builder.finalize(), time_step="auto")
    simulation.run(0.02)
    found = simulation.state.snapshot()
    for name, unit in (("velocity", "m/s"), ("angular_velocity", "rad/s")):
        values = found[name].reshape(2, count, 3)
        difference = np.abs(values[:, 0] - values[:, 1]).max()
        report.compare_absolute(f"largest difference of {name.replace('_', ' ')}", 0.0, difference, 1e-10, unit)
    hit = float(np.abs(found["velocity"][0] - [0.5, 0.2, 0.0]).max() > 0.1)
    report.compare_absolute("they have met", 1.0, hit, 0.0)


@case("wheel power", SECTION, "energy balance", slow=True)
def balance_power(report: CaseReport) -> None:
    """What the wheel's axle gives, T w - F_x v_x and what its weight gives, is stored or dissipated in the bed."""
    bed = Bed()
    simulation = dem.Simulation(bed.build(), time_step=bed.time_step, track_energy=True)
    simulation.run(0.1)
    simulation.take_impulses()
    before = simulation.energy()
    given = 0.0
    for _ in range(int(0.1 / bed.time_step)):
        earlier = simulation.state.snapshot()
        simulation.run(bed.time_step)
        later = simulation.state.snapshot()
        impulse = simulation.take_impulses()[WHEEL_BODY]
        velocity = 0.5 * (earlier["body_velocity"] + later["body_velocity"])[WHEEL_BODY]
        given -= impulse[:3] @ velocity + impulse[3:] @ later["body_angular_velocity"][WHEEL_BODY]
    after = simulation.energy()
    gained = {name: after[name] - before[name] for name in after}
    stored = sum(gained[name] for name in ("kinetic", "gravitational", "elastic"))
    dissipated = sum(value for name, value in gained.items() if name.startswith("dissipated"))
    report.compare("power of the wheel against stored and dissipated", given, stored + dissipated, 0.01, "J")
    report.compare_absolute("energy balance error / work given", 0.0, abs(gained["balance_error"] / given), 0.01)
