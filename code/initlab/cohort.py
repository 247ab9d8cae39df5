"""The parameters of an ensemble cut into blocks, and results of blocks put together again."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

import numpy as np

from initlab.blocks import crew, cut
from initlab.parameters import Parameters


def working_set(layer_sizes: Sequence[int], n_samples: int, itemsize: int) -> tuple[int, int]:
    """About how many bytes one network works on, in a step of training and in one call of it.

    In a step: its parameters with their gradients and the step; its activations, and as much
    again on the way through a layer. In one call: the activations of the widest layer.
    """
    own = sum((m + 1) * n for m, n in pairwise(layer_sizes))
    step = 3 * own + 2 * n_samples * sum(layer_sizes[1:])
    return itemsize * step, itemsize * n_samples * max(layer_sizes[1:])


class Cohort:
    """How an ensemble is cut: its shape, and the slices of its members counted in one row.

    One network, and an ensemble whose arrays do not all have the same leading axes, are one
    block, passed on as they are.

    Parameters
    ----------
    parameters : of the ensemble; its blocks are views of these arrays.
    n_samples : how many samples run through each network at a time.
    divisible : whether the ensemble may be cut at all.
    """

    def __init__(self, parameters: Parameters, n_samples: int, *, divisible: bool = True):
        self.shape = parameters.W[0].shape[:-2]
        shapes = {W.shape[:-2] for W in parameters.W} | {b.shape[:-1] for b in parameters.b}
        self.members = math.prod(self.shape) if len(shapes) == 1 else 0
        self.slices = [slice(None)]
        sizes = [parameters.W[0].shape[-2], *(W.shape[-1] for W in parameters.W)]
        if self.members > 1 and divisible:
            each = working_set(sizes, n_samples, parameters.W[0].itemsize)
            self.slices = cut(self.members, *each)
        self.whole = len(self.slices) == 1

    def split(self, parameters: Parameters) -> list[Parameters]:
        """One ``Parameters`` for each block, with one leading axis."""
        if self.whole:
            return [parameters]
        return [
            Parameters(
                [_rows(W, 2)[members] for W in parameters.W],
                [_rows(b, 1)[members] for b in parameters.b],
            )
            for members in self.slices
        ]

    def hand_out(self, masks: Sequence[np.ndarray], blocks: Sequence) -> None:
        """Give each block its own part of the dropout masks, as its ``masks``."""
        for block, members in zip(blocks, self.slices, strict=True):
            dtype = block.parameters.W[0].dtype
            parts = masks if self.whole else [_rows(mask, 2)[members] for mask in masks]
            block.masks = [part.astype(dtype, copy=False) for part in parts]

    def join(self, pieces: Sequence[np.ndarray]) -> np.ndarray:
        """One array of the ensemble from those of its blocks."""
        if self.whole:
            return pieces[0]
        return np.concatenate(pieces).reshape(*self.shape, *pieces[0].shape[1:])

    def join_parameters(self, blocks: Sequence[Parameters]) -> Parameters:
        """The inverse of :meth:`split`, in new arrays."""
        arrays = zip(*(block.arrays() for block in blocks), strict=True)
        return Parameters.from_arrays([self.join(pieces) for pieces in arrays])

    @contextmanager
    def crew(self) -> Iterator:
        """Threads for the blocks, see :func:`.blocks.crew`; one network keeps those of BLAS."""
        with crew(len(self.slices), hold_blas=self.members != 1) as run:
            yield run


def _rows(array: np.ndarray, own: int) -> np.ndarray:
    """The ensemble's axes made one; ``own`` is how many axes a member's array has."""
    return array.reshape(-1, *array.shape[array.ndim - own :])
