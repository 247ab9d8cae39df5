"""Update rules: from the gradient of one array to the direction of its step.

A rule works entry by entry and never learns which unit an entry belongs to.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from initlab import _checks


@dataclass(frozen=True)
class UpdateRule:
    """``direction(gradient, state, step) -> (direction, state)``, for one array.

    The parameter then moves by ``-learning_rate * direction``. ``state`` is ``None`` at
    step 1, afterwards whatever the rule returned. Steps count from 1. A ``divisible`` rule
    may be called for some members of an ensemble at a time, and from several threads: it
    draws nothing at random and does not ask which member a gradient belongs to.
    """

    name: str
    direction: Callable
    divisible: bool = False

    def __repr__(self) -> str:
        return self.name


def sgd() -> UpdateRule:
    """The gradient itself."""
    return UpdateRule("sgd()", lambda gradient, state, step: (gradient, None), True)


def momentum(decay: float = 0.9) -> UpdateRule:
    """A decaying sum of the gradients so far: ``v = decay * v + gradient``."""
    decay = _checks.number(decay, "decay", at_least=0, below=1)

    def direction(gradient, velocity, step):
        velocity = gradient if velocity is None else decay * velocity + gradient
        return velocity, velocity

    return UpdateRule(f"momentum({decay:g})", direction, True)


def rmsprop(decay: float = 0.9, epsilon: float = 1e-8) -> UpdateRule:
    """The gradient over the root of its running mean square (Tieleman & Hinton 2012)."""
    decay = _checks.number(decay, "decay", at_least=0, below=1)
    epsilon = _checks.number(epsilon, "epsilon", above=0)

    def direction(gradient, square, step):
        square = decay * (0.0 if square is None else square) + (1 - decay) * gradient**2
        return gradient / (np.sqrt(square) + epsilon), square

    return UpdateRule(f"rmsprop({decay:g})", direction, True)


def adam(decay: float = 0.9, square_decay: float = 0.999, epsilon: float = 1e-8) -> UpdateRule:
    """Running mean over the root of the running mean square (Kingma & Ba 2015, alg. 1)."""
    decay = _checks.number(decay, "decay", at_least=0, below=1)
    square_decay = _checks.number(square_decay, "square_decay", at_least=0, below=1)
    epsilon = _checks.number(epsilon, "epsilon", above=0)

    def direction(gradient, state, step):
        mean, square = (0.0, 0.0) if state is None else state
        mean = decay * mean + (1 - decay) * gradient
        square = square_decay * square + (1 - square_decay) * gradient**2
        # Both means start at zero; the divisors undo that bias.
        unbiased = mean / (1 - decay**step)
        spread = np.sqrt(square / (1 - square_decay**step))
        return unbiased / (spread + epsilon), (mean, square)

    return UpdateRule(f"adam({decay:g}, {square_decay:g})", direction, True)
