"""Numbers that say how sure they are: means of a series, cut into blocks longer than its memory; fitted exponents."""

import math

import numpy as np

LEAST_BLOCKS = 3  # fewer say nothing about spread


def block_mean(time: np.ndarray, values: np.ndarray, period: float) -> tuple[float, float]:
    """Mean over whole periods, counted back from the end, and its standard error from the periods' means.

    Args:
        time: evenly spaced [s], shape (n,).
        values: shape (n,).
        period: block length [s]: one grouser pitch, so that no block sees more of a stroke than another.

    Returns:
        Mean and standard error; the error is NaN with fewer than three whole periods.
    """
    if len(time) < 2:
        return (float(values.mean()) if len(values) else math.nan), math.nan
    spacing = float(time[1] - time[0])
    length = min(max(round(period / spacing), 1), len(values))
    count = len(values) // length
    blocks = values[len(values) - count * length :].reshape(count, length).mean(axis=1)
    if count < LEAST_BLOCKS:
        return float(blocks.mean()), math.nan
    return float(blocks.mean()), float(blocks.std(ddof=1) / math.sqrt(count))


def power_law(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """Least-squares fit of y = factor x^exponent through the logarithms.

    Args:
        x, y: positive, shape (n,).

    Returns:
        Exponent and its standard error [-], and the factor; the error is NaN with fewer than three points.
    """
    u, v = np.log(np.asarray(x, float)), np.log(np.asarray(y, float))
    spread = u - u.mean()
    exponent = float((spread * v).sum() / (spread**2).sum())
    factor = float(np.exp(v.mean() - exponent * u.mean()))
    if len(u) < 3:
        return exponent, math.nan, factor
    left = v - v.mean() - exponent * spread
    return exponent, float(np.sqrt((left**2).sum() / (len(u) - 2) / (spread**2).sum())), factor
