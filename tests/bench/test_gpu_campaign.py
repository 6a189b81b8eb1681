"""`python -m benchmarks.gpu`: it runs on a CPU, nothing is left out in silence, and the page says what was found."""

import json
import os
import sys

import pytest

import dem
from benchmarks.gpu import processes
from benchmarks.gpu.__main__ import agrees, parse
from benchmarks.gpu.__main__ import run as run_campaign
from benchmarks.gpu.launches import counted
from benchmarks.gpu.page import page_of, wins_from
from benchmarks.gpu.parts import QUICK, ROOT, Part, Scale, checks_of, timed, timed_of, waves_of
from benchmarks.gpu.processes import Clock, run_in_turn, run_together
from benchmarks.gpu.work import outcomes, tasks_of
from dem.bench.scenes import make_scene

SETTINGS = {"quick": True, "cache": "", "repeats": 1, "steps": 5, "warm_up": 5, "seconds": 0.1, "compared_steps": 5}


class Silent:
    """A console that keeps what it is told."""

    def __init__(self):
        self.said = []

    def print(self, *what, **_):
        self.said += map(str, what)


@pytest.fixture(scope="module")
def quick(lattice_cache, tmp_path_factory):
    """What a quick run of some parts found, its page, and what it said."""
    output = tmp_path_factory.mktemp("campaign") / "found" / "gpu.json"
    words = f"--device cpu --quick --parts speed launches --cache {lattice_cache} --output {output}"
    console = Silent()
    run_campaign(parse(words.split()), console)
    return json.loads(output.read_text()), output.with_suffix(".md").read_text(), console.said


def test_a_quick_run_measures_and_counts_on_a_cpu_and_says_so(quick):
    found, page, said = quick
    parts = found["parts"]
    assert {name: part.get("reason") for name, part in parts.items() if part["status"] == "failed"} == {}
    row, launches = parts["bed of 1000"]["result"], parts["launches, bed of 1000"]["result"]
    assert row["particle_steps_per_second"] > 0
    assert launches["counts"]["finish_step"] == launches["steps"]
    assert sum(task["launches"] for task in launches["tasks"]) >= launches["steps"]
    assert any("No GPU here" in line for line in said)
    assert page.startswith("# drawbar on a CPU, for want of a GPU")
    assert "its speeds mean nothing" in page


def test_every_table_says_what_it_was_made_on(quick):
    found, page, _ = quick
    made = found["made"]
    tables = [part for part in page.split("\n## ")[1:] if "|---|" in part]
    assert len(tables) >= 4
    for table in tables:
        assert made["commit"][:9] in table
        assert made["date"][:10] in table
        assert made["device_name"] in table


def made(**changed):
    return {
        "device": "cuda", "device_name": "Big GPU", "driver": "CUDA 12.8", "memory_bytes": 2**37, "cores": 16,
        "cpu_name": "CPU", "found": [{"kind": "cuda", "name": "Big GPU", "problem": ""}], "system": "Linux",
        "versions": {"python": "3.12.1", "taichi": "1.7.4"}, "commit": "0123456789ab", "uncommitted_changes": False,
        "date": "2026-11-30T12:00:00", "command": "python -m benchmarks.gpu", "minutes": 9.0, "is_quick": False,
        "seconds": 300.0,
    } | changed  # fmt: skip


def row(device, grains, rate, **changed):
    return {
        "scene": "bed", "device": device, "precision": "mixed", "threads": 16 if device == "cpu" else 0, "worlds": 1,
        "particle_count": grains, "particle_steps_per_second": rate, "range": [0.9 * rate, 1.1 * rate],
        "contacts_per_second": 2.5 * rate, "field_bytes": 1300 * grains, "field_bytes_per_particle": 1300.0,
        "scene_seconds": 0.1, "compile_seconds": 20.0, "searches_per_step": 0.03, "copy_bandwidth": 4e12,
        "phase_shares": {"run_force_pass": 0.8, "begin_step": 0.02, "search": 0.1, "python": 0.08},
        "phase_seconds_per_step": {"run_force_pass": 8e-4, "begin_step": 2e-5, "search": 1e-4},
        "bytes_per_particle_step_estimate": {"contacts": 300.0, "motion": 200.0, "search": 50.0, "total": 550.0},
    } | changed  # fmt: skip


def part(kind, result=None, **changed):
    answer = {"status": "done", "result": result} if result is not None else {}
    return {"kind": kind, "device": "cuda", "seconds": 10.0} | answer | changed


def synthetic():
    counts = {"finish_step": 400, "begin_motion": 2, "looks": 13, "searches": 12, "reads": 30, "launches_in_vain": 7}
    speeds = [row("cuda", 40_000, 4e8), row("cpu", 40_000, 1e8)]
    launches = {
        "scene": "wheel", "particle_count": 100_000, "steps": 400, "counts": counts, "seconds": 1.0,
        "kernels": ["begin_motion", "finish_step"],
        "tasks": [{"task": "finish_step, task 0 (range_for)", "launches": 400, "seconds": 0.04}],
    }  # fmt: skip
    check = {"precision": "mixed", "problem": "", "differences": {"force": 1e-6}, "limit": 1e-4}
    same = {
        "precision": "double", "particle_count": 40_000, "steps": 200, "mean_shift_in_diameters": 1e-12,
        "largest_shift_in_diameters": 1e-10, "energy_difference": 1e-11, "limit": 1e-7, "same": True,
    }  # fmt: skip
    batch = row("cuda", 1_920_000, 1e9, worlds=64, alone_particle_steps_per_second=1e8, batch_over_alone=10.0)
    tests = {"passed": 90, "failed": ["tests/engine/test_x.py::test_y"], "left": 3, "ended": False, "files": []}
    few = {"rows": [row("cuda", 1_000, 1e7), row("cuda", 10_000, 1e8)]}
    few_cpu = {"rows": [row("cpu", 1_000, 2e7), row("cpu", 10_000, 5e7)]}
    parts = {
        "self-check in mixed": part("self_check", check), "agreement": part("agreement", same),
        "bed": part("speed", speeds[0]), "bed on the CPU": part("speed", speeds[1]), "batch": part("batch", batch),
        "few": part("few", few), "few on the CPU": part("few", few_cpu), "launches": part("launches", launches),
        "tests 1 of 1": part("tests", tests),
        "bed of 10000000": part("speed", status="left out", reason="3 s were left", seconds=0.0),
    }  # fmt: skip
    return {"made": made(), "parts": parts}


def test_the_page_has_every_figure():
    page = page_of(synthetic())
    for expected in (
        "# drawbar on a GPU", "cuda: Big GPU, 128 GiB", "CUDA 12.8", "python 3.12.1, taichi 1.7.4", "300 s of 540 s",
        "- bed of 10000000 left out: 3 s were left",
        "| mixed | agrees | 1e-06 (force) | 0.0001 | 10 s |",
        "| double | 40 000 | 200 | 1e-12 | 1e-10 | 1e-11 | yes (limit 1e-07) |",
        "| bed | cuda, mixed | 40 000 | 400.00 | 360.00 to 440.00 | 0.1 |",
        "| bed | 40 000 | 400.00 | 100.00 | 4.00 |",
        "| 64 x 30 000 | cuda, mixed | 1000.00 | 900.00 to 1100.00 | 100.0 | 10.00 |",
        "| wheel of 100 000 | 1 | 1 | 0.0325 | 0.03 | 0.075 | 0 | 0 | 0 | 7 |",
        "| finish_step, task 0 (range_for) | 1 | 100 | 100 % |",
        "| tests 1 of 1 | 90 | 1 | 3 | stopped when its time was over |", "- failed: `tests/engine/test_x.py::test_y`",
        "*Big GPU, CUDA 12.8, taichi 1.7.4, drawbar 012345678, 2026-11-30*",
    ):  # fmt: skip
        assert expected in page, expected


def test_shares_of_the_bandwidth_are_of_what_was_clocked():
    """40 000 grains of 500 bytes in 0.8 ms are 25 GB/s, of 4000 a 0.6 %; the step moves 550 in 0.1 ms, 220 GB/s."""
    line = next(line for line in page_of(synthetic()).splitlines() if line.startswith("| bed | mixed | 40 000 |"))
    assert line == "| bed | mixed | 40 000 | 0.8 | 0.02 | 0.1 | 0.08 | 0.03 | 550 | 4000 | 6 % | 1 % | 0 % |"


def test_the_size_from_which_a_gpu_wins_lies_between_two_sizes():
    """Half as fast at 1000 grains and twice at 10 000: as fast at their geometric mean."""
    assert wins_from(synthetic()) == pytest.approx(3162, abs=2)
    assert wins_from({"made": made(), "parts": {}}) is None


def test_a_run_that_differs_or_fails_a_test_is_no_success():
    found = synthetic()
    assert not agrees(found)
    del found["parts"]["tests 1 of 1"]
    assert agrees(found)
    found["parts"]["agreement"]["result"]["same"] = False
    assert not agrees(found)


def test_a_page_of_nothing_yet_is_a_page():
    assert "Nothing." in page_of({"made": made(is_quick=True, device="cpu", driver=""), "parts": {}})


def test_parts_are_prepared_together_as_far_as_memory_and_cores_reach():
    parts = [timed(str(size), "speed", "cuda", "bed", size) for size in (1_000, 1_000, 1_000, 10_000_000, 1_000)]
    assert [len(wave) for wave in waves_of(parts, 2, 10**9)] == [2, 1, 1, 1]
    assert [len(wave) for wave in waves_of(parts, 8, 10**12)] == [5]


@pytest.mark.parametrize("scale", [QUICK, Scale(), Scale(largest=40_000)])
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_parts_have_names_of_their_own_and_what_they_need(scale, device):
    checks = checks_of(device, scale, 10.0, 3)
    names = [part.name for part in [*checks, *timed_of(device, scale)]]
    assert len(names) == len({*names})
    assert all({*part.needs} <= {*names} for part in checks)
    assert {file for part in checks for file in part.files} >= {"tests/engine/test_launches.py"}


def test_what_finds_no_time_is_left_out_with_a_reason(tmp_path):
    heard = {}
    settings = SETTINGS | {"folder": str(tmp_path)}
    parts = [timed("a bed", "speed", "cpu", "bed", 1_000)]
    report = lambda part, answer: heard.update({part.name: answer})  # noqa: E731
    assert run_in_turn(parts, settings, Clock(0.05), report) == []
    run_together([Part("a check", "agreement")], settings, Clock(0.05), 1, report)
    assert {answer["status"] for answer in heard.values()} == {"left out"}
    assert all("were left" in answer["reason"] for answer in heard.values())
    assert len(heard) == 2


def test_a_process_that_dies_or_hangs_does_not_end_the_rest(tmp_path, monkeypatch):
    heard = {}
    command = (
        "import sys, time; words = ' '.join(sys.argv); time.sleep(60 * ('hangs' in words)); print('no'); sys.exit(3)"
    )
    popen = processes.subprocess.Popen
    monkeypatch.setattr(
        processes.subprocess,
        "Popen",
        lambda words, **named: popen([sys.executable, "-c", command, *words[3:]], **named),
    )
    monkeypatch.setattr(processes, "LEAST", 0.5)
    parts = [Part("hangs", "agreement", limit=0.5), Part("dies", "agreement")]
    run_together(
        parts, SETTINGS | {"folder": str(tmp_path)}, Clock(1), 2, lambda part, answer: heard.update({part.name: answer})
    )
    assert heard["hangs"]["status"] == "timed out"
    assert heard["dies"]["reason"] == "its process ended with 3 (no)"


def test_lines_of_pytest_are_counted_also_when_it_was_stopped():
    said = (
        "tests/engine/test_a.py::test_b[mixed] PASSED [ 3%]\ntests/engine/test_a.py::test_c FAILED [ 6%]\n"
        "tests/engine/test_a.py::test_d SKIPPED (no) [ 9%]\ntests/engine/test_a.py::test_e "
    )
    found = outcomes(said)
    assert (found["passed"], found["failed"], found["left"]) == (1, ["tests/engine/test_a.py::test_c"], 1)


def test_a_file_of_tests_that_cannot_be_imported_has_failed():
    assert outcomes("ERROR tests/engine/test_a.py - ModuleNotFoundError\n= 1 error =")["failed"] == [
        "tests/engine/test_a.py"
    ]


def test_launches_are_summed_by_task():
    records = [
        ("finish_step_c80_0_kernel_1_range_for", 1.0),
        ("fill", 0.5),
        ("finish_step_c80_0_kernel_1_range_for", 2.0),
    ]
    first, second = tasks_of(records)
    assert first == {"task": "finish_step, task 1 (range_for)", "launches": 2, "seconds": 3.0}
    assert second["task"] == "fill"


def test_counting_puts_everything_back_and_counts_searches(lattice_cache):
    before = {
        name: dict(vars(sys.modules[name])) for name in ("dem.solver", "dem.memory", "dem.simulation", "dem.state")
    }
    with dem.start("cpu", threads=1):
        simulation = make_scene("bed", 1_000, folder=lattice_cache).simulate()
        with counted() as counts:
            simulation.run(60 * simulation.time_step)
    assert {name: dict(vars(sys.modules[name])) for name in before} == before
    assert counts["finish_step"] == 60
    assert counts["looks"] == 60
    assert counts["searches"] == counts["search_neighbors"]
    assert counts["reads"] >= counts["looks"]


def test_the_campaign_needs_the_engine_alone():
    """A machine with a GPU may have neither Hydra nor PyVista."""
    heavy = "{'hydra', 'pyvista', 'matplotlib', 'mujoco'}"
    code = f"import sys, benchmarks.gpu.__main__, benchmarks.gpu.work; print({heavy} & {{*sys.modules}})"
    done = processes.subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
