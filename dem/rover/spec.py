"""A wheel as a user states it: geometry, the mass it carries, and the spin it is tested at."""

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dem.errors import ConfigError
from dem.own_conf import find_file
from dem.shapes.wheel_form import FORMS, SIDE_PLATES, WheelForm
from dem.spec import (
    Source,
    require_choice,
    require_number,
    require_plausible,
    require_positive,
    require_range,
    uncounted,
)

WHEEL_SIZES = (0.005, 5.0)  # [m] that radius and width lie between


@dataclass
class WheelSpec:
    """A rigid wheel: of the family of straight, inclined and chevron grousers, or a mesh.

    Attributes:
        name: wheel, as shown on plots.
        radius: axle to grouser tip [m].
        width: along the axle [m].
        grouser_height: beyond the rim [m].
        grouser_thickness: along the rim [m].
        grouser_count: 0 makes a smooth wheel, whose rim stands at `radius`.
        load_mass: mass this wheel carries, its own included [kg].
        angular_velocity: nominal spin of a test, positive when driving towards +x [rad/s].
        wheel_mass: the wheel's own [kg], if known.
        form: of the grousers: straight (along the axle), inclined, chevron.
        grouser_angle_deg: of inclined and chevron grousers against the axle [deg]; above 0 the right end, or the
            chevron's point, meets the soil first. Right wheels of a rover are mirrored, see `rover.mirrored_wheels`.
        crown_radius: of the rim's arc across the wheel [m]; null for a flat rim.
        side_plates: rim (sides closed as high as the rim), tip (to the grousers' tips), none (an open drum).
        sheet_thickness: of side plates to the tips, and of a drum's wall [m].
        mesh: an STL, OBJ or PLY file to be the wheel's surface, its middle at the origin and its axle along y: a full
            path, or one from here or from conf/wheel. `radius` and `width` must be its own; grousers only say how
            high the tips stand over the rim, from which sinkage counts.
        mesh_scale: metres per unit of the file.
        sources: where each number comes from.
    """

    name: str
    radius: float
    width: float
    grouser_height: float
    grouser_thickness: float
    grouser_count: int
    load_mass: float
    angular_velocity: float
    wheel_mass: float | None = None
    form: str = "straight"
    grouser_angle_deg: float = 0.0
    crown_radius: float | None = None
    side_plates: str = "rim"
    sheet_thickness: float | None = None
    mesh: str | None = uncounted(default=None)  # what is in it counts
    mesh_scale: float = 1.0
    sources: dict[str, Source] = uncounted(default_factory=dict)

    def __post_init__(self) -> None:
        for key in ("radius", "width"):
            require_positive(f"wheel.{key}", getattr(self, key), "give metres such as 0.25")
            remedy = "give wheel.mesh_scale=0.001 and the wheel's own metres" if self.mesh else ""
            require_plausible(f"wheel.{key}", getattr(self, key), *WHEEL_SIZES, "m", remedy)
        require_positive("wheel.load_mass", self.load_mass, "give kg such as 110")
        require_positive("wheel.angular_velocity", self.angular_velocity, "give rad/s such as 0.8")
        require_range(
            "wheel.grouser_count", self.grouser_count, 0, 1000, "give a count such as 24, or 0 for a smooth wheel"
        )
        if self.wheel_mass is not None:
            require_positive("wheel.wheel_mass", self.wheel_mass, "give kg, or null if unknown")
            require_range("wheel.wheel_mass", self.wheel_mass, 0.0, self.load_mass, "keep it within wheel.load_mass")
        if self.grouser_count > 0:
            self._check_grousers()
        self._check_form()

    def _check_form(self) -> None:
        require_choice("wheel.form", self.form, FORMS, "give straight for plates along the axle")
        require_choice("wheel.side_plates", self.side_plates, SIDE_PLATES, "give rim for closed sides")
        require_number("wheel.grouser_angle_deg", self.grouser_angle_deg, "give degrees such as 20")
        require_positive("wheel.mesh_scale", self.mesh_scale, "give metres per unit of wheel.mesh, 0.001 for mm")
        is_plain = self.outline().is_plain
        if self.mesh is not None:
            find_file("wheel.mesh", self.mesh, "wheel")
            if not is_plain:
                raise ConfigError(
                    f"wheel.mesh is {self.mesh!r}, which says the wheel's form already; drop wheel.form, "
                    "wheel.crown_radius and wheel.side_plates, or wheel.mesh"
                )

    def _check_grousers(self) -> None:
        require_positive("wheel.grouser_height", self.grouser_height, "give metres, or wheel.grouser_count=0")
        for key in ("grouser_height", "grouser_thickness"):
            require_plausible(f"wheel.{key}", getattr(self, key), 0.0, WHEEL_SIZES[1] / 4, "m")
        require_positive("wheel.grouser_thickness", self.grouser_thickness, "give metres, or wheel.grouser_count=0")
        if self.grouser_height >= self.radius:
            raise ConfigError(
                f"wheel.grouser_height is {self.grouser_height}, must be below wheel.radius ({self.radius}); lower it"
            )
        if self.grouser_thickness >= self.grouser_pitch:
            raise ConfigError(
                f"wheel.grouser_thickness is {self.grouser_thickness}, must be below the pitch of "
                f"{self.grouser_count} grousers on the rim ({self.grouser_pitch:.4g} m); "
                "lower it or wheel.grouser_count"
            )

    def scale(self, ratios: Any) -> None:
        """Take the sizes, mass and spin of a test with these `Ratios` to the wheel.

        Raises:
            ConfigError: it would be another form: only a wheel of straight plates on a flat rim has a free width.
        """
        is_plain = self.mesh is None and self.outline().is_plain
        if not is_plain and not math.isclose(ratios.width, ratios.size):
            raise ConfigError(
                f"similitude.mass makes wheel.width {ratios.width:.4g} and wheel.radius {ratios.size:.4g} of the "
                f"prototype's, which deforms wheel {self.name!r}; drop similitude.mass, or "
                f"take wheel.form=straight on a flat rim"
            )
        self.mesh_scale *= ratios.size
        for key in ("crown_radius", "sheet_thickness"):
            if getattr(self, key) is not None:
                setattr(self, key, ratios.size * getattr(self, key))
        for key in ("radius", "grouser_height", "grouser_thickness"):
            setattr(self, key, ratios.size * getattr(self, key))
        self.width *= ratios.width
        self.load_mass *= ratios.mass
        self.angular_velocity *= ratios.angular_velocity
        if self.wheel_mass is not None:
            self.wheel_mass *= ratios.mass

    def lighten(self, share: float) -> None:
        """Bear only a share of the load; the wheel itself stays what it is, as far as the load reaches."""
        self.load_mass *= share
        if self.wheel_mass is not None:
            self.wheel_mass = min(self.wheel_mass, self.load_mass)

    def outline(self) -> WheelForm:
        """The wheel as one of the family."""
        angle = math.radians(self.grouser_angle_deg)
        return WheelForm(
            self.radius, self.width, self.grouser_height, self.grouser_thickness, self.grouser_count, self.form, angle,
            self.crown_radius, self.side_plates, self.sheet_thickness,
        )  # fmt: skip

    @property
    def blade_thickness(self) -> float:
        """Of its grousers along the rim [m]; 0 of a smooth wheel and of a mesh, whose blades are not known."""
        return self.grouser_thickness if self.grouser_count and self.mesh is None else 0.0

    @property
    def is_chiral(self) -> bool:
        """Whether the wheel may differ from its mirror image; of what a mesh holds nothing is known."""
        return self.mesh is not None or self.form == "inclined"

    @property
    def mesh_path(self) -> Path:
        """Path of the mesh's file.

        Raises:
            ConfigError: there is none.
        """
        return find_file("wheel.mesh", str(self.mesh), "wheel")

    def content(self) -> dict[str, str]:
        """A hash of what is in the mesh's file, by key; empty where there is none."""
        return {} if self.mesh is None else {"mesh": hashlib.sha256(self.mesh_path.read_bytes()).hexdigest()[:16]}

    @property
    def rim_radius(self) -> float:
        """Axle to rim, without grousers [m]."""
        return self.radius - self.grouser_height if self.grouser_count > 0 else self.radius

    @property
    def grouser_pitch(self) -> float:
        """Distance from one grouser to the next along the rim [m]; infinite for a smooth wheel."""
        return 2.0 * math.pi * self.rim_radius / self.grouser_count if self.grouser_count > 0 else math.inf
