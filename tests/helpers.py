"""What several test files share: measuring by hand, in the plainest way that can be right."""

import fcntl
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from matplotlib.colors import to_rgb
from scipy import stats
from scipy.special import ndtr

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "code" / "initlab"


@contextmanager
def alone(folder: Path):
    """One worker of the tests at a time gets in: what it makes there, the others find."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# A statistical test accepts above ACCEPT and a negative control must fall below REJECT. Seeds are
# fixed, so nothing is flaky; the gap between the two is what says that a test has power.
ACCEPT, REJECT = 1e-4, 1e-12

# Fourth moment over squared variance: it decides how fast a sample variance converges.
TRUNCATED = stats.truncnorm(-2, 2)
KURTOSIS = {
    "normal": 3.0,
    "uniform": 9 / 5,
    "truncated_normal": float(TRUNCATED.moment(4) / TRUNCATED.var() ** 2),
}


def _truncated_cdf(x):
    return (ndtr(np.clip(x * TRUNCATED.std(), -2, 2)) - ndtr(-2)) / (ndtr(2) - ndtr(-2))


# Distribution functions of mean 0 and variance 1 (scipy.stats has them too, four times slower).
CDF = {
    "normal": ndtr,
    "uniform": lambda x: np.clip((x / np.sqrt(3) + 1) / 2, 0, 1),
    "truncated_normal": _truncated_cdf,
}


def ks_p_value(sample, distribution: str, std: float) -> float:
    """Kolmogorov-Smirnov: how likely a sample this far from the distribution is."""
    expected = CDF[distribution](np.sort(np.ravel(sample)) / std)
    n = expected.size
    below = np.arange(n) / n
    distance = max((expected - below).max(), (below + 1 / n - expected).max())
    return stats.kstwobign.sf(np.sqrt(n) * distance)


def variance_p_value(sample, distribution: str, variance: float) -> float:
    """How likely a second moment this far from ``variance`` is, two-sided.

    The mean of n squares has standard error variance * sqrt((kurtosis - 1) / n).
    """
    error = variance * np.sqrt((KURTOSIS[distribution] - 1) / np.size(sample))
    return 2 * stats.norm.sf(abs(np.mean(np.square(sample)) - variance) / error)


def central_differences(function, at: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """The gradient of a function of one array, entry by entry; error of order step**2."""
    gradient = np.empty_like(at)
    for index in np.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[index] += step
        down[index] -= step
        gradient[index] = (function(up) - function(down)) / (2 * step)
    return gradient


def linear(color):
    """sRGB to linear light (IEC 61966-2-1)."""
    c = np.array(to_rgb(color))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(a, b):
    """WCAG 2 contrast ratio, 1 to 21."""
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (a, b))
    return (high + 0.05) / (low + 0.05)
