"""Annular shear: a straight piece of a ring of very large radius, sheared between rough platens to large strain.

It is periodic along the shear and across: no curvature, no side walls, no ends. See docs/soil_lab.md.
"""

from scenarios.shared.plane_shear.procedure import PlaneShear


class AnnularShear(PlaneShear):
    """Specimens that are periodic along the shear."""

    is_walled = False
