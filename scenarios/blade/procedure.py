"""Force on blades of several thicknesses: level beds, one blade in each world, pushed down or dragged along.

A blade runs through the periodic width of its bed, so it is a strip without ends. Grains of diameter d make it act as
if it were thicker, F = s (t + e): the line of force over thickness gives e, about a grain.
"""

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

import dem
from dem.beds.quality import PreparedBed
from dem.experiment import estimate, not_measured, verdict
from dem.io import Series
from dem.model import Motion
from dem.run_config import RunConfig
from scenarios.shared.pressed_bed import PressedBed
from scenarios.shared.soil_experiment import add_wall, moving_along, panel

BLADE = 1  # body
TOP = 2.0  # depths that a blade stands high
SLOW = 0.3  # of sqrt(g d), for the speed
LINE_POINTS = 2  # always lie on a line
LINEAR = 0.2  # of the force: by which a blade may miss the line


class Blade(PressedBed):
    """Beds, each with each blade; worlds are bed by bed, blade by blade."""

    label, bodies, is_periodic, tip = "blades", [BLADE], True, 0.0
    smooth = 0.5
    world_series = {
        "displacement": Series("m", "sinkage of the tip, or travel"),
        "force": Series("N", "force of the soil against the motion"),
        "side_force": Series("N", "upward force of the soil on a dragged blade, along x on a pushed one"),
    }
    conventions = {
        "displacement": "pushed: from the bed's mean surface to the blade's tip; dragged: travel along x",
        "force": "of the soil on the blade against its motion; sliding mean over half a grain diameter",
        "line_force": "mean force per width over the last part of the displacement, see read_from",
        "extra_thickness": "e of F = s (t + e), over the grain diameter, from a line of force over thickness",
        "line_slope": "s: force per width and thickness",
    }

    def __init__(self, config: RunConfig) -> None:
        super().__init__(config)
        self.is_dragged = self.spec.mode == "drag"
        self.buried = self.beds
        if self.is_dragged:
            self.buried = [self._bury(bed, thickness) for bed in self.beds for thickness in self.spec.thicknesses]

    @property
    def pressed(self) -> tuple[float, float]:
        """The thinnest blade with a grain beside it, and its depth [m]."""
        return min(self.spec.thicknesses) + self.spec.grain_diameter, self.spec.depth

    @property
    def size(self) -> tuple[float, float, float]:
        """Of the beds [m]."""
        return self.spec.bed_length, self.spec.bed_width, self.spec.bed_depth

    @property
    def worlds_per_bed(self) -> int:
        """One a blade."""
        return len(self.spec.thicknesses)

    @property
    def world_names(self) -> list[str]:
        """Seed and blade of each world."""
        return [f"seed_{seed}_{thick * 1e3:g}_mm" for seed in self.spec.seeds for thick in self.spec.thicknesses]

    def bed_of(self, world: int) -> PreparedBed:
        """The bed in a world; without the grains that a buried blade takes the place of."""
        return self.buried[world] if self.is_dragged else super().bed_of(world)

    def thickness(self, world: int) -> float:
        """Of the blade in a world [m]."""
        return float(self.spec.thicknesses[world % self.worlds_per_bed])

    @cached_property
    def start_x(self) -> float:
        """Where the middles of the blades begin [m]."""
        return (self.spec.bed_length - (self.spec.travel if self.is_dragged else 0.0)) / 2

    def start(self, world: int) -> float:
        """Height of the tip before it moves [m]."""
        if self.is_dragged:
            return self.bed_of(world).surface_height - self.spec.depth
        return super().start(world)

    def add_bodies(self, builder: dem.ModelBuilder, world: int) -> None:
        """A blade above the bed, or in it."""
        spec, high = self.spec, TOP * self.spec.depth
        wall = add_wall(builder, self.config, spec.blade_friction)
        centre = (self.start_x, spec.bed_width / 2, self.start(world) + high / 2)
        body = builder.add_body("blade", 1.0, (1.0, 1.0, 1.0), centre, motion=Motion.fixed())
        builder.add_shape(dem.Box((self.thickness(world), spec.bed_width + 4 * spec.grain_diameter, high)), wall, body)

    def begin_push(self, start: float) -> None:
        """Push down, or drag along."""
        if self.is_dragged:
            self.move_all(self.bodies, moving_along(self.spec.push_speed))
        else:
            super().begin_push(start)

    def push_duration(self) -> float:
        """Of the push or drag [s]."""
        return self.spec.travel / self.spec.push_speed if self.is_dragged else super().push_duration()

    def sample(self) -> None:
        """Add a row."""
        impulses, elapsed = self.take_impulses()
        moved = self.spec.push_speed * ((self.sampled_at + self.sampled_from) / 2 - self.phase_start)
        wrench = impulses[:, BLADE] / elapsed
        if self.is_dragged:
            row = {"displacement": np.full(self.world_count, moved), "force": -wrench[:, 0], "side_force": wrench[:, 2]}
        else:
            sinkage = self.kept["surface"] - self.kept["start"] + moved
            row = {"displacement": sinkage, "force": wrench[:, 2], "side_force": wrench[:, 0]}
        self.recorder.add(row)

    def _bury(self, bed: PreparedBed, thickness: float) -> PreparedBed:
        """The bed without the grains that a blade takes the place of."""
        aside = np.maximum(np.abs(bed.position[:, 0] - self.start_x) - thickness / 2, 0.0)
        above = np.maximum(bed.surface_height - self.spec.depth - bed.position[:, 2], 0.0)
        stays = np.hypot(aside, above) > bed.radius
        return replace(bed, position=bed.position[stays], radius=bed.radius[stays])

    # What is measured.

    @property
    def reach(self) -> float:
        """Displacement at the end [m]."""
        return float(self.spec.travel if self.is_dragged else self.spec.depth)

    def reduce(self) -> dict[str, Any]:
        """Force of each blade, and by how much grains thicken them."""
        spec = self.spec
        curves = [self.curve(world, 0.0, self.reach) for world in range(self.world_count)]
        forces = np.array([self._line_force(*curve) for curve in curves]).reshape(spec.repeats, -1)
        lines = [np.polyfit(spec.thicknesses, own, 1) for own in forces]
        extra = [float(offset / slope / spec.grain_diameter) for slope, offset in lines]
        each = {
            f"line_force_{thickness * 1e3:g}mm": estimate(forces[:, place].tolist(), "N/m")
            for place, thickness in enumerate(spec.thicknesses)
        }
        fit = {
            "extra_thickness": estimate(extra),
            "line_slope": estimate([float(slope) for slope, _ in lines], "Pa"),
            **each,
        }
        return {
            "fit": fit,
            "bed": self.bed_report(),
            "samples": {
                "thicknesses": list(spec.thicknesses), "depth": spec.depth, "grain_diameter": spec.grain_diameter,
                "push_speed": spec.push_speed, "mode": spec.mode,
            },
            "figure": self._figure(curves, forces, fit),
        }  # fmt: skip

    def check(self, reduced: dict[str, Any]) -> dict[str, Any]:
        """Whether it was slow, and the line is one."""
        thicknesses, forces = self.spec.thicknesses, self._mean_forces(reduced)
        line = np.polyval(np.polyfit(thicknesses, forces, 1), thicknesses)
        is_told = len(set(thicknesses)) > LINE_POINTS
        linearity = verdict(float(np.abs(line / forces - 1).max()), LINEAR) if is_told else not_measured(LINEAR)
        return {
            "speed_over_fall_speed": verdict(self.spec.push_speed / self.fall_speed, SLOW),
            "linearity": linearity,
        }

    def _mean_forces(self, reduced: dict[str, Any]) -> np.ndarray:
        fit = reduced["fit"]
        return np.array([fit[f"line_force_{thickness * 1e3:g}mm"]["mean"] for thickness in self.spec.thicknesses])

    def _line_force(self, displacement: np.ndarray, force: np.ndarray) -> float:
        """Mean force per width over the last part [N/m]."""
        return float(force[displacement > self.spec.read_from * self.reach].mean() / self.spec.bed_width)

    def _figure(self, curves: list, forces: np.ndarray, fit: dict[str, Any]) -> dict[str, Any]:
        """Force over displacement, and over thickness with its line."""
        spec, drawn = self.spec, []
        for world, (displacement, force) in enumerate(curves):
            label = f"{self.thickness(world) * 1e3:g} mm" if world < self.worlds_per_bed else None
            drawn.append({
                "x": displacement * 1e3, "y": force / spec.bed_width, "label": label,
                "color": world % self.worlds_per_bed,
            })  # fmt: skip
        thick = np.array(spec.thicknesses)
        extra, slope = fit["extra_thickness"]["mean"] * spec.grain_diameter, fit["line_slope"]["mean"]
        ends = np.array([-max(extra, 0.0), thick.max()])
        points = [
            {"x": thick * 1e3, "y": own, "style": "points", "color": bed, "label": f"seed {spec.seed + bed}"}
            for bed, own in enumerate(forces)
        ]
        line = {
            "x": ends * 1e3,
            "y": slope * (ends + extra),
            "style": "fit",
            "color": len(points),
            "label": "s (t + e)",
        }
        what = "travel" if self.is_dragged else "sinkage"
        panels = [
            panel(f"{what} [mm]", "force per width [N/m]", f"blade, {spec.mode}", drawn),
            panel("thickness [mm]", "force per width [N/m]", f"e = {fit['extra_thickness']['mean']:.2f} d",
                  [*points, line | {"color": len(points)}]),
        ]  # fmt: skip
        return {"name": "blade", "title": self.title(), "panels": panels}
