"""One step of training an ensemble, by this book's package and by what else there is.

All start from the same weights and data: tanh layers of one width, the last one linear, half
the squared error, plain gradient descent. Each contender has ``gradients()``, those at the
start, and ``train(steps)``, which ends with the parameters after so many steps.
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import torch

from initlab.initializers import lecun_normal
from initlab.network import MLP
from initlab.parameters import Parameters
from initlab.training import gradients, parameter_gradients, train

RATE, BATCH = 0.01, 128
LOSS = "squared_error"


@dataclass(frozen=True)
class Case:
    """Sizes of an ensemble."""

    width: int
    depth: int
    members: int
    dtype: str = "float32"

    @property
    def flops(self) -> int:
        """Of the matrix products of a step: three a layer, but no dL/dx for the first."""
        return 2 * self.members * BATCH * self.width**2 * (3 * self.depth - 1)

    def start(self) -> tuple:
        """The network, its parameters, inputs and targets."""
        rng = np.random.default_rng(self.width + self.depth)
        network = MLP([self.width] * (self.depth + 1), "tanh")
        parameters = network.initialize(
            lecun_normal(), rng=rng, ensemble=(self.members,), dtype=self.dtype
        )
        shape = BATCH, self.width
        x, y = (rng.standard_normal(shape).astype(self.dtype) for _ in range(2))
        return network, parameters, x, y


class Ours:
    """The package: blocks over threads."""

    def __init__(self, network, parameters, x, y):
        self.all = network, parameters, x, y

    def gradients(self):
        return parameter_gradients(*self.all, loss=LOSS).arrays()

    def train(self, steps):
        train(*self.all, loss=LOSS, learning_rate=RATE, steps=steps, record_at=[])


class StackedNumpy(Ours):
    """The lines that readers see, on the whole ensemble at once."""

    def gradients(self):
        return gradients(*self.all, loss=LOSS).arrays()

    def train(self, steps):
        network, parameters, x, y = self.all
        for _ in range(steps):
            found = gradients(network, parameters, x, y, loss=LOSS)
            parameters = Parameters.from_arrays(
                [a - RATE * g for a, g in zip(parameters.arrays(), found.arrays(), strict=True)]
            )


class TorchOneByOne:
    """A ``torch.nn.Sequential`` with its optimizer for each member, one after another."""

    def __init__(self, network, parameters, x, y):
        self.x, self.y = torch.tensor(x), torch.tensor(y)
        self.nets = [self._net(parameters[k]) for k in range(len(parameters.W[0]))]
        self.rules = [torch.optim.SGD(net.parameters(), lr=RATE) for net in self.nets]

    def _net(self, parameters):
        layers = []
        for W, b in zip(parameters.W, parameters.b, strict=True):
            layer = torch.nn.Linear(*W.shape, dtype=self.x.dtype)
            layer.weight.data, layer.bias.data = torch.tensor(W.T.copy()), torch.tensor(b)
            layers += [layer, torch.nn.Tanh()]
        return torch.nn.Sequential(*layers[:-1])

    def _step(self, net, rule):
        rule.zero_grad()
        (((net(self.x) - self.y) ** 2).sum(-1) / 2).mean().backward()
        rule.step()

    def gradients(self):
        for net, rule in zip(self.nets, self.rules, strict=True):
            state = [p.detach().clone() for p in net.parameters()]
            self._step(net, rule)
            with torch.no_grad():
                for p, before in zip(net.parameters(), state, strict=True):
                    p.copy_(before)
        layers = [[m for m in net if isinstance(m, torch.nn.Linear)] for net in self.nets]
        stacked = list(zip(*layers, strict=True))
        return [
            *(np.stack([m.weight.grad.numpy().T for m in layer]) for layer in stacked),
            *(np.stack([m.bias.grad.numpy() for m in layer]) for layer in stacked),
        ]

    def train(self, steps):
        for net, rule in zip(self.nets, self.rules, strict=True):
            for _ in range(steps):
                self._step(net, rule)


class TorchBatched:
    """Weights stacked by hand, ``baddbmm``, and autograd."""

    def __init__(self, network, parameters, x, y):
        members = len(parameters.W[0])
        self.start = [torch.tensor(a) for a in parameters.arrays()]
        self.x = torch.tensor(x).expand(members, *x.shape)
        self.y, self.depth = torch.tensor(y), network.depth

    def _gradients(self, arrays):
        h = self.x
        for layer in range(self.depth):
            h = torch.baddbmm(arrays[self.depth + layer][:, None, :], h, arrays[layer])
            h = torch.tanh(h) if layer < self.depth - 1 else h
        loss = (((h - self.y) ** 2).sum(-1) / 2).mean(-1).sum()
        return torch.autograd.grad(loss, arrays)

    def gradients(self):
        return [
            g.numpy() for g in self._gradients([a.clone().requires_grad_() for a in self.start])
        ]

    def train(self, steps):
        arrays = [a.clone().requires_grad_() for a in self.start]
        for _ in range(steps):
            found = self._gradients(arrays)
            with torch.no_grad():
                torch._foreach_add_(arrays, found, alpha=-RATE)


class TorchVmap(TorchBatched):
    """``torch.func``: the gradient of one network, mapped over all."""

    def _gradients(self, arrays):
        def loss(*own):
            h = self.x[0]
            for layer in range(self.depth):
                h = torch.addmm(own[self.depth + layer], h, own[layer])
                h = torch.tanh(h) if layer < self.depth - 1 else h
            return (((h - self.y) ** 2).sum(-1) / 2).mean()

        slopes = torch.func.grad(loss, argnums=tuple(range(2 * self.depth)))
        return torch.func.vmap(slopes)(*(a.detach() for a in arrays))


class Jax:
    """``jax.vmap`` of ``jax.grad``, compiled once; the time of compiling is not counted."""

    def __init__(self, network, parameters, x, y):
        self.arrays = [jnp.asarray(a) for a in parameters.arrays()]
        x, y, depth = jnp.asarray(x), jnp.asarray(y), network.depth

        def loss(arrays):
            h = x
            for layer in range(depth):
                h = h @ arrays[layer] + arrays[depth + layer]
                h = jnp.tanh(h) if layer < depth - 1 else h
            return (((h - y) ** 2).sum(-1) / 2).mean()

        slopes = jax.vmap(jax.grad(loss))
        self.slopes = jax.jit(slopes)
        self.step = jax.jit(lambda arrays: jax.tree.map(
            lambda a, g: a - RATE * g, arrays, slopes(arrays)))  # fmt: skip

    def gradients(self):
        return [np.asarray(g) for g in self.slopes(self.arrays)]

    def train(self, steps):
        arrays = self.arrays
        for _ in range(steps):
            arrays = self.step(arrays)
        jax.block_until_ready(arrays)


CONTENDERS = {
    "this book": Ours,
    "numpy, stacked": StackedNumpy,
    "torch, one by one": TorchOneByOne,
    "torch, batched": TorchBatched,
    "torch.func.vmap": TorchVmap,
    "jax.vmap + jit": Jax,
}
