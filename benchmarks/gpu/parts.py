"""The parts of the campaign: what is asked, in which order, how long each may take."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BYTES_PER_GRAIN = {"mixed": 1_500, "double": 2_200, "single": 1_300}  # about, with what a driver keeps
SIZES = (40_000, 1_000_000, 100_000, 4_000_000, 10_000_000, 400_000)  # of the bed, the most telling first
FEW = (1_000, 3_000, 10_000)  # grains: where a CPU may be faster
TEST_FOLDERS = ("tests/engine", "tests/contact")


@dataclass(frozen=True)
class Part:
    """One question, answered by a process of its own.

    Attributes:
        name: unique; kind: which function of work.py answers it.
        needs: parts that must have ended before. is_timed: measured while nothing else runs.
        limit: seconds it may take at most, beside what is left to all.
        files: of tests.
    """

    name: str
    kind: str
    device: str = "cpu"
    precision: str = "mixed"
    scene: str = ""
    grains: int = 0
    worlds: int = 1
    needs: tuple[str, ...] = ()
    is_timed: bool = False
    limit: float = 240.0
    files: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """Memory that it takes, about."""
        return self.grains * self.worlds * BYTES_PER_GRAIN[self.precision]


@dataclass(frozen=True)
class Scale:
    """How large a campaign is.

    Attributes:
        largest: grains of a bed; batch: grains and worlds; few: grains of the smallest beds.
        wheels: grains; counted: scenes whose launches are counted, of `launched` grains.
        compared: grains and steps of the bed that is compared with the CPU's; agreeing: in these precisions.
        on_cpu: grains of beds that are timed on the CPU, too; precisions: of the self-check.
    """

    largest: int = 10_000_000
    batch: tuple[int, int] = (30_000, 64)
    few: tuple[int, ...] = FEW
    wheels: tuple[int, ...] = (100_000, 1_000_000)
    counted: tuple[str, ...] = ("bed", "wheel")
    launched: int = 100_000
    compared: tuple[int, int] = (40_000, 200)
    agreeing: tuple[str, ...] = ("mixed", "double")
    on_cpu: tuple[int, ...] = (40_000, 1_000_000)
    precisions: tuple[str, ...] = ("mixed", "double", "single")

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sizes of the beds, in grains."""
        return tuple(size for size in SIZES if size <= self.largest) or (self.largest,)


QUICK = Scale(1_000, (1_000, 2), (), (), ("bed",), 1_000, (1_000, 100), ("mixed",), (1_000,), ("mixed",))


def checks_of(device: str, scale: Scale, test_seconds: float, shards: int) -> list[Part]:
    """Parts that are not timed, and may run beside each other: is what the device computes right?"""
    tiles = sorted({_tile_of(size) for size in (*scale.sizes, *scale.few, scale.batch[0], scale.compared[0])})
    parts = [Part(f"tile of {size}", "tile", grains=size) for size in reversed(tiles)]
    parts += [Part(f"self-check in {kind}", "self_check", device, kind) for kind in scale.precisions]
    grains, needs = scale.compared[0], (f"tile of {_tile_of(scale.compared[0])}",)
    for precision in scale.agreeing:
        parts.append(Part(f"agreement in {precision}", "agreement", device, precision, "bed", grains, needs=needs))
    if test_seconds:
        files = sorted(str(path.relative_to(ROOT)) for folder in TEST_FOLDERS for path in ROOT.glob(f"{folder}/test_*"))
        for shard in range(shards):
            mine = tuple(files[shard::shards])
            parts.append(Part(f"tests {shard + 1} of {shards}", "tests", device, limit=test_seconds, files=mine))
    return parts


def timed_of(device: str, scale: Scale) -> list[Part]:
    """Parts that are measured alone, the most telling first."""
    beds = [timed(f"bed of {size}", "speed", device, "bed", size) for size in scale.sizes]
    wheels = [timed(f"wheel on {size}", "speed", device, "wheel", size) for size in scale.wheels]
    launches = [
        timed(f"launches, {scene} of {scale.launched}", "launches", device, scene, scale.launched)
        for scene in scale.counted
    ]
    grains, worlds = scale.batch
    batch = timed(f"{worlds} worlds of {grains}", "batch", device, "batch", grains, worlds)
    first = [*beds[:2], *wheels[:1], *launches[:1]]
    then = [*beds[2:4], *wheels[1:], batch]
    last = [*beds[4:5], *launches[1:]]
    if device == "cpu":
        return [*first, *then, *few_of("cpu", scale), *last, *beds[5:]]
    on_cpu = [timed(f"bed of {size} on the CPU", "speed", "cpu", "bed", size) for size in scale.on_cpu]
    on_cpu += [timed(f"wheel on {size} on the CPU", "speed", "cpu", "wheel", size) for size in scale.wheels[:1]]
    size = max([size for size in scale.sizes if size <= 1_000_000], default=scale.largest)
    double = timed(f"bed of {size} in double", "speed", device, "bed", size, precision="double")
    few = [*few_of(device, scale), *few_of("cpu", scale)]
    return [*first, *on_cpu[:1], *then, *few, *last, *on_cpu[1:], double, *beds[5:]]


def few_of(device: str, scale: Scale) -> list[Part]:
    """The smallest beds, by one process."""
    where = " on the CPU" if device == "cpu" else ""
    return [timed(f"few grains{where}", "few", device, "bed", max(scale.few))] if scale.few else []


def timed(
    name: str, kind: str, device: str, scene: str, grains: int, worlds: int = 1, precision: str = "mixed"
) -> Part:
    """A part that is measured while nothing else runs."""
    return Part(name, kind, device, precision, scene, grains, worlds, is_timed=True)


def _tile_of(size: int) -> int:
    return 10_000 if size >= 10_000 else 1_000


def waves_of(parts: list[Part], jobs: int, room: int) -> list[list[Part]]:
    """Parts to prepare together, in their order: at most `jobs`, and in `room` bytes; one that needs more is alone."""
    waves: list[list[Part]] = []
    for part in parts:
        last = waves[-1] if waves else []
        if last and len(last) < jobs and sum(other.bytes for other in last) + part.bytes <= room:
            last.append(part)
        else:
            waves.append([part])
    return waves
