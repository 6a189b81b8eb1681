"""Soil and vehicle, in turn: the soil's wrenches go to MuJoCo, its wheels' poses come back, every interval.

At the end of an interval the mean wrench of the soil on each wheel over it is known. MuJoCo integrates the next one
under it, and the wheels' bodies get the constant velocities that bring them to where MuJoCo has its wheels, so the two
never drift apart. What the vehicle feels is therefore one interval late. On a footing of stiffness k under a wheel of
mass m that acts as a dashpot of -k T, which feeds an oscillation w = sqrt(k/m) by w T / 2 of critical damping; sand
takes a tenth of critical and more. `choose_interval` keeps w T at 0.1. What the lag costs is booked: work that leaves
the soil in an interval, and work that arrives in the vehicle in it, by the wrench of the one before.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dem.errors import NumericalError
from dem.model import AXES, Motion
from dem.rover.rotations import rotation_between
from dem.rover.vehicle import Vehicle

LAG = 0.1  # of an oscillation's radian: feeds it by a twentieth of critical damping
MOST_STEPS = 20  # an interval, beyond which an exchange costs nothing any more


@dataclass
class ExchangeTally:
    """What soil and vehicle exchanged over some time, per wheel.

    Attributes:
        duration: [s].
        impulse: of the soil on each wheel about its middle, world axes (n, 6) [N s, N m s].
        drive_impulse: of the motors' torques (n,) [N m s]; drive_work: theirs (n,) [J].
        soil_work: of the wheels on the soil (n,) [J]; vehicle_work: taken from the vehicle (n,) [J].
        turned: of the wheels on their axles (n,) [rad]; moved: their shift and turn in the world (n, 6) [m, rad].
    """

    count: int
    duration: float = 0.0
    impulse: np.ndarray = field(init=False)
    drive_impulse: np.ndarray = field(init=False)
    drive_work: np.ndarray = field(init=False)
    soil_work: np.ndarray = field(init=False)
    vehicle_work: np.ndarray = field(init=False)
    turned: np.ndarray = field(init=False)
    moved: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.impulse, self.moved = np.zeros((self.count, 6)), np.zeros((self.count, 6))
        for name in ("drive_impulse", "drive_work", "soil_work", "vehicle_work", "turned"):
            setattr(self, name, np.zeros(self.count))

    def pack(self) -> dict[str, np.ndarray]:
        """Pack the tally as arrays."""
        return {name: np.array(value) for name, value in vars(self).items() if name != "count"}

    @classmethod
    def unpack(cls, arrays: dict[str, np.ndarray]) -> "ExchangeTally":
        """Unpack a tally from what `pack` gave."""
        tally = cls(len(arrays["impulse"]), float(arrays["duration"]))
        for name in arrays.keys() - {"duration"}:
            setattr(tally, name, arrays[name])
        return tally


class Coupling:
    """Moves wheels of a world as a vehicle's; only it may take the impulses of that world.

    Args:
        simulation: whose bodies are moved.
        vehicle: placed, in the order of `bodies`.
        bodies: numbers of the wheels' bodies.
        interval_steps: time steps between exchanges.
        world: that the bodies are in.

    Attributes:
        tally: since `take`.
        on_exchange: called with the time [s] before MuJoCo goes on: gives motors and gravity their commands.
    """

    def __init__(
        self, simulation: Any, vehicle: Vehicle, bodies: list[int], interval_steps: int, world: int = 0
    ) -> None:
        self.simulation, self.vehicle, self.bodies, self.world = simulation, vehicle, bodies, world
        self.interval_steps, self.interval = interval_steps, interval_steps * simulation.time_step
        self.on_exchange: Callable[[float], None] = lambda time: None
        count = len(bodies)
        self.tally = ExchangeTally(count)
        self.wrench, self.velocity = np.zeros((count, 6)), np.zeros((count, 6))
        self.drive = np.zeros((2, count))  # torque [N m] and spin [rad/s] of the interval under way
        self._due: int | None = None
        self._trigger: Any = None
        self.poses = vehicle.wheel_poses()

    def attach(self) -> None:
        """Begin, or go on where `unpack` left off; once is enough. It ends with its world."""
        if self._trigger is not None:
            return
        self._trigger = trigger = self.simulation.every(self.interval, lambda simulation: self._exchange())
        trigger.checks_faults = False  # it may come every step
        if self._due is None:
            self.simulation.take_impulses(self.world)
        else:
            trigger.due_step = self._due
            self._move()

    def take(self) -> ExchangeTally:
        """The tally since last taken; whole intervals only."""
        taken, self.tally = self.tally, ExchangeTally(len(self.bodies))
        return taken

    def pack(self) -> dict[str, np.ndarray]:
        """All that `unpack` needs to go on."""
        arrays = {name: getattr(self, name) for name in ("wrench", "velocity", "drive")}
        arrays |= {f"tally/{name}": array for name, array in self.tally.pack().items()}
        arrays |= {"vehicle": self.vehicle.pack(), "due": np.array(-1 if self._due is None else self._due)}
        return arrays | {"position": self.poses[0], "orientation": self.poses[1]}

    def unpack(self, arrays: dict[str, np.ndarray]) -> None:
        """Go on from what `pack` gave, once attached."""
        for name in ("wrench", "velocity", "drive"):
            setattr(self, name, arrays[name])
        arrays_of_tally = {
            name.removeprefix("tally/"): array for name, array in arrays.items() if name.startswith("tally/")
        }
        self.tally = ExchangeTally.unpack(arrays_of_tally)
        self.vehicle.unpack(arrays["vehicle"])
        self.poses = arrays["position"], arrays["orientation"]
        self._due = None if arrays["due"] < 0 else int(arrays["due"])

    def _exchange(self) -> None:
        if self.world not in self.simulation.going:  # it rests while others of its batch go on
            self.simulation.cancel(self._trigger)
            return
        if self._due is not None:
            self._accumulate()
        self.on_exchange(self.simulation.time)
        try:
            self.vehicle.advance(self.interval, self.wrench)
        except NumericalError as error:
            self.simulation.cancel(self._trigger)
            self.simulation.fail({self.world: str(error)})
            return
        poses = self.vehicle.wheel_poses()
        shift, turn = poses[0] - self.poses[0], rotation_between(self.poses[1], poses[1])
        self.velocity = np.concatenate([shift, turn], axis=1) / self.interval
        self.drive = np.stack([self.vehicle.driving_torques(), self.vehicle.angular_velocities()])
        self.poses, self._due = poses, self.simulation.step_count + self.interval_steps
        self._move()

    def _accumulate(self) -> None:
        """Add what was exchanged in the interval that ends."""
        before, impulse = self.wrench, self.simulation.take_impulses(self.world)[self.bodies]
        self.wrench = impulse / self.interval
        tally, interval = self.tally, self.interval
        tally.duration += interval
        tally.impulse += impulse
        tally.soil_work -= interval * (self.wrench * self.velocity).sum(axis=1)
        tally.vehicle_work -= interval * (before * self.velocity).sum(axis=1)
        tally.drive_impulse += interval * self.drive[0]
        tally.drive_work += interval * self.drive[0] * self.drive[1]
        tally.turned += interval * self.drive[1]
        tally.moved += interval * self.velocity

    def _move(self) -> None:
        motions = {
            body: Motion(dict(zip(AXES, velocity.tolist(), strict=True)))
            for body, velocity in zip(self.bodies, self.velocity, strict=True)
        }
        self.simulation.set_motions(motions, self.world)


def choose_interval(time_step: float, load: float, mass: float, give: float) -> int:
    """Time steps between two exchanges.

    Args:
        time_step: [s].
        load: of a wheel [N].
        mass: of a wheel, which the soil accelerates at once [kg].
        give: by which the footing yields elastically under that load [m].
    """
    # A Hertzian footing is half as stiff again as its load over its give.
    frequency = math.sqrt(1.5 * load / give / mass)
    return min(max(math.floor(LAG / frequency / time_step), 1), MOST_STEPS)
