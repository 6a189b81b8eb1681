"""What a simulation needs is told before it is taken, and rejected where it is not there."""

import logging
import re
from dataclasses import replace

import numpy as np
import pytest

import dem
from dem import devices, memory_estimate
from dem.bench.scenes import bed_model
from dem.bench.tiles import loose_lattice, mixed_lattice
from dem.bench.traffic import field_bytes
from dem.devices import GIB
from dem.memory_estimate import estimate_memory
from dem.shapes.revolved import surface_of_revolution
from dem.solver import DeviceContext
from dem.worlds import Worlds

WHEEL = dem.GrouserWheel(radius=0.06, width=0.05, grouser_height=0.01, grouser_thickness=0.004, grouser_count=12)


def bed(count, wheel=None):
    return bed_model(loose_lattice(count, 0.01 * (count / 8) ** 0.5, np.full(count, 0.005)), 0.0, wheel)


def bed_on_a_mesh():
    builder = dem.ModelBuilder()
    sand = builder.add_material(
        dem.Material(2500, 1e7, 0.3, restitution=0.5, sliding_friction=0.5, rolling_friction=0.1)
    )
    builder.add_particles(np.random.default_rng(1).uniform(0.0, 0.2, (500, 3)), 0.005, sand)
    rod = surface_of_revolution([(0.0, -0.05), (0.02, -0.05), (0.02, 0.05), (0.0, 0.05)], 24)
    builder.add_shape(rod, sand)
    return builder.finalize()


SCENES = {
    "small": lambda: [bed(300)],
    "wheel": lambda: [bed(3000, WHEEL)],
    "worlds": lambda: [bed(700)] * 3,
    "mixture": lambda: [bed_model(mixed_lattice(40, 1500, (0.015, 0.005), 0.12))],
    "mesh": lambda: [bed_on_a_mesh()],
}


@pytest.fixture(scope="module", params=["mixed", "double"])
def session(request):
    with dem.start("cpu", request.param, 1) as running:
        yield running


@pytest.mark.parametrize("track_energy", [False, True])
@pytest.mark.parametrize("scene", SCENES)
def test_the_estimate_is_what_the_fields_take(session, scene, track_energy):
    worlds = Worlds(SCENES[scene]())
    simulation = dem.Simulation.__new__(dem.Simulation)  # fields alone: no kernel is compiled
    simulation.context = DeviceContext(worlds, worlds.default_skin, track_energy)
    assert estimate_memory(worlds, worlds.default_skin, track_energy) == pytest.approx(field_bytes(simulation), rel=0.2)


def test_what_does_not_fit_is_rejected_before_it_is_taken(session, monkeypatch):
    monkeypatch.setattr(memory_estimate, "free_memory", lambda device: 100_000)
    monkeypatch.setattr(dem.solver, "DeviceContext", None)  # it is not come to
    with pytest.raises(dem.ConfigError) as caught:
        dem.Simulation(bed(300))
    said = str(caught.value)
    assert re.match(
        r"300 grains need about 0\.\d MiB of memory, must be at most the 0\.1 MiB that are free on cpu", said
    )
    assert "use fewer grains or worlds" in said
    assert ("device.precision=mixed" in said) == (session.precision == "double")


def test_the_need_is_told_where_it_is_much(session, monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    worlds = Worlds(bed(300))

    def told():
        caplog.clear()
        memory_estimate.require_memory(worlds, worlds.default_skin, False)
        return caplog.text

    monkeypatch.setattr(memory_estimate, "free_memory", lambda device: 3 * GIB)
    assert told() == ""
    monkeypatch.setattr(memory_estimate, "REMARKABLE", 1000)
    assert re.search(r"300 grains need about 0\.\d MiB of memory, of 3\.0 GiB free on cpu", told())
    monkeypatch.undo()
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(session, "hardware", devices.Device("vulkan", "GPU", 2 * GIB))
    assert "of 2.0 GiB free on vulkan (GPU)" in told()
    monkeypatch.setattr(session, "hardware", replace(session.hardware, memory_bytes=0))
    assert "grains need about" in told()  # and nothing is rejected, where nothing tells what is free


def test_limits_of_the_job_count(tmp_path):
    (tmp_path / "memory.stat").write_text("anon 5\ninactive_file 1000\n")
    (tmp_path / "memory.current").write_text("300000\n")
    for limit, left in (("1000000", 701_000), ("200000", 1), ("max", 0), (str(2**63 - 1), 0)):
        (tmp_path / "memory.max").write_text(limit)
        assert devices._left_in(tmp_path, "memory.max", "memory.current") == left
    assert devices._left_in(tmp_path / "none", "memory.max", "memory.current") == 0
    assert 0 < devices.free_memory(devices.ask_cpu()) <= devices.total_memory()
