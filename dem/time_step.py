"""How long a step may be.

The time step follows from what must be resolved: the time a surface wave takes over the smallest grain (Hertz;
Thornton & Randall 1988), divided by how much faster a grain rocks on a stiff rolling spring than it bounces, and the
oscillation of the lightest free body on the grains it may touch.
"""

import math
from dataclasses import dataclass

import numpy as np

from dem.contact.contact_laws import ContactLaws, touching_materials
from dem.errors import ConfigError
from dem.model import AXES, Model

AUTO_FRACTION = 0.2  # of the time scale: the middle of the 10-30 % that DEM codes use for dense, frictional beds
LARGEST_FRACTION = 0.5  # beyond which Hertz chains of six neighbours go unstable
REFERENCE_OVERLAP = 0.01  # of the radius: where a body's footing is judged for its stiffness
FOOTING_GRAINS = 100  # grains a body may stand on at once


@dataclass(frozen=True)
class TimeScale:
    """The shortest time a scene must resolve.

    Attributes:
        seconds: [s]; name: of the criterion; where: the grain or body that sets it.
    """

    seconds: float
    name: str
    where: str


def shortest_time_scale(model: Model) -> TimeScale:
    """The shortest time scale of a model's grains and free bodies."""
    laws: ContactLaws = model.contact
    radius, material = model.particles["radius"], model.particles["material"]
    scales = [TimeScale(math.inf, "none", "an empty scene")]
    for first, second in touching_materials(model):
        pair = laws.pair(model, first, second)
        for grain in {first, second} & set(np.unique(material).tolist()):
            smallest = float(radius[material == grain].min())
            seconds, name = laws.normal.time_scale(pair, smallest, model.materials[grain].density)
            faster = laws.rolling.frequency_ratio(pair) if laws.rolling else 0.0
            if faster > 1.0:
                seconds, name = seconds / faster, "rolling"
            scales.append(TimeScale(seconds, name, f"grains of {smallest * 1e3:.3g} mm radius of material {grain}"))
    scales += [scale for entry in model.shapes if (scale := _body_time_scale(model, entry)) is not None]
    return min(scales, key=lambda scale: scale.seconds)


def _body_time_scale(model: Model, entry) -> TimeScale | None:
    body = model.bodies[entry.body]
    if not model.particle_count or set(AXES[:3]) <= set(body.motion.prescribed):
        return None
    largest = int(np.argmax(model.particles["radius"]))
    radius, material = float(model.particles["radius"][largest]), int(model.particles["material"][largest])
    stiffness = model.contact.normal.stiffness(
        model.contact.pair(model, material, entry.material), radius, REFERENCE_OVERLAP * radius
    )
    footing = min(FOOTING_GRAINS, model.particle_count)
    seconds = math.pi * math.sqrt(body.mass / (footing * stiffness))
    return TimeScale(seconds, "body on its grains", f"body {body.name!r} of {body.mass:.3g} kg")


def choose_time_step(model: Model, time_step: float | str, fraction: float = AUTO_FRACTION) -> float:
    """The time step [s]: "auto" takes a fraction of the shortest time scale; a number is checked against it.

    Raises:
        ConfigError: not a positive number, or beyond half the time scale.
    """
    scale = shortest_time_scale(model)
    if time_step == "auto":
        if not math.isfinite(scale.seconds):
            raise ConfigError("time_step is 'auto', but nothing in the scene can touch; give a number of seconds")
        return fraction * scale.seconds
    if isinstance(time_step, str) or not (time_step > 0 and math.isfinite(time_step)):
        raise ConfigError(f"solver.time_step is {time_step!r}, must be above 0 s; use 'auto'")
    if time_step > LARGEST_FRACTION * scale.seconds:
        raise ConfigError(
            f"solver.time_step is {time_step:.3g} s, must be at most {LARGEST_FRACTION * scale.seconds:.3g} s, "
            f"{LARGEST_FRACTION:g} of the {scale.name} time {scale.seconds:.3g} s of {scale.where}; use 'auto' for "
            f"{fraction * scale.seconds:.3g} s, or lower young_modulus"
        )
    return float(time_step)
