"""A residual network: blocks that add a branch to what passes through them unchanged.

A block computes ``h + phi(h @ A + a) @ B + b``. The term ``h`` is the *identity link*; what is
added to it is the *branch*, with its first layer (A, a) and its last layer (B, b). The
network is a first layer, the blocks, and a last layer (He, Zhang, Ren & Sun 2016, in small).
"""

import numpy as np

from initlab import _checks
from initlab.activations import Activation
from initlab.network import MLP, Gradients, Trace
from initlab.parameters import Parameters


class ResidualMLP(MLP):
    """A network of residual blocks that is initialized and trained like any :class:`.MLP`.

    Its weight layers, in the order of the lists ``W`` and ``b``: the first layer, then A and
    B of every block, then the last layer. Those of every B, where a block ends, are the
    indices :attr:`branch_ends`. In a trace, ``h[l]`` is what layer l hands on: for a B it is
    the sum of link and branch, and ``z`` there is the branch alone.

    Parameters
    ----------
    n_inputs, width, n_outputs : the sizes; all blocks have ``width`` inputs and outputs.
    blocks : how many blocks.
    activation : the ``phi`` inside the branches, a name or an ``Activation``.
    matmul : as for :class:`.MLP`.

    Raises
    ------
    ValueError
        For a size or number of blocks below 1, or an unknown activation.
    """

    def __init__(
        self,
        n_inputs: int,
        width: int,
        n_outputs: int,
        *,
        blocks: int,
        activation: str | Activation = "relu",
        matmul=np.matmul,
    ):
        blocks = _checks.whole(blocks, "blocks")
        sizes = [n_inputs, *[width] * (2 * blocks + 1), n_outputs]
        super().__init__(sizes, activation, matmul=matmul)
        identity = self.activations[-1]
        self.activations = [identity, *[self.activations[0], identity] * blocks, identity]
        self.blocks = blocks

    @property
    def branch_ends(self) -> list[int]:
        """The indices of the last layers of the branches, for ``W`` and ``b``."""
        return [2 * block + 2 for block in range(self.blocks)]

    def __repr__(self) -> str:
        n_inputs, width, *_, n_outputs = self.layer_sizes
        return (
            f"ResidualMLP({n_inputs}, {width}, {n_outputs}, blocks={self.blocks}, "
            f"activation={self.activations[1]})"
        )

    def forward(
        self, parameters: Parameters, x: np.ndarray, masks: list | None = None, *, whole=True
    ) -> Trace:
        """Run ``x`` through; as :meth:`.MLP.forward`, but without masks, and always whole."""
        if masks is not None:
            raise ValueError("a ResidualMLP has no dropout: masks must be None")
        self._check(parameters, x)
        h, z = [x], []
        for layer, (W, b) in enumerate(zip(parameters.W, parameters.b, strict=True)):
            z.append(self.matmul(h[-1], W) + b[..., None, :])
            out = self.activations[layer](z[-1])
            h.append(h[layer - 1] + out if layer in self.branch_ends else out)
        return Trace(h, z)

    def backward(
        self, parameters: Parameters, trace: Trace, grad_outputs, *, whole=True
    ) -> Gradients:
        """As :meth:`.MLP.backward`; at the start of a block the two ways back are added up.

        ``grad_h`` of a block's input is what the link returns unchanged plus what comes
        back through the branch. The result is always whole.
        """
        grad_h, delta, grad_W, grad_b = [grad_outputs], [], [], []
        for layer in reversed(range(self.depth)):
            delta.insert(0, grad_h[0] * self.activations[layer].derivative(trace.z[layer]))
            grad_W.insert(0, self.matmul(trace.h[layer].swapaxes(-1, -2), delta[0]))
            grad_b.insert(0, delta[0].sum(axis=-2))
            below = self.matmul(delta[0], parameters.W[layer].swapaxes(-1, -2))
            if layer + 1 in self.branch_ends:  # this layer is an A: its input is the block's
                below = below + grad_h[1]
            grad_h.insert(0, below)
        return Gradients(delta, grad_W, grad_b, grad_h)
