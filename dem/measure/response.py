"""Response surfaces: how what a test measures depends on the parameters of its grains, and which parameters fit.

A surface is a ridge regression on a quadratic in parameters scaled to [-1, 1] (Hoerl and Kennard, Technometrics 12
(1970) 55): the pull towards zero, stronger on curvature than on slope, lets a dozen noisy trials be enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SLOPE_RIDGE, CURVATURE_RIDGE = 0.001, 0.03  # of the number of trials; values are scaled to a standard deviation of 1
DRAWS = 20_000  # points over the search box: the parameters' spread then repeats to a per cent
ONE_SIGMA = 1.0  # rise of chi squared that bounds a parameter's range


class ResponseSurface:
    """A quadratic through trials.

    Args:
        points: of the trials (n, p), scaled to [-1, 1] [-].
        values: what each measured (n,).
    """

    def __init__(self, points: np.ndarray, values: np.ndarray) -> None:
        self.mean, self.scale = float(values.mean()), float(values.std()) or 1.0
        terms = _terms(points)
        count, width = points.shape
        ridge = count * np.r_[0.0, np.full(width, SLOPE_RIDGE), np.full(terms.shape[1] - width - 1, CURVATURE_RIDGE)]
        weights = np.linalg.solve(terms.T @ terms + np.diag(ridge), terms.T)
        self.coefficients = weights @ ((values - self.mean) / self.scale)
        freedom = max(count - float(np.trace(terms @ weights)), 1.0)  # trials less what the fit has used up
        self.residual = float(np.sqrt(((values - self.predict(points)) ** 2).sum() / freedom))

    def predict(self, points: np.ndarray) -> np.ndarray:
        """The value at points (m, p), shape (m,)."""
        return self.mean + self.scale * (_terms(points) @ self.coefficients)


def _terms(points: np.ndarray) -> np.ndarray:
    first, second = np.triu_indices(points.shape[1])
    return np.column_stack([np.ones(len(points)), points, points[:, first] * points[:, second]])


@dataclass
class Posterior:
    """Which parameters fit the targets, over points drawn evenly from the search box.

    Attributes:
        points: (m, p), scaled to [-1, 1] [-].
        chi_squared: of each (m,): squared misses over what targets and surfaces are known to [-].
    """

    points: np.ndarray
    chi_squared: np.ndarray

    @property
    def weights(self) -> np.ndarray:
        """Weights of the points (m,), of sum 1."""
        weights = np.exp(-0.5 * (self.chi_squared - self.chi_squared.min()))
        return weights / weights.sum()

    @property
    def best(self) -> np.ndarray:
        """The point of the least misfit (p,)."""
        return self.points[self.chi_squared.argmin()]

    def draw(self, seed: int) -> np.ndarray:
        """One point, as likely as it fits (p,)."""
        return self.points[np.random.default_rng(seed).choice(len(self.points), p=self.weights)]

    def ranges(self) -> np.ndarray:
        """Least and greatest of each parameter within one sigma of the best (p, 2)."""
        inside = self.points[self.chi_squared <= self.chi_squared.min() + ONE_SIGMA]
        return np.column_stack([inside.min(axis=0), inside.max(axis=0)])

    def correlation(self) -> np.ndarray:
        """Correlation of the parameters among those that fit (p, p); near -1 or 1 one makes up for the other."""
        covariance = np.atleast_2d(np.cov(self.points.T, aweights=self.weights))
        spread = np.sqrt(np.diag(covariance))
        return covariance / np.outer(spread, spread)


def find_posterior(
    surfaces: Sequence[ResponseSurface], targets: Sequence[float], tolerances: Sequence[float], seed: int
) -> Posterior:
    """Weigh points over the whole box by how well the surfaces meet the targets there.

    Args:
        surfaces: one a target.
        targets: wanted values; tolerances: one sigma of each, to which the surface's own residual is added.
        seed: of the points.
    """
    width = int(np.sqrt(8 * len(surfaces[0].coefficients) + 1) - 3) // 2  # 1 + p + p (p + 1) / 2 coefficients
    points = np.random.default_rng(seed).uniform(-1, 1, (DRAWS, width))
    misses = [
        (surface.predict(points) - target) / np.hypot(tolerance, surface.residual)
        for surface, target, tolerance in zip(surfaces, targets, tolerances, strict=True)
    ]
    return Posterior(points, np.square(misses).sum(axis=0))
