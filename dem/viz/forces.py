"""What contacts do, laid over a scene: force chains among faint grains, a field of stress on the cut plane."""

import numpy as np
import pyvista

from dem.io import Frame
from dem.viz import chains, stress_slice
from dem.viz.coloring import ColorSource, array_of

Scale = tuple[str, tuple[str, ...], tuple[float, float]]


class Forces:
    """Chains and field of a run.

    Attributes:
        has_chains: Whether chains are on show.
        field: Name of the field on show, or None.
    """

    def __init__(self, plotter: pyvista.Plotter, source: ColorSource, box: np.ndarray):
        """Add both to the active renderer, hidden; `box` (2, 3) [m] holds the undisturbed bed."""
        self._source = source
        self._slice = stress_slice.StressSlice(plotter, source, box)
        self._chains = chains.ForceChains(plotter, source)  # after it: what is translucent is drawn in this order
        self.has_chains = False
        self.field: str | None = None

    @property
    def is_shown(self) -> bool:
        """Whether grains are plain, since colours mean something else."""
        return self.has_chains or self.field is not None

    @property
    def scale(self) -> Scale | None:
        """Title, colours and range of the field, or else of the chains; None where neither is on show."""
        if self.field:
            return stress_slice.FIELDS[self.field][0], stress_slice.COLORS, self._slice.limits(self.field)
        return (chains.TITLE, chains.COLORS, self._chains.limits) if self.has_chains else None

    def choose(self, has_chains: bool, field: str | None) -> None:
        """Say what is to be shown.

        Raises:
            ResultsError: There is no such field, or the run lacks what is asked for; all is as before.
        """
        if field is not None:
            stress_slice.require_field(field)
            array_of(self._source, self._source.first, "stress")
        if has_chains:
            chains.require_contacts(self._source)
        self.has_chains, self.field = has_chains, field

    def show(self, frame: Frame, y: float, shown: np.ndarray) -> None:
        """Show what was chosen of a frame: on the plane at `y` [m], and of the grains that are `shown`.

        Over a field only chains near its plane are shown, up to one grain before and behind it.
        """
        if self.field:
            self._slice.show(frame, self.field, y)
        else:
            self._slice.hide()
        if self.has_chains:
            layer = np.abs(frame.soil["position"][:, 1] - y) < 2 * frame.soil["radius"].max()
            self._chains.show(frame, layer if self.field else shown)
        else:
            self._chains.hide()

    @property
    def limits(self) -> tuple[float, float] | None:
        """Range of what the scale shows; None where neither is on show."""
        return self.scale[2] if self.scale else None

    @limits.setter
    def limits(self, limits: tuple[float, float]) -> None:
        if self.field:
            self._slice.set_limits(self.field, limits)
        elif self.has_chains:
            self._chains.limits = limits

    def forget_ranges(self) -> None:
        """Take ranges anew from a run that grew."""
        self._slice.forget_ranges()
        self._chains.forget_range()
