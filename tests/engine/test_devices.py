"""Devices: what drivers say of themselves, which is taken, and what is said of those that are not."""

import json
import logging
import struct
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import dem
from dem import backend, cuda_memory, device_check, device_choice, devices, self_check
from dem.devices import GIB, Device

GPU = Device("cuda", "Big GPU", 8 * GIB, driver="CUDA 12.4")
SMALL_GPU = Device("vulkan", "Small GPU", GIB, has_float64=False, driver="Intel driver 1.0.0")
SOFTWARE = Device("vulkan", "llvmpipe", GIB, is_software=True, driver="Mesa driver 1.0.0")


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """`machine(device, ...)` makes these the GPUs there are; their self-checks answer what `machine.answers` says."""

    def have(*found):
        monkeypatch.setattr(device_choice, "find_devices", lambda: (*found, devices.ask_cpu()))

    have.answers, have.checked = {}, []

    def answer(device, precision):
        have.checked.append((device.name, precision))
        return {"problem": have.answers.get(device.name, "")}

    monkeypatch.setattr(device_check, "run_self_check", answer)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv(device_check.SWITCH, raising=False)
    monkeypatch.delenv("TI_VISIBLE_DEVICE", raising=False)
    device_check._checked.cache_clear()
    yield have
    device_check._checked.cache_clear()


def names(*arguments):
    """Of the devices that would be tried."""
    return [found.name for found in device_choice.candidates(*arguments)][:-1] + ["cpu"]


class Driver:
    """A CUDA driver of plain functions; those it lacks raise AttributeError, as ctypes does."""

    def __init__(self, code=0, count=1):
        self.code, self.count = code, count

    def cuInit(self, flags):  # noqa: N802
        return self.code

    def cuDeviceGetCount(self, count):  # noqa: N802
        count._obj.value = self.count
        return 0

    def cuDriverGetVersion(self, version):  # noqa: N802
        version._obj.value = 12040

    def cuDeviceGet(self, device, number):  # noqa: N802
        return 0

    def cuDeviceGetName(self, name, size, device):  # noqa: N802
        name.value = b"Big GPU"

    def cuDeviceGetAttribute(self, value, attribute, device):  # noqa: N802
        value._obj.value = {75: 9, 76: 0}[attribute]


def libraries(**known):
    """Stands in for ctypes.CDLL: opens what is known by name, dots as underscores."""

    def open_library(name):
        if name.replace(".", "_").replace("-", "_") not in known:
            raise OSError(f"{name}: cannot open shared object file")
        return known[name.replace(".", "_").replace("-", "_")]

    return open_library


@pytest.fixture
def linux(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("TI_ENABLE_CUDA", "TI_ENABLE_VULKAN", "CUDA_VISIBLE_DEVICES"):
        monkeypatch.delenv(name, raising=False)


def test_no_driver_at_all_is_told(linux):
    (cuda,), (vulkan,) = devices.ask_cuda(libraries()), devices.ask_vulkan(libraries())
    assert "there is no NVIDIA driver" in cuda.problem
    assert "there is no Vulkan loader" in vulkan.problem


def test_a_driver_without_a_device_is_told(linux, monkeypatch):
    for driver in (Driver(code=100), Driver(count=0)):
        (found,) = devices.ask_cuda(libraries(libcuda_so=driver))
        assert "the driver shows no GPU (CUDA error 100)" in found.problem
        assert "scheduler" in found.problem
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    (found,) = devices.ask_cuda(libraries(libcuda_so=Driver(code=100)))
    assert "CUDA_VISIBLE_DEVICES is ''" in found.problem


def test_a_driver_under_another_name_than_taichi_opens_is_told(linux):
    (found,) = devices.ask_cuda(libraries(libcuda_so_1=Driver()))
    assert "not under the name libcuda.so" in found.problem
    assert "ln -s" in found.problem


def test_an_error_of_the_driver_is_told_in_words(linux):
    (found,) = devices.ask_cuda(libraries(libcuda_so=Driver(code=803)))
    assert "driver and kernel module are of different versions (CUDA error 803)" in found.problem
    (found,) = devices.ask_cuda(libraries(libcuda_so=Driver(code=777)))
    assert "CUDA error 777" in found.problem


def test_a_device_is_described_and_only_the_first_is_taken(linux):
    first, second = devices.ask_cuda(libraries(libcuda_so=Driver(count=2)))
    assert (first.kind, first.name, first.has_float64, first.problem) == ("cuda", "Big GPU", True, "")
    assert first.driver.startswith("CUDA 12.4")
    assert first.driver.endswith("compute capability 9.0")
    assert "CUDA_VISIBLE_DEVICES=1" in second.problem


def test_whatever_a_driver_raises_becomes_a_problem(linux):
    found = devices.ask_drivers(libraries(libcuda_so=SimpleNamespace(), libvulkan_so_1=SimpleNamespace()))
    assert [one.kind for one in found] == ["cuda", "vulkan", "cpu"]
    assert all("its driver failed (AttributeError" in one.problem for one in found[:2])


def vulkan_loader(kind=2, has_float64=True, code=0):
    """A Vulkan loader with one device."""

    def count_devices(instance, count, handles):
        count._obj.value = 1
        if handles is not None:
            handles[0] = 1
        return 0

    def properties(handle, out):
        struct.pack_into("=5I256s", out, 0, 1 << 22 | 3 << 12, 7 << 22 | 2, 0x8086, 1, kind, b"Some GPU")

    def features(handle, out):
        struct.pack_into("=I", out, 4 * devices.FLOAT64_FEATURE, has_float64)

    def memory(handle, out):
        struct.pack_into("=I", out, 260, 2)
        struct.pack_into("=QIIQI", out, 264, 3 * GIB, 1, 0, 9 * GIB, 0)

    return SimpleNamespace(
        vkCreateInstance=lambda info, allocator, instance: code,
        vkEnumeratePhysicalDevices=count_devices,
        vkGetPhysicalDeviceProperties=properties,
        vkGetPhysicalDeviceFeatures=features,
        vkGetPhysicalDeviceMemoryProperties=memory,
    )


def test_a_vulkan_device_is_described(linux):
    (found,) = devices.ask_vulkan(libraries(libvulkan_so_1=vulkan_loader(has_float64=False)))
    expected = Device("vulkan", "Some GPU", 3 * GIB, has_float64=False, driver="Intel driver 7.0.2, Vulkan 1.3.0")
    assert found == expected
    (found,) = devices.ask_vulkan(libraries(libvulkan_so_1=vulkan_loader(kind=4)))
    assert found.is_software
    (found,) = devices.ask_vulkan(libraries(libvulkan_so_1=vulkan_loader(code=-9)))
    assert "there is no driver for any device (Vulkan error -9)" in found.problem


def test_drivers_are_asked_by_a_process_of_its_own(monkeypatch):
    devices.find_devices.cache_clear()
    assert devices.find_devices()[-1].kind == "cpu"
    ask = devices.subprocess.run
    for ended in ("import os; os.abort()", "print('nonsense')"):
        devices.find_devices.cache_clear()
        monkeypatch.setattr(devices.subprocess, "run", lambda c, ended=ended, **o: ask([c[0], "-c", ended], **o))
        *gpus, cpu = devices.find_devices()
        monkeypatch.undo()
        assert "a driver ended the process" in gpus[0].problem
        assert (cpu.kind, cpu.problem) == ("cpu", "")
    devices.find_devices.cache_clear()


def test_the_cpu_is_known(linux):
    cpu = devices.ask_cpu()
    assert cpu.name
    assert cpu.memory_bytes > 0
    assert cpu.has_float64


def test_auto_takes_a_gpu_that_can_compute_in_this_precision(machine, caplog):
    caplog.set_level(logging.INFO)
    machine(SMALL_GPU, GPU)
    assert names("auto", "mixed") == ["Big GPU", "cpu"]
    assert "vulkan (Small GPU) is left out: it has no 64-bit floats" in caplog.text
    assert names("auto", "single") == ["Big GPU", "Small GPU", "cpu"]


def test_auto_takes_no_software(machine, caplog):
    caplog.set_level(logging.INFO)
    machine(SOFTWARE)
    assert names("auto", "mixed") == ["cpu"]
    assert "vulkan (llvmpipe) is left out: it is software" in caplog.text
    assert machine.checked == []
    assert next(device_choice.candidates("vulkan", "mixed")) == SOFTWARE
    assert machine.checked == [("llvmpipe", "mixed")]


def test_auto_leaves_out_a_device_that_computes_wrongly(machine, caplog):
    caplog.set_level(logging.INFO)
    machine(GPU)
    machine.answers["Big GPU"] = "the force of grains is not finite"
    assert names("auto", "mixed") == ["cpu"]
    assert "cuda (Big GPU) is left out: its self-check failed: the force of grains is not finite" in caplog.text


def test_auto_gives_few_grains_to_the_cpu(machine, caplog):
    caplog.set_level(logging.INFO)
    machine(GPU)
    assert names("auto", "mixed", device_choice.SMALL_SCENE - 1) == ["cpu"]
    assert "are stepped by the CPU" in caplog.text
    assert names("auto", "mixed", device_choice.SMALL_SCENE) == ["Big GPU", "cpu"]
    assert next(device_choice.candidates("cuda", "mixed", 10)) == GPU


@pytest.mark.parametrize(
    ("named", "found", "said"),
    [
        ("cuda", Device("cuda", problem="the driver shows no GPU"), "device is cuda, which cannot be used: the driver"),
        ("vulkan", SMALL_GPU, "no 64-bit floats, which device.precision=mixed needs; use device.precision=single"),
        ("metal", GPU, "this system has no such driver"),
    ],
)
def test_a_named_device_that_cannot_be_used_is_rejected_with_the_remedy(machine, named, found, said):
    machine(found)
    with pytest.raises(dem.ConfigError) as caught:
        next(device_choice.candidates(named, "mixed"))
    assert said in str(caught.value)
    assert str(caught.value).endswith("or use device=cpu")


def test_a_named_device_that_computes_wrongly_is_rejected(machine):
    machine(GPU)
    machine.answers["Big GPU"] = "it did not end within 600 s"
    with pytest.raises(dem.ConfigError, match=r"self-check failed: it did not end.*DRAWBAR_SELF_CHECK=0; or use"):
        next(device_choice.candidates("cuda", "mixed"))


def test_the_best_of_several_is_taken_unless_one_is_named_by_number(machine, monkeypatch):
    shared = Device("vulkan", "Shared", 9 * GIB, is_integrated=True, number=1)
    real = Device("vulkan", "Real", 4 * GIB, number=2)
    machine(SOFTWARE, shared, real)
    assert names("auto", "mixed") == ["Real", "Shared", "cpu"]
    assert next(device_choice.candidates("vulkan", "mixed")) == real
    monkeypatch.setenv("TI_VISIBLE_DEVICE", "1")
    assert names("auto", "mixed") == ["Shared", "cpu"]
    assert next(device_choice.candidates("vulkan", "mixed")) == shared


def test_a_pass_is_kept_and_a_failure_is_not(machine, monkeypatch):
    def check(device, precision):
        device_check._checked.cache_clear()  # as a process that begins
        return device_check.check_device(device, precision)

    assert check(GPU, "mixed") == check(GPU, "mixed") == ""
    assert machine.checked == [("Big GPU", "mixed")]
    check(GPU, "double")
    check(Device("cuda", "Big GPU", driver="CUDA 12.5"), "mixed")
    assert len(machine.checked) == 3
    machine.answers["Small GPU"] = "wrong"
    assert check(SMALL_GPU, "single")
    assert check(SMALL_GPU, "single")
    assert len(machine.checked) == 5
    device_check.kept_file().write_text("torn {")
    check(GPU, "mixed")
    assert len(machine.checked) == 6
    assert len(json.loads(device_check.kept_file().read_text())) == 1


def test_a_check_is_left_out_when_switched_off(machine, monkeypatch):
    monkeypatch.setenv(device_check.SWITCH, "0")
    machine.answers["Big GPU"] = "wrong"
    assert device_check.check_device(GPU, "mixed") == ""
    assert machine.checked == []


def test_nothing_is_kept_where_nothing_can_be_written(machine, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert device_check.check_device(GPU, "mixed") == ""


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import os; os.abort()", "signal"),
        ("raise RuntimeError('broken')", "broken"),
        ("import time; time.sleep(60)", "did not end within"),
        ("print('hello'); print('{\"problem\": \"\"}')", ""),
    ],
)
def test_a_check_outlives_what_a_driver_does_to_it(monkeypatch, script, said):
    run = device_check.subprocess.run
    monkeypatch.setattr(device_check, "CHECK_TIMEOUT", 3.0)
    monkeypatch.setattr(device_check.subprocess, "run", lambda command, **o: run([sys.executable, "-c", script], **o))
    problem = device_check.run_self_check(GPU, "mixed")["problem"]
    assert said in problem if said else not problem


def test_a_device_that_started_elsewhere_is_rejected(machine, monkeypatch):
    machine(GPU)
    start = backend.ti.init
    monkeypatch.setattr(backend.ti, "init", lambda arch, **options: start(arch=backend.ti.cpu, **options))
    with pytest.raises(dem.ConfigError, match=r"cuda \(Big GPU\).*Taichi started on .* instead.*device=cpu"):
        dem.start("cuda")
    with dem.start("auto", threads=1) as session:
        assert session.device == "cpu"


def test_an_error_at_the_start_is_told_and_auto_goes_on(machine, monkeypatch, caplog):
    machine(GPU)
    caplog.set_level(logging.INFO)
    start = backend.ti.init

    def init(arch, **options):
        if arch == backend.ti.cuda:
            raise RuntimeError("[cuda_driver.h:operator()@92] CUDA Error CUDA_ERROR_UNKNOWN: unknown error")
        return start(arch=arch, **options)

    monkeypatch.setattr(backend.ti, "init", init)
    with pytest.raises(dem.ConfigError, match=r"did not start on it \(CUDA Error CUDA_ERROR_UNKNOWN: unknown error\)"):
        dem.start("cuda")
    with dem.start("auto", threads=1) as session:
        assert session.device == "cpu"
    assert "cuda (Big GPU) is left out: Taichi did not start on it" in caplog.text


@pytest.fixture(scope="module")
def checked():
    """What the scene of the self-check gives on the CPU, in mixed and single precision."""
    found = {}
    for precision in ("mixed", "single"):
        with dem.start("cpu", precision):
            found[precision] = self_check._run()
    return found


def test_the_self_check_passes_a_device_that_rounds_otherwise(checked):
    differences = self_check.compare(checked["single"], checked["mixed"])
    assert self_check.explain(differences, self_check.LIMITS["single"]) == ""
    assert max(differences.values()) > self_check.LIMITS["mixed"]


def test_the_self_check_finds_what_is_wrong(checked):
    right = checked["mixed"]

    def said(**changed):
        return self_check.explain(self_check.compare(right | changed, right), self_check.LIMITS["mixed"])

    assert said() == ""
    assert "position of grains differs" in said(position=right["first_position"])  # kernels that do nothing
    assert "force of the wheel differs" in said(body_force=0 * right["body_force"])
    one_grain = right["velocity"].copy()
    one_grain[100] *= -1
    assert "velocity of grains differs" in said(velocity=one_grain)
    one_grain[100, 1] = np.nan
    assert said(velocity=one_grain) == "the velocity of grains is not finite"


OF_TAICHI = {
    "[cuda_driver.h:operator()@92] CUDA Error CUDA_ERROR_OUT_OF_MEMORY: out of memory while calling mem.": "memory",
    "[host_memory_pool.cpp:allocate_raw_memory@62] Virtual memory allocation (9 B) failed.": "memory",
    "[cuda_driver.h:operator()@92] CUDA Error CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was ...": "lost",
    "[vulkan_device.cpp:submit@9] VkResult VK_ERROR_DEVICE_LOST": "lost",
    "[spirv_codegen.cpp:visit@951] Instruction Cos(14) does not 64bits operation": "failed",
}


@pytest.mark.parametrize("text", OF_TAICHI)
def test_an_error_of_the_driver_becomes_a_sentence(text):
    expected = {"memory": "has no memory left", "lost": "was lost or ended a kernel", "failed": "failed ("}
    with dem.start("cpu", threads=1) as session:
        session.hardware = GPU
        with pytest.raises(dem.DeviceError) as caught, backend.device_errors():
            raise RuntimeError(text)
    said = str(caught.value)
    assert said.startswith("device cuda (Big GPU)")
    assert expected[OF_TAICHI[text]] in said
    assert "@" not in said
    assert "device=cpu" in said
    assert str(caught.value.__cause__) == text


@pytest.mark.parametrize(
    "error", [dem.NumericalError("a grain is lost"), dem.StateError("twice"), RuntimeError("mine")]
)
def test_errors_of_others_pass_untouched(error):
    with dem.start("cpu", threads=1), pytest.raises(RuntimeError) as caught, backend.device_errors():
        raise error
    assert caught.value is error


def test_a_session_turns_what_comes_through_elsewhere():
    with pytest.raises(dem.DeviceError, match="has no memory left"), dem.start("cpu", threads=1):
        raise RuntimeError(next(iter(OF_TAICHI)))
    with pytest.raises(dem.StateError, match="no backend is running"):
        backend.current()


def test_a_machine_without_memory_is_told():
    with dem.start("cpu", threads=1), pytest.raises(dem.DeviceError, match="no memory left"), backend.device_errors():
        raise MemoryError("Unable to allocate 9 TiB")


def test_a_simulation_turns_errors_of_the_device_wherever_they_come(monkeypatch):
    def fail(*_):
        raise RuntimeError(next(iter(OF_TAICHI)))

    model = dem.ModelBuilder()
    sand = model.add_material(dem.Material(2500, 1e7, 0.3, restitution=0.5, sliding_friction=0.5, rolling_friction=0.1))
    model.add_particles([(0.0, 0.0, 0.0)], 0.01, sand)
    found = model.finalize()
    with dem.start("cpu", threads=1):
        simulation = dem.Simulation(found)
        monkeypatch.setattr(dem.solver, "begin_step", fail)
        monkeypatch.setattr(dem.simulation, "pack_state", fail)
        for act in (lambda: simulation.run(1.0), lambda: simulation.save("nowhere.h5")):
            with pytest.raises(dem.DeviceError, match="no memory left"):
                act()
        monkeypatch.setattr(dem.solver, "DeviceContext", fail)
        with pytest.raises(dem.DeviceError, match="no memory left"):
            dem.Simulation(found)


def test_a_copy_that_the_driver_rejects_names_the_device_and_the_remedy(monkeypatch):
    """A kernel that failed comes to light at the next copy, which Taichi does not see."""

    class Driver:
        def cuGetErrorName(self, code, said):
            said._obj.value = b"CUDA_ERROR_ILLEGAL_ADDRESS"

    monkeypatch.setattr(cuda_memory, "_driver", Driver)
    with dem.start("cpu", threads=1):
        cuda_memory._check(0, "read")
        with pytest.raises(dem.DeviceError, match="ILLEGAL_ADDRESS.*go on from the last checkpoint"):
            cuda_memory._check(700, "read")
