"""Small data sets that need no download: four in the plane, and real handwritten digits."""

from dataclasses import dataclass

import numpy as np

from initlab import _checks


@dataclass(frozen=True)
class Dataset:
    """Inputs ``(n_samples, n_features)`` with labels ``(n_samples,)`` from 0 to n_classes - 1.

    Raises ``ValueError`` for NaN or infinite inputs, sizes that do not match, or labels
    that are not whole numbers in range.
    """

    name: str
    inputs: np.ndarray
    labels: np.ndarray
    n_classes: int

    def __post_init__(self):
        inputs = _checks.finite(self.inputs, f"inputs of {self.name}")
        labels = np.asarray(self.labels)
        if inputs.ndim != 2 or labels.shape != inputs.shape[:1]:
            raise ValueError(
                f"{self.name} needs inputs (n_samples, n_features) and labels (n_samples,), "
                f"got {inputs.shape} and {labels.shape}"
            )
        if not np.issubdtype(labels.dtype, np.integer):
            raise ValueError(f"labels of {self.name} must be whole numbers, got {labels.dtype}")
        if labels.size and (labels.min() < 0 or labels.max() >= self.n_classes):
            raise ValueError(
                f"labels of {self.name} must lie in 0..{self.n_classes - 1}, "
                f"got {labels.min()} to {labels.max()}"
            )
        object.__setattr__(self, "inputs", inputs)
        object.__setattr__(self, "labels", labels)

    @property
    def targets(self) -> np.ndarray:
        """The labels as one column of numbers, ``(n_samples, 1)``, for one-output losses."""
        return self.labels[:, None].astype(float)

    def __len__(self) -> int:
        return len(self.labels)


def xor(low: float = 0.0) -> Dataset:
    """Exclusive or: four points, label 1 where just one input is high (which is 1).

    ``low`` is the other input value, 0 or -1 in most texts; the choice matters to some
    experiments.
    """
    low = _checks.number(low, "low", below=1)
    inputs = np.array([[low, low], [low, 1.0], [1.0, low], [1.0, 1.0]])
    return Dataset("xor", inputs, np.array([0, 1, 1, 0]), 2)


def two_moons(n_samples: int = 200, noise: float = 0.1, *, rng: np.random.Generator) -> Dataset:
    """Two interleaved half circles of radius 1, with Gaussian noise of std ``noise``.

    The first half of the samples is class 0. Raises ``TypeError`` without an ``rng``.
    """
    n_samples = _checks.whole(n_samples, "n_samples", at_least=2)
    noise = _checks.number(noise, "noise", at_least=0)
    _checks.generator(rng)
    labels = _labels(n_samples, 2)
    angle = rng.uniform(0, np.pi, n_samples)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    inputs = np.where(labels[:, None] == 0, upper, lower)
    return Dataset("two moons", inputs + noise * rng.standard_normal(inputs.shape), labels, 2)


def circles(
    n_samples: int = 200, n_classes: int = 2, noise: float = 0.05, *, rng: np.random.Generator
) -> Dataset:
    """Circles around the origin, class k of K with radius (k + 1) / K, and Gaussian noise.

    The samples are in the order of their classes. Raises ``TypeError`` without an ``rng``.
    """
    return _rings("circles", lambda share, k, K: ((k + 1) / K, share), n_samples, n_classes, noise,
                  rng)  # fmt: skip


#: Where the arms of :func:`spirals` begin, as a share of their length: at 0 they would all meet.
SPIRAL_START = 0.1


def spirals(
    n_samples: int = 200, n_classes: int = 2, noise: float = 0.02, *, rng: np.random.Generator
) -> Dataset:
    """Arms that wind once around the origin out to radius 1, one a class, and Gaussian noise.

    At radius r, arm k of K has gone r + k / K of a full turn. Samples are spread evenly over
    radii from ``SPIRAL_START`` to 1, in the order of their classes. Raises ``TypeError`` without
    an ``rng``.
    """

    def place(share, k, K):
        radius = SPIRAL_START + (1 - SPIRAL_START) * share
        return radius, radius + k / K

    return _rings("spirals", place, n_samples, n_classes, noise, rng)


def _rings(name, place, n_samples, n_classes, noise, rng) -> Dataset:
    """Points at the radii and turns that ``place`` gives for a random share, class and K."""
    n_classes = _checks.whole(n_classes, "n_classes", at_least=2)
    n_samples = _checks.whole(n_samples, "n_samples", at_least=n_classes)
    noise = _checks.number(noise, "noise", at_least=0)
    _checks.generator(rng)
    labels = _labels(n_samples, n_classes)
    radius, turn = place(rng.uniform(0, 1, n_samples), labels, n_classes)
    direction = np.stack([np.cos(2 * np.pi * turn), np.sin(2 * np.pi * turn)], axis=1)
    inputs = np.broadcast_to(radius, labels.shape)[:, None] * direction
    return Dataset(name, inputs + noise * rng.standard_normal(inputs.shape), labels, n_classes)


def _labels(n_samples: int, n_classes: int) -> np.ndarray:
    """Labels in order, as many of each class as of any other, give or take one."""
    return ((np.arange(n_samples) + 1) * n_classes - 1) // n_samples


def digits(test_share: float = 0.2, *, rng: np.random.Generator) -> tuple[Dataset, Dataset]:
    """The 1,797 handwritten digits of 8 x 8 pixels that scikit-learn ships (UCI, 1998).

    Returns a training and a test set, split at random. Pixels, 0 to 16 in the files, are
    shifted and scaled by two numbers taken from the training set, the same for all pixels,
    so that they have mean 0 and standard deviation 1 there.
    """
    from sklearn.datasets import (
        load_digits,  # here, because it takes a second to import
    )

    test_share = _checks.number(test_share, "test_share", above=0, below=1)
    pixels, labels = load_digits(return_X_y=True)
    order = _checks.generator(rng).permutation(len(labels))
    n_test = round(test_share * len(labels))
    if not 0 < n_test < len(labels):
        raise ValueError(
            f"test_share must leave a sample on both sides of {len(labels)}, got {test_share}"
        )
    test, train = order[:n_test], order[n_test:]
    mean, std = pixels[train].mean(), pixels[train].std()
    return tuple(
        Dataset(f"digits ({part})", (pixels[rows] - mean) / std, labels[rows], 10)
        for part, rows in [("train", train), ("test", test)]
    )
