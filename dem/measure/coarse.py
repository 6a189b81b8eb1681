"""Coarse-graining: fields of the bulk from numbers of grains, smooth and independent of any cells.

A grain's number is spread around its centre by Lucy's function (Lucy 1977), whose integral is 1:

    W(r) = 105 / (16 pi c^3) (1 + 3 r/c) (1 - r/c)^3   within r < c, else 0.

With `V` as the numbers that is the solid fraction, with `V sigma` the stress of the bulk (Goldhirsch 2010, with
each grain's stress gathered at its centre).
"""

import numpy as np

LUCY = 105 / (16 * np.pi)


def coarse_grain_section(
    position: np.ndarray, numbers: np.ndarray, axes: tuple[np.ndarray, np.ndarray], y: float, width: float,
    period: tuple[float, float] = (np.inf, np.inf),
) -> np.ndarray:  # fmt: skip
    """Densities on a grid in a vertical plane across y.

    Args:
        position: of grains [m], (n, 3).
        numbers: of grains, in any unit U, (n, k).
        axes: x and z of the grid [m], increasing, both with the same even step; on a periodic axis over one period.
        y: of the plane [m].
        width: c, where W ends [m].
        period: of x and y [m], infinite where there is none.

    Returns:
        [U/m3], (len(x), len(z), k).
    """
    x, z = axes
    step = x[1] - x[0] if len(x) > 1 else width
    across = position[:, 1] - y
    if np.isfinite(period[1]):
        across -= np.rint(across / period[1]) * period[1]
    near = np.abs(across) < width
    place, across, numbers = position[near][:, [0, 2]], across[near], numbers[near]
    found = np.zeros((len(x), len(z), numbers.shape[1]))
    home = np.rint((place - [x[0], z[0]]) / step).astype(int)
    reach = int(np.ceil(width / step))
    for right in range(-reach, reach + 1):
        for up in range(-reach, reach + 1):
            node = home + [right, up]
            offset = node * step + [x[0], z[0]] - place
            weight = lucy(np.sqrt((offset**2).sum(axis=1) + across**2), width)
            if np.isfinite(period[0]):
                node[:, 0] %= round(period[0] / step)
            inside = (weight > 0) & ((node >= 0) & (node < [len(x), len(z)])).all(axis=1)
            np.add.at(found, (node[inside, 0], node[inside, 1]), weight[inside, None] * numbers[inside])
    return found


def lucy(distance: np.ndarray, width: float) -> np.ndarray:
    """Lucy's function [1/m3].

    Args:
        distance: [m], any shape.
        width: where it ends [m].
    """
    share = np.minimum(distance / width, 1.0)
    return LUCY / width**3 * (1 + 3 * share) * (1 - share) ** 3


def pressure(stress: np.ndarray) -> np.ndarray:
    """Mean normal stress [Pa], (...,), of stresses (..., 6) as xx, yy, zz, xy, yz, xz [Pa]."""
    return stress[..., :3].mean(axis=-1)


def largest_shear(stress: np.ndarray) -> np.ndarray:
    """Largest shear stress [Pa], half the difference of the outer principal stresses, (...,), of stresses (..., 6)."""
    principal = np.linalg.eigvalsh(stress[..., [[0, 3, 5], [3, 1, 4], [5, 4, 2]]])
    return 0.5 * (principal[..., 2] - principal[..., 0])
