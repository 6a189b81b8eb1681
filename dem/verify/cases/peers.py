"""Oblique, spinning and rolling impacts as other codes step them: grain by grain, at the same time step.

The tables `references/peer_*.csv` start with the peer's version, its numbers and its conventions; what was asked of it
stands in benchmarks/peers/trajectories. Eight grains meet in an equal pair, an unequal pair, a wall and a
group of three. With the peer's conventions, lever arm included, what is left are the digits of its table.
"""

import numpy as np

import dem
from dem.verify.case import DOUBLE, case
from dem.verify.case_report import CaseReport
from dem.verify.references import read_table

SECTION = "peers"
TIME_STEP = 1e-6  # [s]
LAMMPS, LIGGGHTS = "LAMMPS 22 Jul 2025, pair_style granular", "LIGGGHTS-PUBLIC 3.8.0"
COLUMNS = ("x", "y", "z", "vx", "vy", "vz", "wx", "wy", "wz")
BASALT = {"density": 2500.0, "young_modulus": 7e10, "poisson_ratio": 0.25}
TIGHT = (5e-8, 1e-8, 1e-8)  # of displacement, velocity, spin: the tables have nine digits of positions near 1
SURFACE = {"restitution": 0.6, "sliding_friction": 0.3}


def read_frames(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Steps (f,), radii (n,) [m], and position, velocity and spin (f, n, 9) of a peer's grains."""
    table = read_table(f"peer_{name}")
    steps = np.unique(table["step"]).astype(int)
    frames = np.stack([table[column] for column in COLUMNS], axis=1).reshape(len(steps), -1, 9)
    return steps, table["radius"][: frames.shape[1]], frames


def follow(
    report: CaseReport,
    name: str,
    laws: dem.ContactLaws,
    surface: dict,
    gravity: float,
    limits: tuple[float, float, float],
) -> None:
    """Start from the peer's first frame and compare the later ones, relative to how much each quantity changes."""
    steps, radius, expected = read_frames(name)
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, -gravity), contact=laws)
    material = builder.add_material(dem.Material(**BASALT, **surface))
    start = expected[0]
    builder.add_particles(start[:, :3], radius, material, velocity=start[:, 3:6], angular_velocity=start[:, 6:])
    builder.add_plane((0.0, 0.0, 0.0), (0.0, 0.0, 1.0), material)
    simulation = report.simulate(builder.finalize(), time_step=TIME_STEP)
    got = [start]
    for count in np.diff(steps):
        simulation.run(count * TIME_STEP)
        found = simulation.state.snapshot()
        got.append(np.concatenate([found[key] for key in ("position", "velocity", "angular_velocity")], axis=1))
    for index, quantity in enumerate(("displacement", "velocity", "spin")):
        part = slice(3 * index, 3 * index + 3)
        change, ours = expected[1:, :, part] - start[:, part], np.array(got)[1:, :, part] - start[:, part]
        report.compare_all(f"change of {quantity}, all grains and frames", change, ours, limits[index])


def lammps_laws(limited: bool = False, **options) -> dem.ContactLaws:
    """Hertz and Mindlin with what LAMMPS does at a slider: tangential dashpot of the normal one's size, |F_n|."""
    tangential = dem.Mindlin(sliding="dashpot_kept", load="magnitude", damping_from="normal", **options)
    return dem.ContactLaws(dem.Hertz(clamp_tension=limited), tangential, rolling=None, lever_arm="lammps")


@case("peer LAMMPS mindlin", SECTION, f"{LAMMPS}, hertz/material, tangential mindlin", precisions=DOUBLE)
def follow_mindlin(report: CaseReport) -> None:
    """Displacement kept on unloading."""
    follow(report, "lammps_mindlin", lammps_laws(unloading="kept"), SURFACE, 0.0, TIGHT)


@case("peer LAMMPS mindlin_rescale", SECTION, f"{LAMMPS}, tangential mindlin_rescale", slow=True, precisions=DOUBLE)
def follow_mindlin_rescale(report: CaseReport) -> None:
    """Displacement rescaled on unloading."""
    follow(report, "lammps_mindlin_rescale", lammps_laws(), SURFACE, 0.0, TIGHT)


@case("peer LAMMPS mindlin/force", SECTION, f"{LAMMPS}, tangential mindlin/force", slow=True, precisions=DOUBLE)
def follow_mindlin_force(report: CaseReport) -> None:
    """Force summed, kept on unloading."""
    laws = lammps_laws(history="force", unloading="kept")
    follow(report, "lammps_mindlin_force", laws, SURFACE, 0.0, TIGHT)


@case("peer LAMMPS limited", SECTION, f"{LAMMPS}, mindlin_rescale/force, limit_damping", slow=True, precisions=DOUBLE)
def follow_mindlin_rescale_force(report: CaseReport) -> None:
    """Force summed, rescaled on unloading; no attractive tail."""
    laws = lammps_laws(limited=True, history="force")
    follow(report, "lammps_mindlin_rescale_force", laws, SURFACE, 0.0, TIGHT)


@case("peer LAMMPS dmt", SECTION, f"{LAMMPS}, dmt", slow=True, precisions=DOUBLE)
def follow_dmt(report: CaseReport) -> None:
    """Pull-off of 4 pi gamma R*, twice of which friction sees."""
    laws = dem.ContactLaws(
        tangential=dem.Mindlin(unloading="kept", load="magnitude", damping_share=0.0),
        rolling=None,
        cohesion=dem.DMT(friction_weight=2.0),
        lever_arm="lammps",
    )
    surface = {**SURFACE, "restitution": 1.0, "surface_energy": 0.1}
    follow(report, "lammps_dmt", laws, surface, 0.0, TIGHT)


@case("peer LAMMPS jkr", SECTION, f"{LAMMPS}, jkr", slow=True, precisions=DOUBLE)
def follow_jkr(report: CaseReport) -> None:
    """A neck, and friction that sees twice the pull-off."""
    laws = dem.ContactLaws(
        tangential=dem.Mindlin(unloading="kept", load="magnitude", damping_share=0.0),
        rolling=None,
        cohesion=dem.JKR(friction_weight=2.0),
        lever_arm="lammps",
    )
    surface = {**SURFACE, "restitution": 1.0, "surface_energy": 0.1}
    follow(report, "lammps_jkr", laws, surface, 0.0, TIGHT)


@case("peer LAMMPS rolling", SECTION, f"{LAMMPS}, hooke, linear_history, rolling sds", slow=True, precisions=DOUBLE)
def follow_rolling(report: CaseReport) -> None:
    """Under gravity: a grain slides until it rolls, three roll into each other; k_r = 2.25 k_n mu_r^2, no dashpot.

    Overlaps reach 3e-4 of a radius here, hence the wider limits.
    """
    laws = dem.ContactLaws(
        dem.LinearSpring(1e7, clamp_tension=True),
        dem.LinearTangential(0.5, sliding="dashpot_kept", load="magnitude", damping_from="normal", damping_share=0.5),
        dem.RollingSpring(damping_ratio=0.0),
        lever_arm="lammps",
    )
    follow(report, "lammps_rolling", laws, {**SURFACE, "rolling_friction": 0.1}, 9.81, (2e-5, 3e-5, 1e-4))


@case("peer LIGGGHTS hertz", SECTION, f"{LIGGGHTS}, hertz, tangential history", precisions=DOUBLE)
def follow_liggghts(report: CaseReport) -> None:
    """The cap on the spring alone."""
    laws = dem.ContactLaws(
        tangential=dem.Mindlin(unloading="kept", sliding="spring_capped", load="magnitude"), rolling=None
    )
    follow(report, "liggghts_hertz", laws, SURFACE, 0.0, TIGHT)


@case("peer LIGGGHTS sjkr", SECTION, f"{LIGGGHTS}, hertz, cohesion sjkr", slow=True, precisions=DOUBLE)
def follow_liggghts_sjkr(report: CaseReport) -> None:
    """Cohesion by the area of overlap; no attractive tail of the dashpot."""
    laws = dem.ContactLaws(
        dem.Hertz(clamp_tension=True),
        dem.Mindlin(unloading="kept", sliding="spring_capped", load="magnitude"),
        rolling=None,
        cohesion=dem.SJKR(),
    )
    surface = {**SURFACE, "cohesion_energy_density": 1e6}
    follow(report, "liggghts_sjkr", laws, surface, 0.0, (1e-7, 1e-7, 1e-7))
