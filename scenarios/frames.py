"""What a frame holds, in every scenario: the arrays that all have, and those that `output` asks for."""

from dataclasses import asdict, dataclass

import numpy as np

import dem
from dem.io.batch_writer import FRAME_ARRAYS, POSES
from dem.spec import OutputSpec


@dataclass
class Taken:
    """What was read of a world for a frame.

    Attributes:
        soil: arrays of the grains, as `RunWriter.write_frame` takes them.
        position: of all bodies [m], (B, 3).
        orientation: of all bodies, quaternions w x y z, (B, 4).
        contacts: as `RunWriter.write_frame` takes them; None where they are not asked for.
    """

    soil: dict[str, np.ndarray]
    position: np.ndarray
    orientation: np.ndarray
    contacts: dict[str, np.ndarray] | None

    def pose(self, body: int) -> tuple[np.ndarray, np.ndarray]:
        """Position and orientation of a body, by its number."""
        return self.position[body], self.orientation[body]


def take_frame(simulation: dem.Simulation, output: OutputSpec, world: int = 0) -> Taken:
    """Read what a frame of a world holds."""
    names = (*FRAME_ARRAYS, *output.grain_arrays)
    found = simulation.snapshot(world, (*names, *POSES))
    contacts = simulation.contact_pairs(world) if output.contacts else None
    soil = {name: found[name] for name in names}
    return Taken(soil, found["body_position"], found["body_orientation"], contacts)


def kept_bits(output: OutputSpec) -> dict[str, int]:
    """Array name -> mantissa bits, as `RunWriter` takes them."""
    return asdict(output.kept_bits)
