"""Exact properties over random scenes, and over restarts. Those of one scene are cases of the suite.

Scenes keep the compatibility signature of the suite's, so that every example is loaded into one compiled simulation.
"""

import numpy as np
from bed_runs import differing, run_bed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dem.backend import current
from dem.verify.bed import MIRROR, QUARTER_TURN, Bed
from dem.verify.cases.conservation import RADIUS, cluster, momenta
from dem.verify.cases.exact import FUSED
from dem.verify.scene import Solid

FEW = settings(
    max_examples=5, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
seeds = st.integers(0, 2**31 - 1)
numbers = st.fixed_dictionaries(
    {"restitution": st.floats(0.1, 1.0), "friction": st.floats(0.0, 1.0), "rolling": st.floats(0.0, 0.5)}
)


@FEW
@given(seed=seeds, numbers=numbers, q=st.sampled_from([4.0, 0.25, 0.0625]))
def test_gravity_scaling_of_random_beds(double, seed, numbers, q):
    plain = run_bed(double, Bed(seed=seed, **numbers))
    scaled = run_bed(double, Bed(gravity=q, seed=seed, **numbers))
    assert np.array_equal(scaled["position"], plain["position"])
    assert np.array_equal(scaled["force"], q * plain["force"])
    assert np.array_equal(scaled["body_torque"], q * plain["body_torque"])


@FEW
@given(seed=seeds, numbers=numbers, axes=st.sampled_from([MIRROR, QUARTER_TURN, MIRROR @ QUARTER_TURN]))
def test_mirrored_and_turned_random_beds(double, seed, numbers, axes):
    plain = run_bed(double, Bed(seed=seed, wheel_height=1000, **numbers))
    turned = run_bed(double, Bed(seed=seed, wheel_height=1000, axes=axes, **numbers))
    spin = turned["angular_velocity"] @ axes * np.linalg.det(axes).round()
    limit = 0.0 if current().rounds_each else FUSED["double"]
    found = {"position": turned["position"] @ axes, "force": turned["force"] @ axes, "angular_velocity": spin}
    for name, values in found.items():
        allowed = limit * np.abs(plain[name]).max()
        np.testing.assert_allclose(values, plain[name], rtol=0, atol=allowed, err_msg=name)


@FEW
@given(seed=seeds, numbers=numbers)
def test_relabelled_random_beds(double, seed, numbers):
    plain = run_bed(double, Bed(seed=seed, **numbers), 200)
    order = np.random.default_rng(seed).permutation(len(plain["radius"]))
    found = run_bed(double, Bed(seed=seed, order=order, **numbers), 200)
    np.testing.assert_allclose(found["position"], plain["position"][order], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found["body_force"], plain["body_force"], rtol=0, atol=1e-8)


@FEW
@given(seed=seeds, e=st.floats(0.05, 1.0), friction=st.floats(0.0, 1.5), rolling=st.floats(0.0, 1.0))
def test_random_clusters_keep_momenta_and_lose_energy(double, seed, e, friction, rolling):
    solid = Solid(1e7, 0.3, 2500, friction, e, rolling)
    simulation = double.simulate(cluster(seed, solid), time_step="auto")
    first = momenta(simulation.state.snapshot(), solid)
    simulation.run(0.15)
    last = momenta(simulation.state.snapshot(), solid)
    scale = solid.mass(RADIUS) * 64 * 0.1
    np.testing.assert_allclose(last[0], first[0], rtol=0, atol=1e-12 * scale)
    np.testing.assert_allclose(last[1], first[1], rtol=0, atol=1e-10 * scale)
    assert last[2] <= first[2] * (1 + 1e-6)


@FEW
@given(seed=seeds, numbers=numbers, steps=st.integers(1, 400))
def test_restart_at_any_step(double, tmp_path_factory, seed, numbers, steps):
    bed, path = Bed(seed=seed, **numbers), tmp_path_factory.mktemp("restart") / "checkpoint.h5"
    simulation = double.simulate(bed.build(), time_step=bed.time_step)
    simulation.run(steps * bed.time_step)
    simulation.save(path)
    simulation.run(200 * bed.time_step)
    plain = simulation.state.snapshot()
    again = double.simulate(bed.build(), time_step=bed.time_step)
    again.restore(path)
    again.run(200 * bed.time_step)
    assert differing(plain, again.state.snapshot()) == []
    assert again.step_count == steps + 200


def test_acts_with_equal_and_opposite_force(double):
    found = run_bed(double, Bed(), 300)
    total = found["force"].sum(axis=0) + found["body_force"].sum(axis=0)
    assert np.abs(total).max() < 1e-13 * np.abs(found["force"]).sum()
