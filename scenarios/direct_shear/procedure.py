"""Direct shear: grains in a split box, the upper half drawn over the lower under constant normal stress.

Rough platens above and below, smooth end walls, periodic across. See docs/soil_lab.md.
"""

from scenarios.shared.plane_shear.procedure import PlaneShear


class DirectShear(PlaneShear):
    """Specimens in a split box."""

    is_walled = True
