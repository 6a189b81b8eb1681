"""The family of wheels as meshes: a turned rim, flat or crowned, its sides, and plates: straight, inclined, chevron.

The rim and each grouser are closed surfaces that reach into one another, as the parts of `GrouserWheel` do: what lies
inside is felt by no grain, so they need no union. A straight wheel on a flat rim is better off as a `GrouserWheel`,
whose rim is exactly round.
"""

import math
from dataclasses import dataclass

import numpy as np

from dem.errors import ConfigError
from dem.shapes.mesh import TriangleMesh
from dem.shapes.revolved import surface_of_revolution

FORMS = ("straight", "inclined", "chevron")
SIDE_PLATES = ("rim", "tip", "none")
FACETS = 240  # around the rim: its corners stand 3e-5 of the radius too high, its middles 6e-5 too low
TURN = math.radians(1.0)  # that a grouser makes about the axle from one station to the next
CROWN_STATIONS = 12  # across half of a crowned rim
STEEPEST_DEG = 75.0  # of grousers against the axle; beyond, they run around the rim rather than across it
# Sides of a plate's section. Opposite ones are split along parallel diagonals: a twisted plate is as thick as it says.
ACROSS = ((0, 1, False), (1, 3, False), (3, 2, True), (2, 0, True))


@dataclass(frozen=True)
class WheelForm:
    """A wheel about the body's y axis, its left side at +y, driving towards +x when it spins about +y.

    Attributes:
        radius: to the grouser tips, in the middle of the wheel [m]; width: [m].
        grouser_height: above the rim [m]; grouser_thickness: at right angles to the plate [m].
        grouser_count: 0 for none.
        form: straight (along the axle), inclined (a helix), chevron (a V with its point in the middle).
        grouser_angle: between plate and axle [rad]; above 0 the right end of an inclined plate, or the point of a
            chevron, meets the soil first.
        crown_radius: of the rim's arc across the wheel [m], which leaves the middle highest; None for a flat rim.
        side_plates: rim (the sides are closed as high as the rim), tip (closed to the grousers' tips), none (a drum,
            open on both sides).
        sheet_thickness: of side plates to the tips, and of a drum's wall [m].

    Raises:
        ConfigError: a size that makes no wheel.
    """

    radius: float
    width: float
    grouser_height: float = 0.0
    grouser_thickness: float = 0.0
    grouser_count: int = 0
    form: str = "straight"
    grouser_angle: float = 0.0
    crown_radius: float | None = None
    side_plates: str = "rim"
    sheet_thickness: float | None = None

    def __post_init__(self) -> None:
        if self.form not in FORMS:
            raise ConfigError(f"wheel.form is {self.form!r}, must be one of {', '.join(FORMS)}; give straight")
        if self.side_plates not in SIDE_PLATES:
            raise ConfigError(
                f"wheel.side_plates is {self.side_plates!r}, must be one of {', '.join(SIDE_PLATES)}; give rim"
            )
        self._check_angle()
        self._check_crown()
        self._check_sheet()

    @property
    def rim_radius(self) -> float:
        """Radius of the rim in the middle of the wheel, between the grousers [m]."""
        return self.radius - (self.grouser_height if self.grouser_count else 0.0)

    @property
    def is_plain(self) -> bool:
        """Whether a `GrouserWheel` says all of it."""
        return self.form == "straight" and self.crown_radius is None and self.side_plates == "rim"

    def sag(self, y: np.ndarray) -> np.ndarray:
        """How much lower than in the middle the rim is at places across the wheel [m]."""
        if self.crown_radius is None:
            return np.zeros_like(y)
        return self.crown_radius - np.sqrt(self.crown_radius**2 - y**2)

    def rim_profile(self) -> np.ndarray:
        """Corners (n, 2) of (radius, y) [m] around the section of rim and side plates, the solid on the left."""
        across = self._stations(CROWN_STATIONS if self.crown_radius else 0)
        outer = np.column_stack([self.rim_radius - self.sag(across), across])
        if self.side_plates == "none":
            return np.concatenate([outer, (outer - [float(self.sheet_thickness or 0.0), 0.0])[::-1]])
        half = self.width / 2
        if self.side_plates == "rim":
            return np.concatenate([[(0.0, -half)], outer, [(0.0, half)]])
        tip = outer[0, 0] + (self.grouser_height if self.grouser_count else 0.0)
        inner = half - float(self.sheet_thickness or 0.0)
        between = outer[np.abs(across) < inner * (1 - 1e-9)]
        foot = self.rim_radius - float(self.sag(np.array(inner)))
        left = [(foot, inner), (tip, inner), (tip, half), (0.0, half)]
        right = [(radius, -y) for radius, y in reversed(left)]
        return np.concatenate([right, between, left])

    def parts(self, facets: int = FACETS) -> list[tuple[np.ndarray, np.ndarray]]:
        """Closed surfaces that make up the wheel: rim with sides, then grousers; points [m] and triangles of each."""
        turned = surface_of_revolution(self.rim_profile().tolist(), facets)
        rim = turned.points @ np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])  # z becomes y
        return [(rim, turned.triangles), *(self._grouser(index) for index in range(self.grouser_count))]

    def mesh(self, facets: int = FACETS) -> TriangleMesh:
        """All parts as one shape; `facets` are around the rim."""
        parts = self.parts(facets)
        starts = np.cumsum([0, *(len(points) for points, _ in parts[:-1])])
        points = np.concatenate([points for points, _ in parts])
        return TriangleMesh(points, np.concatenate([faces + s for (_, faces), s in zip(parts, starts, strict=True)]))

    def _grouser(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """A plate that follows the rim's height and its own line around it."""
        across = self._stations(self._grouser_stations())
        if self.side_plates == "tip":  # they end within the plates, so that no two faces lie in one plane
            across *= 1 - float(self.sheet_thickness or 0.0) / self.width
        lead = np.abs(across) if self.form == "chevron" else across
        angle = 2 * math.pi * index / self.grouser_count + lead * math.tan(self.grouser_angle) / self.rim_radius
        foot = self.grouser_height if self.side_plates != "none" else 0.5 * float(self.sheet_thickness or 0.0)
        rim, half = self.rim_radius - self.sag(across), self.grouser_thickness / 2 / math.cos(self.grouser_angle)
        out = np.stack([np.cos(angle), np.zeros_like(angle), np.sin(angle)], axis=1)
        along = np.stack([-np.sin(angle), np.zeros_like(angle), np.cos(angle)], axis=1)
        corners = [
            (rim + height)[:, None] * out + side * half * along + across[:, None] * [0.0, 1.0, 0.0]
            for height in (-foot, self.grouser_height)
            for side in (-1, 1)
        ]
        return np.stack(corners, axis=1).reshape(-1, 3), _tube(len(across))

    def _grouser_stations(self) -> int:
        turn = self.width / 2 * abs(math.tan(self.grouser_angle)) / self.rim_radius
        return max(math.ceil(turn / TURN), CROWN_STATIONS if self.crown_radius else 0)

    def _stations(self, half_count: int) -> np.ndarray:
        """Places across the wheel [m]: its ends, and `half_count` steps from its middle to each."""
        return np.linspace(-self.width / 2, self.width / 2, max(2 * half_count, 1) + 1)

    def _check_angle(self) -> None:
        steepest = math.radians(STEEPEST_DEG)
        if self.form == "straight" and self.grouser_angle != 0.0:
            raise ConfigError(
                f"wheel.grouser_angle_deg is {math.degrees(self.grouser_angle):g}, must be 0 for wheel.form=straight; "
                "set wheel.form=inclined or chevron"
            )
        if self.form != "straight" and not 0.0 < abs(self.grouser_angle) <= steepest:
            raise ConfigError(
                f"wheel.grouser_angle_deg is {math.degrees(self.grouser_angle):g}, must lie within {STEEPEST_DEG:g} "
                f"deg either way and not be 0 for wheel.form={self.form}; give degrees such as 20"
            )
        pitch = 2 * math.pi * self.rim_radius / max(self.grouser_count, 1)
        if self.grouser_thickness / math.cos(self.grouser_angle) >= pitch and self.grouser_count:
            raise ConfigError(
                f"wheel.grouser_angle_deg is {math.degrees(self.grouser_angle):g}, at which grousers "
                f"{self.grouser_thickness} m thick fill their pitch of {pitch:.4g} m; lower it or wheel.grouser_count"
            )

    def _check_crown(self) -> None:
        if self.crown_radius is None:
            return
        if not self.crown_radius >= self.width / 2:
            raise ConfigError(
                f"wheel.crown_radius is {self.crown_radius}, must be at least half of wheel.width "
                f"({self.width / 2:g} m); give metres such as {2 * self.width:g}, or null for a flat rim"
            )
        if float(self.sag(np.array(self.width / 2))) >= self.rim_radius - self.grouser_height:
            raise ConfigError(
                f"wheel.crown_radius is {self.crown_radius}, at which nothing is left of the rim at the wheel's sides; "
                "give a larger one"
            )

    def _check_sheet(self) -> None:
        if self.side_plates == "rim":
            if self.sheet_thickness is not None:
                raise ConfigError(
                    f"wheel.sheet_thickness is {self.sheet_thickness}, but wheel.side_plates=rim has no use for it; "
                    "drop it, or set wheel.side_plates=tip or none"
                )
            return
        most = min(self.width / 2, self.rim_radius - float(self.sag(np.array(self.width / 2))))
        if self.sheet_thickness is None or not 0.0 < self.sheet_thickness < most:
            raise ConfigError(
                f"wheel.sheet_thickness is {self.sheet_thickness}, must lie between 0 and {most:.4g} m for "
                f"wheel.side_plates={self.side_plates}; give metres such as 0.003"
            )


def _tube(stations: int) -> np.ndarray:
    """Triangles of sections of four corners, one after another along y, closed at both ends."""
    last = 4 * (stations - 1)
    faces = [(0, 3, 1), (0, 2, 3), (last, last + 1, last + 3), (last, last + 3, last + 2)]
    for start in range(0, last, 4):
        for one, other, is_mirrored in ACROSS:
            a, b, c, d = start + one, start + other, start + 4 + other, start + 4 + one
            faces += [(a, b, d), (b, c, d)] if is_mirrored else [(a, b, c), (a, c, d)]
    return np.array(faces)
