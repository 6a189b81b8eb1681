"""The scene of a run: grains as true spheres, lit bodies, the bed's outline, a scale, texts.

What contacts do is laid over it on demand: force chains (`chains.py`) and a field on the cut plane (`stress_slice.py`).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyvista
from vtkmodules.vtkRenderingCore import vtkActor

from dem.errors import ResultsError
from dem.io import Frame, RunReader
from dem.viz import camera, decor, labels
from dem.viz.coloring import ColorSource, color_table, colors_of, find_coloring
from dem.viz.forces import Forces
from dem.viz.grains import PLAIN, Grains
from dem.viz.stress_slice import section_of
from dem.viz.trail import Trail

BODY_COLOR = "#c3cad1"
EDGE_COLOR = "#2f353b"
FEATURE_ANGLE = 25.0
"""Degrees between faces from which an edge is drawn: shows grousers, not the facets of a rim of 32 sides or more."""


class RunScene:
    """Shows one frame at a time of one run in a PyVista plotter."""

    def __init__(
        self,
        reader: RunReader,
        plotter: pyvista.Plotter,
        *,
        color_by: str = "speed",
        cut: bool = False,
        texts: bool = True,
        chains: bool = False,
        field: str | None = None,
    ):
        """Build all that stays, and show the last frame.

        Args:
            reader: A run with at least one frame.
            plotter: On screen or off, with an empty renderer that is active; the scene stays in that.
            color_by: A name in `dem.viz.coloring.COLORINGS`.
            cut: Hide what is in front of the plane through the middle of the first body.
            texts: Write title, time, numbers and colour scale into the picture; a page has them beside it.
            chains: Draw force chains, and grains faint.
            field: A name in `dem.viz.stress_slice.FIELDS`, to draw on the plane through the middle of the first body.

        Raises:
            ResultsError: The run has no frame, or lacks what colouring, chains or field need.
        """
        if reader.frame_count == 0:
            raise ResultsError(f"{reader.path}: no frames yet; nothing to show before the first is written.")
        self.reader, self.plotter, self.renderer = reader, plotter, plotter.renderer
        self.speed: float | None = None  # of a film, over real time; written beside the time
        self._attributes = reader.attributes
        self._source = ColorSource(reader)
        self._cut, self._follow, self._has_texts = cut, False, texts
        self._limits: dict[str, tuple[float, float]] = {}
        self._build(color_by)
        self.forces.choose(chains, field)
        self.show_frame(reader.frame_count - 1)
        self.look()

    @property
    def frame(self) -> Frame:
        """The frame on show."""
        return self._frame

    @property
    def is_cut(self) -> bool:
        """Whether what is in front of the cut plane is hidden; a field lies on that plane."""
        return self._cut or self.forces.field is not None

    def show_frame(self, index: int) -> None:
        """Show a frame; negative numbers count from the end."""
        before = self._center()
        self._frame = self.reader.frame(index)
        self._place_bodies()
        self._draw_grains()
        self._trail.show_until(self._frame.index)
        if self._follow:
            self._move_camera(self._center() - before)
        if self._has_texts:
            self._texts["time"].SetInput(labels.time_text(self._frame.time, self.speed))
            self._texts["numbers"].SetInput(labels.numbers_text(self.reader, self._frame.time))

    def color_by(self, name: str) -> None:
        """Choose the colouring.

        Raises:
            ResultsError: There is none of that name, or the run lacks what it needs.
        """
        coloring = find_coloring(name)
        if coloring.name not in self._limits:
            self._limits[coloring.name] = coloring.limits(self._source)
        self._coloring, self._table = coloring, color_table(coloring.colors)
        self._draw_grains()

    @property
    def coloring(self) -> str:
        """Name of the colouring on show."""
        return self._coloring.name

    def can_color_by(self, name: str) -> bool:
        """Whether the run has the numbers for a colouring."""
        try:
            find_coloring(name).measure(self._source, self._source.first)
        except ResultsError:
            return False
        return True

    def forget_ranges(self) -> None:
        """Take colour ranges anew from a run that grew, the next time that a colouring is chosen."""
        self._limits.clear()
        self._source.forget()
        self.forces.forget_ranges()

    def set_forces(self, chains: bool, field: str | None) -> None:
        """Draw force chains or not, and a field or none; the cut and the grains' looks follow.

        Raises:
            ResultsError: There is no such field, or the run lacks what is asked for; all is as before.
        """
        was_cut = self.is_cut
        self.forces.choose(chains, field)
        self._draw_grains()
        self._place_bodies()
        if self.is_cut != was_cut and not self._follow:
            self.look()

    @property
    def scale(self) -> tuple[str, tuple[str, ...], tuple[float, float]]:
        """Title, colours and range of the colour scale: of a field or chains if they are on show, else of grains."""
        own = self._coloring.title, self._coloring.colors, self._limits[self._coloring.name]
        return self.forces.scale or own

    @property
    def color_limits(self) -> tuple[float, float]:
        """Range of the colours on show, in their unit."""
        return self._limits[self._coloring.name]

    @color_limits.setter
    def color_limits(self, limits: tuple[float, float]) -> None:
        self._limits[self._coloring.name] = limits
        self._draw_grains()

    @property
    def force_limits(self) -> tuple[float, float] | None:
        """Range of the field or the chains on show, in the unit of their scale; None where neither is."""
        return self.forces.limits

    @force_limits.setter
    def force_limits(self, limits: tuple[float, float]) -> None:
        self.forces.limits = limits
        self._draw_grains()

    def set_cut(self, cut: bool) -> None:
        """Hide or show what is in front of the cut plane."""
        self._cut = cut
        self._draw_grains()
        self._place_bodies()

    def set_follow(self, follow: bool) -> None:
        """Stand near the first body and go along with it, or back to where everything is in view."""
        self._follow = follow and bool(self._frame.bodies)
        self.look()

    def set_trail(self, trail: bool) -> None:
        """Draw the way that the first body came, or not."""
        self._trail.set_shown(trail)

    def look(self) -> None:
        """Move the camera to where bed and bodies, over the whole run, or the followed body, fill the picture."""
        width, height = self.renderer.GetSize()
        points = camera.around(next(iter(self._frame.bodies.values()))) if self._follow else self._extent()
        direction = camera.SECTION if self.is_cut else camera.THREE_QUARTER
        frame = camera.FRAME if self._has_texts else camera.BARE_FRAME
        self.set_view(camera.fit_view(points, direction, width / height, frame))

    @property
    def view(self) -> camera.View:
        """Where the camera stands."""
        return camera.View(np.array(self.renderer.camera.position), np.array(self.renderer.camera.focal_point))

    def set_view(self, view: camera.View) -> None:
        """Move the camera."""
        self.renderer.camera.view_angle = camera.VIEW_ANGLE
        self.renderer.camera_position = [view.position, view.focal_point, (0.0, 0.0, 1.0)]
        self.renderer.ResetCameraClippingRange()

    def _build(self, color_by: str) -> None:
        self._frame = self._source.first
        decor.prepare(self.plotter)
        self._grains = Grains(self.plotter, self.reader.particle_count)
        self._bodies = {name: self._add_body(name) for name in self.reader.body_names}
        self._bed = bed_box(self._source, self._attributes)
        self.forces = Forces(self.plotter, self._source, self._bed)
        decor.add_outline(self.plotter, self._bed)
        decor.add_scale_bar(self.plotter, self._bed)
        self._trail = Trail(self.plotter, self.reader)
        self._texts = decor.add_texts(
            self.plotter, labels.title_of(self._attributes), labels.gravity_text(self._attributes)
        )
        self._scale = decor.add_scale(self.plotter)
        for text in self._texts.values():
            text.SetVisibility(self._has_texts)
        self._scale.SetVisibility(self._has_texts)
        self.color_by(color_by)

    def _add_body(self, name: str) -> list[vtkActor]:
        """Surface and edges, in the body frame; poses move them."""
        mesh = self.reader.body_mesh(name)
        surface = pyvista.PolyData.from_regular_faces(mesh.points, mesh.triangles).clean()
        edges = surface.extract_feature_edges(FEATURE_ANGLE, manifold_edges=False, non_manifold_edges=False)
        look = {"ambient": 0.22, "diffuse": 0.74, "specular": 0.55, "specular_power": 28, "smooth_shading": False}
        actors = [self.plotter.add_mesh(surface, color=BODY_COLOR, name=name, reset_camera=False, **look)]
        if edges.n_cells:
            actors.append(
                self.plotter.add_mesh(edges, color=EDGE_COLOR, line_width=1.6, name=f"{name} edges", reset_camera=False)
            )
        return actors

    def _place_bodies(self) -> None:
        plane = decor.plane_at(self._cut_height()) if self.is_cut else None
        for name, actors in self._bodies.items():
            for actor in actors:
                actor.user_matrix = pose_matrix(*self._frame.poses[name])
                actor.mapper.RemoveAllClippingPlanes()
                if plane is not None:
                    actor.mapper.AddClippingPlane(plane)

    def _draw_grains(self) -> None:
        """Grains, what contacts do to them, and the scale of what is on show."""
        soil, y = self._frame.soil, self._cut_height()
        room = soil["radius"].max() if self.forces.field else 0.0  # grains must not stick out of the field
        shown = (soil["position"][:, 1] >= y + room) | (not self.is_cut)
        if self.forces.is_shown:
            colors = np.broadcast_to(PLAIN, (len(shown), 3))
        else:
            values = self._coloring.measure(self._source, self._frame)
            colors = colors_of(values, self._limits[self._coloring.name], self._table)
        self._grains.set_faint(self.forces.has_chains)
        self._grains.draw(soil, colors, shown)
        self.forces.show(self._frame, y, shown)
        title, names, limits = self.scale
        self._texts["scale"].SetInput(title)
        decor.set_scale(self._scale, color_table(names), limits)

    def _cut_height(self) -> float:
        """Height y of the cut plane [m]: through the first body, else through the middle of the bed."""
        return section_of(self._frame, float(self._bed[:, 1].mean()))

    def _center(self) -> np.ndarray:
        """Where the first body is [m], (3,)."""
        return next((position for position, _ in self._frame.poses.values()), np.zeros(3))

    def _move_camera(self, shift: np.ndarray) -> None:
        self.set_view(camera.View(self.view.position + shift, self.view.focal_point + shift))

    def _extent(self) -> np.ndarray:
        """Corners of the bed, and the bodies in the first and the last frame, (points, 3) [m]."""
        corners = np.stack(np.meshgrid(*self._bed.T, indexing="ij"), axis=-1).reshape(-1, 3)
        ends = (self._source.first, self._source.sampled_frames[-1])
        return np.vstack([corners, *(points for frame in ends for points in frame.bodies.values())])


def pose_matrix(position: np.ndarray, orientation: np.ndarray) -> np.ndarray:
    """Homogeneous matrix of a pose.

    Args:
        position: [m], (3,).
        orientation: Quaternion w x y z, (4,).

    Returns:
        (4, 4).
    """
    w, x, y, z = orientation
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    matrix = np.eye(4)
    matrix[:3, :3] = np.eye(3) + 2 * (w * cross + cross @ cross)
    matrix[:3, 3] = position
    return matrix


def bed_box(source: ColorSource, attributes: Mapping[str, Any]) -> np.ndarray:
    """Lower and upper corner of the undisturbed bed [m], (2, 3): the domain up to the original surface."""
    position, radius = source.first.soil["position"], source.first.soil["radius"][:, None]
    box = np.array([(position - radius).min(axis=0), (position + radius).max(axis=0)], dtype=np.float64)
    if "domain_lower" in attributes and "domain_upper" in attributes:
        box[:, :2] = np.array([attributes["domain_lower"], attributes["domain_upper"]])[:, :2]
    box[:, 2] = source.floor_height, source.surface_height
    return box
