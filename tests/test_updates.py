"""What update rules promise beyond their recurrences, which tests/test_training.py checks."""

import numpy as np
import pytest

from initlab.updates import UpdateRule, adam, momentum, rmsprop, sgd

RULES = [sgd(), momentum(), rmsprop(), adam()]


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_rules_keep_single_precision(rule, rng):
    state = None
    for step in (1, 2, 3):
        gradient = rng.standard_normal((4, 3)).astype(np.float32)
        direction, state = rule.direction(gradient, state, step)
        assert direction.dtype == np.float32
        kept = state if isinstance(state, tuple) else [] if state is None else [state]
        assert all(part.dtype == np.float32 for part in kept)


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_a_divisible_rule_is_the_same_on_parts(rule, rng):
    whole, parts = None, [None, None]
    for step in (1, 2, 3):
        gradient = rng.standard_normal((5, 3, 2))
        direction, whole = rule.direction(gradient, whole, step)
        found = []
        for k, piece in enumerate((gradient[:2], gradient[2:])):
            one, parts[k] = rule.direction(piece, parts[k], step)
            found.append(one)
        assert np.concatenate(found).tobytes() == direction.tobytes()
    assert rule.divisible


def test_a_rule_is_divisible_only_where_it_says_so():
    assert not UpdateRule("own", lambda gradient, state, step: (gradient, None)).divisible
