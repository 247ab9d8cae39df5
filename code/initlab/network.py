"""A multilayer perceptron that hides nothing: every number of both passes is returned.

Symbols
-------
L : the depth, the number of weight layers. Layer ``l`` of the text (1 to L) is index
    ``l - 1`` in the lists ``W``, ``b``, ``z``, ``delta``, ``grad_W`` and ``grad_b``.
W, b : weights ``(..., fan_in, fan_out)`` and biases ``(..., fan_out)`` of a layer. Column
    ``j`` of W holds the incoming weights of unit ``j``; row ``j`` of the next layer's W
    holds its outgoing weights.
h, z : activations ``(..., batch, fan_out)`` and preactivations ``z = h_below @ W + b``;
    ``h[0]`` is the input, ``h[l]`` the activation of layer l.
delta : dL/dz of a layer, the shape of ``z``. ``grad_W``, ``grad_b``, ``grad_h`` are dL/dW,
    dL/db and dL/dh.

Leading axes ``...`` are an ensemble of independent networks: parameters of shape
``(seeds, fan_in, fan_out)`` run ``seeds`` networks in one call, by the same lines of code.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from initlab import _checks
from initlab.activations import Activation, get_activation
from initlab.initializers import Initializer, zeros
from initlab.parameters import Parameters


@dataclass(frozen=True)
class Trace:
    """A forward pass: ``h`` has L + 1 entries (``h[0]`` is the input), ``z`` has L."""

    h: list[np.ndarray]
    z: list[np.ndarray]
    masks: list | None = None

    @property
    def outputs(self) -> np.ndarray:
        """The last activation, shape ``(..., batch, n_outputs)``."""
        return self.h[-1]


@dataclass(frozen=True)
class Gradients:
    """A backward pass: dL/dz, dL/dW and dL/db of every layer, and dL/dh from ``h[0]`` up."""

    delta: list[np.ndarray]
    grad_W: list[np.ndarray]
    grad_b: list[np.ndarray]
    grad_h: list[np.ndarray]

    def arrays(self) -> list:
        """The gradients in the order of :meth:`.Parameters.arrays`."""
        return [*self.grad_W, *self.grad_b]


def ordered_matmul(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """``a @ b`` with every entry of the result summed in the same order, first term first.

    ``@`` hands the sum to a BLAS library, which may add the terms of one column in another
    order than those of its neighbor; two columns that are equal in exact arithmetic then
    differ in the last bit. Here equal columns stay equal to the bit, on every machine, at
    the price of speed. Shapes are those of ``np.matmul`` for arrays of two or more axes.
    """
    total = a[..., :, 0, None] * b[..., None, 0, :]
    for k in range(1, a.shape[-1]):
        total += a[..., :, k, None] * b[..., None, k, :]
    return total


#: Entries up to which a matrix is copied to be transposed. BLAS multiplies small matrices faster
#: when the entries of a row lie side by side; for large ones the copy costs more than that gains.
SMALL = 2**12


def _transposed(W: np.ndarray) -> np.ndarray:
    flipped = W.swapaxes(-1, -2)
    return flipped.copy() if W.shape[-2] * W.shape[-1] <= SMALL else flipped


def _onto(operation: np.ufunc, own: np.ndarray, other: np.ndarray) -> np.ndarray:
    """``operation(own, other)`` in the memory of ``own``, which nobody else holds, if it fits."""
    fits = own.shape[:-2] == other.shape[:-2] and own.dtype == other.dtype
    return operation(own, other, out=own if fits else None)


class MLP:
    """A fully connected network; holds the architecture, not the parameters.

    Parameters
    ----------
    layer_sizes : inputs, hidden widths, outputs: ``[64, 16, 10]`` has depth 2.
    activation : of the hidden layers, a name of ``ACTIVATIONS`` or an ``Activation``.
    output_activation : of the last layer. The default suits losses on logits.
    matmul : how matrices are multiplied, ``np.matmul`` or :func:`ordered_matmul`.

    Raises
    ------
    ValueError
        For fewer than two sizes, a size below 1 or an unknown activation.
    """

    def __init__(
        self,
        layer_sizes: Sequence[int],
        activation: str | Activation = "tanh",
        output_activation: str | Activation = "identity",
        *,
        matmul: Callable = np.matmul,
    ):
        sizes = [_checks.whole(n, f"each size in layer_sizes {layer_sizes}") for n in layer_sizes]
        if len(sizes) < 2:
            raise ValueError(f"layer_sizes needs inputs and outputs at least, got {layer_sizes!r}")
        self.layer_sizes = tuple(sizes)
        hidden, last = get_activation(activation), get_activation(output_activation)
        self.activations = [hidden] * (self.depth - 1) + [last]
        self.matmul = matmul

    @property
    def depth(self) -> int:
        """The number of weight layers."""
        return len(self.layer_sizes) - 1

    def __repr__(self) -> str:
        sizes = "-".join(map(str, self.layer_sizes))
        return f"MLP({sizes}, {self.activations[0]}, {self.activations[-1]} output)"

    def initialize(
        self,
        weights: Initializer | Sequence[Initializer],
        biases: Initializer | Sequence[Initializer] = zeros(),  # noqa: B008 (immutable)
        *,
        rng: np.random.Generator,
        ensemble: tuple[int, ...] = (),
        dtype=np.float64,
    ) -> Parameters:
        """Draw parameters: one initializer for all layers, or a sequence with one each.

        ``ensemble`` is put before every shape, e.g. ``(20,)`` for twenty networks. With
        ``dtype=np.float32`` all of them are in single precision.
        """
        if not isinstance(ensemble, tuple):
            raise TypeError(f"ensemble must be a tuple of sizes such as (20,), got {ensemble!r}")
        ins, outs = self.layer_sizes[:-1], self.layer_sizes[1:]
        W_inits, b_inits = self._each(weights, "weights"), self._each(biases, "biases")
        how = {"rng": rng, "dtype": dtype}
        return Parameters(
            [w((*ensemble, m, n), **how) for w, m, n in zip(W_inits, ins, outs, strict=True)],
            [b((*ensemble, n), **how) for b, n in zip(b_inits, outs, strict=True)],
        )

    def forward(
        self, parameters: Parameters, x: np.ndarray, masks: list | None = None, *, whole=True
    ) -> Trace:
        """Run ``x``, shape ``(..., batch, n_inputs)``, through the network.

        ``masks``, one array for each hidden layer, are multiplied onto the hidden
        activations: dropout, see :meth:`dropout_masks`. With ``whole=False`` the trace keeps
        only what :meth:`backward` needs with ``whole=False``: no ``z`` but the last, where
        every slope can be had from ``h``. Raises ``ValueError`` where the sizes of ``x`` or
        of the parameters do not fit the network.
        """
        self._check(parameters, x)
        if masks is not None and len(masks) != self.depth - 1:
            wanted = f"{self.depth - 1} arrays, one for each hidden layer"
            raise ValueError(f"masks must be {wanted}, got {len(masks)}")
        h, z = [x], deque(maxlen=None if whole or not self._slopes_from_h(masks) else 1)
        for layer, (W, b) in enumerate(zip(parameters.W, parameters.b, strict=True)):
            z.append(_onto(np.add, self.matmul(h[-1], W), b[..., None, :]))
            h.append(self.activations[layer](z[-1]))
            if masks is not None and layer < self.depth - 1:
                h[-1] = h[-1] * masks[layer]
        return Trace(h, list(z), masks)

    def backward(
        self, parameters: Parameters, trace: Trace, grad_outputs, *, whole=True
    ) -> Gradients:
        """Run dL/d outputs, shape ``(..., batch, n_outputs)``, back through the network.

        Back-propagation (Rumelhart, Hinton & Williams 1986), four lines a layer from the last
        layer down: ``delta = grad_h * phi'(z)``, ``grad_W = h_below.T @ delta``,
        ``grad_b = delta summed over the batch``, ``grad_h_below = delta @ W.T``. With
        ``whole=False`` only ``grad_W`` and ``grad_b`` are complete: each ``grad_h`` is turned into
        its layer's ``delta`` in place, only the last ``delta`` stays, dL/dx is not computed, and
        the trace is used up: a layer's arrays leave it when their turn is over.
        """
        newest = None if whole else 1  # how many to keep
        grad_h, delta = deque([grad_outputs], newest), deque(maxlen=newest)
        grad_W, grad_b = deque(), deque()
        h, z = (list(trace.h), list(trace.z)) if whole else (trace.h, trace.z)
        from_h = self._slopes_from_h(trace.masks)
        ones = np.ones((1, grad_outputs.shape[-2]), grad_outputs.dtype)
        for layer in reversed(range(self.depth)):
            arriving, value, phi = grad_h[0], h.pop(), self.activations[layer]
            slope = phi.from_value(value) if from_h else phi.derivative(z.pop())
            if trace.masks is not None and layer < self.depth - 1:
                arriving = arriving * trace.masks[layer]
            kept = whole or layer == self.depth - 1  # the caller's, or to be returned
            delta.appendleft(arriving * slope if kept else _onto(np.multiply, arriving, slope))
            grad_W.appendleft(self.matmul(h[-1].swapaxes(-1, -2), delta[0]))
            grad_b.appendleft(self.matmul(ones, delta[0])[..., 0, :])  # the sum of the rows
            if whole or layer > 0:
                grad_h.appendleft(self.matmul(delta[0], _transposed(parameters.W[layer])))
        return Gradients(list(delta), list(grad_W), list(grad_b), list(grad_h) if whole else [])

    def dropout_masks(
        self, rate: float, batch_size: int, *, rng: np.random.Generator, ensemble=()
    ) -> list[np.ndarray]:
        """Random masks for :meth:`forward`: 0 with probability ``rate``, else 1/(1 - rate).

        The survivors are enlarged so that each activation keeps its mean (Srivastava et
        al. 2014). One array ``(*ensemble, batch_size, width)`` for each hidden layer.
        """
        rate = _checks.number(rate, "dropout rate", at_least=0, below=1)
        _checks.generator(rng)
        return [
            (rng.random((*ensemble, batch_size, width)) >= rate) / (1 - rate)
            for width in self.layer_sizes[1:-1]
        ]

    def _slopes_from_h(self, masks) -> bool:
        # A mask changes h, so that phi(z) is no longer there to take the slope from.
        return masks is None and all(phi.from_value for phi in self.activations)

    def _each(self, initializers, what: str) -> list[Initializer]:
        each = [initializers] * self.depth
        if isinstance(initializers, list | tuple):
            each = list(initializers)
        if len(each) != self.depth or not all(isinstance(i, Initializer) for i in each):
            raise ValueError(
                f"{what} must be one initializer or a sequence of {self.depth}, "
                f"one for each layer, got {initializers!r}"
            )
        return each

    def _check(self, parameters: Parameters, x: np.ndarray) -> None:
        if x.ndim < 2 or x.shape[-1] != self.layer_sizes[0]:
            raise ValueError(
                f"inputs must have shape (..., batch, {self.layer_sizes[0]}), got {x.shape}"
            )
        came = (
            [W.shape[-2:] for W in parameters.W],
            [b.shape[-1:] for b in parameters.b],
        )
        outs = self.layer_sizes[1:]
        wanted = list(zip(self.layer_sizes, outs, strict=False)), [(n,) for n in outs]
        if came != wanted:
            raise ValueError(
                f"parameters do not fit {self}: W and b must end in {wanted}, got {came}"
            )
