"""Drawing one large matrix of weights: this book's initializers, torch.nn.init, and JAX's."""

from collections.abc import Callable
from functools import partial

import jax
import numpy as np
import torch
from jax.nn import initializers as jaxs
from torch.nn import init as torchs

from initlab import initializers as ours

#: Name of the law: our initializer, the names of PyTorch's and JAX's, how wide the matrix is.
LAWS = {
    "normal": (ours.lecun_normal(), "kaiming_normal_", "variance_scaling", 4096),
    "uniform": (ours.lecun_uniform(), "kaiming_uniform_", "lecun_uniform", 4096),
    "truncated normal": (ours.variance_scaling(1, "fan_in", "truncated_normal"),
                         "trunc_normal_", "lecun_normal", 4096),
    "orthogonal": (ours.orthogonal(), "orthogonal_", "orthogonal", 4096),
}  # fmt: skip


def contenders(law: str, dtype: str) -> dict[str, Callable]:
    """Functions that draw a matrix of the law, its entries of variance 1 / width."""
    recipe, torch_name, jax_name, width = LAWS[law]
    shape, std = (width, width), width**-0.5
    rng, keys = np.random.default_rng(1), iter(jax.random.split(jax.random.key(1), 1000))
    settings = {
        "kaiming_normal_": {"nonlinearity": "linear"},
        "kaiming_uniform_": {"nonlinearity": "linear"},
        "trunc_normal_": {"std": std, "a": -2 * std, "b": 2 * std},
        "orthogonal_": {},
    }[torch_name]
    fill = partial(getattr(torchs, torch_name), **settings)
    chosen = {"variance_scaling": {"scale": 1, "mode": "fan_in", "distribution": "normal"}}
    made = getattr(jaxs, jax_name)(**chosen.get(jax_name, {}))
    draw = jax.jit(lambda key: made(key, shape, dtype))
    return {
        "this book": lambda: recipe(shape, rng=rng, dtype=dtype),
        "torch.nn.init": lambda: fill(torch.empty(shape, dtype=getattr(torch, dtype))),
        "jax.nn.initializers": lambda: jax.block_until_ready(draw(next(keys))),
    }


def check(law: str, dtype: str, drawn: dict) -> None:
    """Refuse a draw of another dtype or width; two draws have no entries to compare."""
    width = LAWS[law][-1]
    for name, matrix in drawn.items():
        matrix = np.asarray(matrix)
        # PyTorch's truncated normal is not widened after the cut: its std is 0.88 of what is asked.
        lowest = 0.87 if (law, name) == ("truncated normal", "torch.nn.init") else 0.99
        if matrix.dtype != dtype or not lowest < matrix.std() * width**0.5 < 1.01:
            raise ValueError(
                f"{name} drew {matrix.dtype} of std {matrix.std():g} for {law} in {dtype}"
            )
