"""The Beta distribution on arrays, by mean and standard deviation: how often a share of 0 to 1 exceeds another."""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_NARROW = 2e-3  # standard deviations below this are none
_TERMS = 2000
_CLOSE = 1e-13
_TINY = 1e-300
_lgamma = np.vectorize(math.lgamma, otypes=[np.float64])


def above(mean: Floats, std: Floats, share: Floats) -> Floats:
    """The probability that each of n variables exceeds each of k shares in 0..1: an array n × k.

    A standard deviation that no share can have is taken for the widest that one can have.
    """
    mean, std = np.asarray(mean, dtype=np.float64)[:, None], np.asarray(std, dtype=np.float64)[:, None]
    share = np.asarray(share, dtype=np.float64)[None, :]
    widest = mean * (1 - mean)
    spread = np.minimum(std**2, 0.999 * widest)
    certain = spread <= np.minimum(_NARROW**2, widest * 1e-3)
    found = np.where(share < mean, 1.0, 0.0) * np.ones_like(spread)
    open_ = ~certain[:, 0]
    if open_.any():
        size = widest[open_] / spread[open_] - 1
        found[open_] = 1 - incomplete(mean[open_] * size, (1 - mean[open_]) * size, share)
    return found


def incomplete(a: Floats, b: Floats, x: Floats) -> Floats:
    """The regularised incomplete beta function, by its continued fraction from the side where it is short."""
    a, b, x = np.broadcast_arrays(a, b, x)
    turned = x > (a + 1) / (a + b + 2)
    first, second, at = np.where(turned, b, a), np.where(turned, a, b), np.where(turned, 1 - x, x)
    with np.errstate(divide="ignore"):
        front = first * np.log(at) + second * np.log1p(-at)
    front = np.exp(front + _lgamma(a + b) - _lgamma(a) - _lgamma(b)) / first
    found = front * _fraction(first, second, np.clip(at, 0.0, 1.0))
    return np.asarray(np.clip(np.where(turned, 1 - found, found), 0.0, 1.0))


def _fraction(a: Floats, b: Floats, x: Floats) -> Floats:
    """Lentz's way through the continued fraction (Numerical Recipes 6.4, in our own words)."""
    c = np.ones_like(a)
    d = 1 / _not_zero(1 - (a + b) * x / (a + 1))
    total = d.copy()
    for term in range(1, _TERMS):
        even = term * (b - term) * x / ((a + 2 * term - 1) * (a + 2 * term))
        d, c = 1 / _not_zero(1 + even * d), _not_zero(1 + even / c)
        total *= d * c
        odd = -(a + term) * (a + b + term) * x / ((a + 2 * term) * (a + 2 * term + 1))
        d, c = 1 / _not_zero(1 + odd * d), _not_zero(1 + odd / c)
        total *= d * c
        if np.abs(d * c - 1).max() < _CLOSE:
            break
    return total


def _not_zero(value: Floats) -> Floats:
    return np.where(np.abs(value) < _TINY, _TINY, value)
