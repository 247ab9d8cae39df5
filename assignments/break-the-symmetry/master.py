# %% [raw]
# # ASSIGNMENT CONFIG
# init_cell: true
# export_cell: false
# show_question_points: true
# tests:
#   ok_format: false

# %% [markdown]
# # Break the symmetry
#
# A network whose units all start alike is a network of one unit. A network whose weights all start
# at zero may not start at all. These are two different troubles, and in this assignment you take
# both apart: first by computing what goes forward and what comes back, then by predicting what a
# start leads to before anything is run, and at the end by repairing a network that cannot learn.
#
# It belongs to the chapters *Symmetry*, *Zero weights* and *Bias only*, and takes 60 to 90 minutes.
# You write small functions or short tables of predictions; hardly any answer is longer than ten
# lines. Thinking with a pencil is faster than trying.
#
# **How it works.** Replace the dots in each answer cell, run it, then run the check below it:
# `grader.check("q1")` tells you at once whether your answer has the right form and gets an example
# right. When your work is graded, further checks are made that you do not see, and every part of a
# question earns its own points. Keep the names of functions and of their arguments, because they are
# called by these names; keep the name of this file, too. Your answers may use numpy and the standard
# library. To hand in, save the notebook and upload the one file `break-the-symmetry.ipynb`.
#
# **Conventions**, the same as in the book:
#
# - A layer takes activations `h` of shape `(batch, fan_in)`, one row a sample, and multiplies them
#   *from the right* by `W` of shape `(fan_in, fan_out)`, so column `j` of `W` holds the incoming
#   weights of unit `j`. Its biases `b` have shape `(fan_out,)`.
# - `z` is the preactivation, $z = hW + b$. The layer hands on $\phi(z)$.
# - `delta` is the gradient of the loss with respect to `z`.
# - A loss is already averaged over the samples. A gradient of the parameters is therefore a *sum* of
#   what the samples contribute, and nothing is divided once more.
# - Losses are in nats: logarithms are natural.

# %%
import numpy as np

# %% [markdown]
# ## Part 1: one layer, there and back

# %% [raw]
# # BEGIN QUESTION
# name: q1
# points: 6

# %% [markdown]
# ### Question 1: Forward
#
# Write `forward(h, W, b)` for a layer of tanh units. It returns a pair `(z, out)`: the preactivation
# and the activation, both of shape `(batch, fan_out)`.
#
# *Example.* One sample `h = [[1, 2, -1]]`, two units, every weight 0.3, every bias 0: both entries of
# `z` are 0.6, both entries of `out` are $\tanh 0.6 \approx 0.537$.

# %% [raw]
# # BEGIN SOLUTION


# %%
def forward(h, W, b):
    """The preactivation and the activation of a tanh layer."""
    # BEGIN SOLUTION
    z = h @ W + b
    return z, np.tanh(z)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
failure_message: "The example with two units and weights of 0.3 does not come out yet."
"""  # END TEST CONFIG


def test_q1_example(forward):
    import numpy as np

    answer = forward(h=np.array([[1.0, 2.0, -1.0]]), W=np.full((3, 2), 0.3), b=np.zeros(2))
    assert answer is not None, "forward returns nothing yet: replace the dots."
    assert isinstance(answer, (tuple, list)) and len(answer) == 2, "Return a pair (z, out)."
    assert np.shape(answer[0]) == (1, 2), (
        "z must have a row for each sample, a column for each unit."
    )
    assert np.allclose(answer[0], 0.6, rtol=1e-4), "Both entries of z should be 0.6."
    assert np.allclose(answer[1], np.tanh(0.6), rtol=1e-4), (
        "Both entries of out should be tanh(0.6)."
    )


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "On random samples, weights and biases the preactivations or activations are off."
"""  # END TEST CONFIG


def test_q1_random(forward):
    import numpy as np
    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(11)
    h, W, b = rng.standard_normal((7, 4)), rng.standard_normal((4, 3)), rng.standard_normal(3)
    z, bare = h @ W + b, h @ W
    answer = forward(h=h.copy(), W=W.copy(), b=b.copy())
    assert isinstance(answer, (tuple, list)) and len(answer) == 2, "Return a pair (z, out)."
    expect(
        answer[0],
        z,
        "z is not what the formula of the layer gives.",
        rtol=1e-4,
        atol=1e-5,
        biases_left_out=bare,
    )
    expect(answer[1], np.tanh(z), "out is not tanh of z.", rtol=1e-4, atol=1e-5)


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "With as many units as inputs, something is the wrong way round."
"""  # END TEST CONFIG


def test_q1_square(forward):
    import numpy as np
    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(12)
    h, W = rng.standard_normal((5, 4)), rng.standard_normal((4, 4))
    right, turned = h @ W, h @ W.T
    answer = forward(h=h.copy(), W=W.copy(), b=np.zeros(4))
    assert isinstance(answer, (tuple, list)) and len(answer) == 2, "Return a pair (z, out)."
    expect(
        answer[0],
        right,
        "z is not what the formula of the layer gives.",
        rtol=1e-4,
        atol=1e-5,
        transposed_weights=turned,
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q2
# points: 15

# %% [markdown]
# ### Question 2: Backward
#
# The error comes back. `grad_out`, of shape `(batch, fan_out)`, is the gradient of the loss with
# respect to the *activations* that the layer of Question 1 handed on. Write
# `backward(h, W, b, grad_out)`. It returns four arrays in this order:
#
# 1. `delta`, of shape `(batch, fan_out)`, the gradient with respect to the preactivation;
# 2. `grad_W`, of the shape of `W`;
# 3. `grad_b`, of the shape of `b`;
# 4. `grad_h`, of the shape of `h`, which is what the layer below will receive.
#
# The slope of tanh at `z` is $1 - \tanh^2 z$. Each of the last three is judged by the `delta` that
# *you* return, so one slip does not cost you everything.
#
# *Example.* One sample, one input, one unit: `h = [[2]]`, `W = [[0.5]]`, `b = [-1]`,
# `grad_out = [[3]]`. Here $z = 0$, the slope is 1, and so `delta = [[3]]`, `grad_W = [[6]]`,
# `grad_b = [3]`, `grad_h = [[1.5]]`.

# %% [raw]
# # BEGIN SOLUTION


# %%
def backward(h, W, b, grad_out):
    """The gradients of a tanh layer: delta, grad_W, grad_b, grad_h."""
    # BEGIN SOLUTION
    delta = grad_out * (1 - np.tanh(h @ W + b) ** 2)
    return delta, h.T @ delta, delta.sum(axis=0), delta @ W.T
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
failure_message: "The example with one sample, one input and one unit does not come out yet."
"""  # END TEST CONFIG


def test_q2_example(backward):
    import numpy as np

    answer = backward(
        h=np.array([[2.0]]), W=np.array([[0.5]]), b=np.array([-1.0]), grad_out=np.array([[3.0]])
    )
    assert answer is not None, "backward returns nothing yet: replace the dots."
    assert isinstance(answer, (tuple, list)) and len(answer) == 4, "Return four arrays."
    names, right = ["delta", "grad_W", "grad_b", "grad_h"], [3.0, 6.0, 3.0, 1.5]
    shapes = [(1, 1), (1, 1), (1,), (1, 1)]
    for name, value, number, shape in zip(names, answer, right, shapes):
        assert np.shape(value) == shape, f"{name} should have shape {shape}."
        assert np.allclose(value, number, rtol=1e-4), f"{name} should be {number} in the example."


# %%
""" # BEGIN TEST CONFIG
points: 4
hidden: true
failure_message: "delta is not right for random samples and weights."
"""  # END TEST CONFIG


def test_q2_delta(backward):
    import numpy as np
    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(21)
    h, W, b = rng.standard_normal((6, 4)), rng.standard_normal((4, 4)), rng.standard_normal(4)
    grad_out = rng.standard_normal((6, 4))
    z = h @ W + b
    right = grad_out * (1 - np.tanh(z) ** 2)
    answer = backward(h=h.copy(), W=W.copy(), b=b.copy(), grad_out=grad_out.copy())
    assert isinstance(answer, (tuple, list)) and len(answer) == 4, "Return four arrays."
    expect(
        answer[0],
        right,
        "delta should be grad_out times the slope of each unit at its z.",
        rtol=1e-4,
        atol=1e-5,
        slope_at_the_activation=grad_out * (1 - np.tanh(np.tanh(z)) ** 2),
        slope_left_out=grad_out,
        biases_left_out=grad_out * (1 - np.tanh(h @ W) ** 2),
    )


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "grad_W does not follow from h and from your delta."
"""  # END TEST CONFIG


def test_q2_weights(backward):
    import numpy as np
    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(22)
    h, W, b = rng.standard_normal((6, 4)), rng.standard_normal((4, 4)), rng.standard_normal(4)
    answer = backward(h=h.copy(), W=W.copy(), b=b.copy(), grad_out=rng.standard_normal((6, 4)))
    assert isinstance(answer, (tuple, list)) and len(answer) == 4, "Return four arrays."
    assert np.shape(answer[0]) == (6, 4), "delta has the wrong shape, so nothing follows from it."
    delta = np.asarray(answer[0], dtype=float)
    assert np.abs(delta).max() > 1e-3, "delta is zero, so nothing follows from it."
    expect(
        answer[1],
        h.T @ delta,
        "A weight's gradient: what comes in, times the error it leads to.",
        rtol=1e-4,
        atol=1e-5,
        mean_for_sum=h.T @ delta / 6,
        transposed_weights=delta.T @ h,
    )


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "grad_b does not follow from your delta."
"""  # END TEST CONFIG


def test_q2_biases(backward):
    import numpy as np
    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(23)
    h, W, b = rng.standard_normal((6, 4)), rng.standard_normal((4, 4)), rng.standard_normal(4)
    answer = backward(h=h.copy(), W=W.copy(), b=b.copy(), grad_out=rng.standard_normal((6, 4)))
    assert isinstance(answer, (tuple, list)) and len(answer) == 4, "Return four arrays."
    assert np.shape(answer[0]) == (6, 4), "delta has the wrong shape, so nothing follows from it."
    delta = np.asarray(answer[0], dtype=float)
    assert np.abs(delta).max() > 1e-3, "delta is zero, so nothing follows from it."
    expect(
        answer[2],
        delta.sum(axis=0),
        "A bias is added in every sample: think of what that means.",
        rtol=1e-4,
        atol=1e-5,
        mean_for_sum=delta.mean(axis=0),
    )


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "grad_h does not follow from W and from your delta."
"""  # END TEST CONFIG


def test_q2_inputs(backward):
    import numpy as np
    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(24)
    h, W, b = rng.standard_normal((6, 4)), rng.standard_normal((4, 4)), rng.standard_normal(4)
    answer = backward(h=h.copy(), W=W.copy(), b=b.copy(), grad_out=rng.standard_normal((6, 4)))
    assert isinstance(answer, (tuple, list)) and len(answer) == 4, "Return four arrays."
    assert np.shape(answer[0]) == (6, 4), "delta has the wrong shape, so nothing follows from it."
    delta = np.asarray(answer[0], dtype=float)
    assert np.abs(delta).max() > 1e-3, "delta is zero, so nothing follows from it."
    back = delta @ W.T
    expect(
        answer[3],
        back,
        "What comes back passes through the weights, and through nothing else.",
        rtol=1e-4,
        atol=1e-5,
        transposed_weights=delta @ W,
        biases_in_the_way_back=back + b,
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## Part 2: what is a unit?

# %% [raw]
# # BEGIN QUESTION
# name: q3
# points: 13

# %% [markdown]
# ### Question 3: Count the different units
#
# In a hidden layer, unit `j` *is* three things: its column of incoming weights `W[:, j]`, its bias
# `b[j]`, and its row of outgoing weights `V[j]`, where `V` of shape `(n_units, n_outputs)` is the
# weight matrix of the next layer. Two units are the same if none of these numbers differs by more
# than `tolerance`. Write `count_units(W, b, V, tolerance)`, which returns how many different units
# the layer has. (You may rely on this: any two units of the tests either agree within the tolerance
# or differ by far more.)
#
# *Example.* Three units with `W = [[1, 1, 2]]`, `b = [0, 0, 0]`, `V = [[5], [5], [5]]` and tolerance
# 0: the first two are the same, so the answer is 2.

# %% [raw]
# # BEGIN SOLUTION


# %%
def count_units(W, b, V, tolerance):
    """How many units of a hidden layer differ in a weight coming in, the bias or one going out."""
    # BEGIN SOLUTION
    kinds = []
    for unit in np.vstack([W, b, V.T]).T:
        if all(np.abs(unit - other).max() > tolerance for other in kinds):
            kinds.append(unit)
    return len(kinds)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
failure_message: "The example with three units does not come out yet."
"""  # END TEST CONFIG


def test_q3_example(count_units):
    import numpy as np

    answer = count_units(
        W=np.array([[1.0, 1.0, 2.0]]), b=np.zeros(3), V=np.full((3, 1), 5.0), tolerance=0.0
    )
    assert answer is not None, "count_units returns nothing yet: replace the dots."
    assert np.shape(answer) == (), "Return a single number."
    assert answer == 2, "In the example two of three units are the same."


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The count is wrong where the units differ in their incoming weights."
"""  # END TEST CONFIG


def test_q3_incoming(count_units):
    import numpy as np
    from initlab.grading.misconceptions import expect

    u = np.random.default_rng(31).standard_normal(4)
    W = np.stack([u, 2 * u, u, -u, u], axis=1)
    answer = count_units(W=W, b=np.zeros(5), V=np.zeros((5, 2)), tolerance=1e-6)
    expect(
        answer,
        3,
        "Compare the units by their columns of incoming weights.",
        rows_are_units=4,
        rank_is_the_number_of_units=1,
    )


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The count is wrong where units have the same weights and not the same bias."
"""  # END TEST CONFIG


def test_q3_bias(count_units):
    import numpy as np
    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(32)
    W = np.repeat(rng.standard_normal((3, 1)), 6, axis=1)
    V = np.repeat(rng.standard_normal((1, 2)), 6, axis=0)
    answer = count_units(W=W, b=np.array([0.5, 0.0, 0.5, -1.0, 0.0, 2.0]), V=V, tolerance=1e-6)
    expect(answer, 4, "Some of these units differ although their weights agree.", biases_left_out=1)


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The count is wrong where units agree in all that comes in."
"""  # END TEST CONFIG


def test_q3_outgoing(count_units):
    import numpy as np
    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(33)
    W, V = np.repeat(rng.standard_normal((4, 1)), 5, axis=1), rng.standard_normal((3, 4))
    answer = count_units(W=W, b=np.full(5, 0.1), V=V[[0, 1, 0, 2, 1]], tolerance=1e-6)
    expect(answer, 3, "A unit has three parts; look at the third.", outgoing_row_left_out=1)


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "The count is wrong for units that agree up to rounding."
"""  # END TEST CONFIG


def test_q3_tolerance(count_units):
    import numpy as np
    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(34)
    W = np.repeat(rng.standard_normal((3, 2)), 3, axis=1)
    W += 1e-9 * rng.standard_normal(W.shape)
    V = np.repeat(rng.standard_normal((2, 2)), 3, axis=0)
    answer = count_units(W=W, b=np.zeros(6), V=V, tolerance=1e-6)
    expect(
        answer,
        2,
        "Units that differ by less than the tolerance are the same.",
        equal_to_the_last_bit=6,
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q4
# points: 9

# %% [markdown]
# ### Question 4: As small as it can be
#
# A layer of copies wastes memory. Write `compress(W, b, V)` for a network with one hidden layer,
# which computes `np.tanh(x @ W + b) @ V`. It returns `(W2, b2, V2)` of a network that computes *the
# same function for every input* with *as few hidden units as merging can reach*: wherever several
# units always put out the same number, one is left. Exact equality will do here, and the order of the
# units that you return is free.
#
# *Example.* Two units with `W = [[0.3, 0.3]]`, `b = [0, 0]` and any `V` of shape `(2, 1)` become a
# network of one unit: `W2` of shape `(1, 1)`, `b2` of shape `(1,)`, `V2` of shape `(1, 1)`. What must
# `V2` be, so that nothing changes? And which of the three parts of a unit decides here?

# %% [raw]
# # BEGIN SOLUTION


# %%
def compress(W, b, V):
    """The same function with one unit for each that computes a number of its own."""
    # BEGIN SOLUTION
    computes, group = np.unique(np.vstack([W, b]), axis=1, return_inverse=True)
    together = np.zeros((computes.shape[1], V.shape[1]))
    np.add.at(together, group.ravel(), V)
    return computes[:-1], computes[-1], together
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
failure_message: "The two units of the example do not become one."
"""  # END TEST CONFIG


def test_q4_example(compress):
    import numpy as np

    answer = compress(W=np.full((1, 2), 0.3), b=np.zeros(2), V=np.array([[0.7], [0.7]]))
    assert answer is not None, "compress returns nothing yet: replace the dots."
    assert isinstance(answer, (tuple, list)) and len(answer) == 3, "Return (W2, b2, V2)."
    for name, value, shape in zip(["W2", "b2", "V2"], answer, [(1, 1), (1,), (1, 1)]):
        assert np.shape(value) == shape, f"{name} should have shape {shape} in the example."
    assert np.allclose(answer[0], 0.3, rtol=1e-4), "The unit that is left should be one of the two."


# %%
""" # BEGIN TEST CONFIG
points: 4
hidden: true
failure_message: "The smaller network does not compute the same function."
"""  # END TEST CONFIG


def test_q4_function(compress):
    import numpy as np
    from initlab.grading.misconceptions import Misconceived

    rng = np.random.default_rng(41)
    of = np.array([0, 1, 0, 2, 1, 0, 0])
    W, b, V = rng.standard_normal((3, 3)), rng.standard_normal(3), rng.standard_normal((7, 2))
    x = rng.standard_normal((9, 3))
    hidden = np.tanh(x @ W + b)
    right = hidden[:, of] @ V
    groups = [V[of == k] for k in range(3)]
    slips = [
        hidden @ np.stack([chosen[0] for chosen in groups]),
        hidden @ np.stack([chosen[-1] for chosen in groups]),
        hidden @ np.stack([chosen.mean(axis=0) for chosen in groups]),
    ]
    answer = compress(W=W[:, of], b=b[of], V=V.copy())
    assert isinstance(answer, (tuple, list)) and len(answer) == 3, "Return (W2, b2, V2)."
    W2, b2, V2 = (np.asarray(part, dtype=float) for part in answer)
    fits = W2.ndim == 2 and W2.shape[0] == 3 and V2.shape == (W2.shape[1], 2)
    assert fits and b2.shape == W2.shape[1:], "The shapes of W2, b2 and V2 do not fit together."
    outputs = np.tanh(x @ W2 + b2) @ V2
    if any(np.allclose(outputs, slip, rtol=1e-4, atol=1e-5) for slip in slips):
        raise Misconceived("copies-not-summed")
    assert np.allclose(outputs, right, rtol=1e-4, atol=1e-5), "For some inputs the outputs differ."


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The network that is left is larger or smaller than it must be."
"""  # END TEST CONFIG


def test_q4_size(compress):
    import numpy as np
    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(42)
    W, b, V = rng.standard_normal((3, 2)), rng.standard_normal(3), rng.standard_normal((3, 2))
    of, to = np.array([0, 0, 1, 1, 0, 1]), np.array([0, 1, 2, 2, 0, 1])
    bias = np.array([0, 0, 1, 2, 0, 1])
    answer = compress(W=W[:, of], b=b[bias], V=V[to])
    assert isinstance(answer, (tuple, list)) and len(answer) == 3, "Return (W2, b2, V2)."
    assert np.ndim(answer[0]) == 2, "W2 must have a column for each unit that is left."
    expect(
        np.shape(answer[0])[1],
        3,
        "Which units put out the same number for every input?",
        tie_and_function_confused=5,
        biases_left_out=2,
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q5
# points: 10

# %% [markdown]
# ### Question 5: Tied or not?
#
# A network has five inputs, one hidden layer of six units, and two outputs. The data are 32 random
# samples with random targets, the loss is squared error. For each start below, predict how many
# *different functions* the six hidden units compute (two units compute the same function if their
# incoming weights and their biases agree): first at the start, then after 100 steps of training.
# "Random" numbers are drawn independently from a normal distribution. Units are tanh and training is
# full-batch gradient descent, unless something else is said.
#
# | | incoming weights | hidden biases | outgoing weights |
# |---|---|---|---|
# | A | all 0.3 | all 0 | all 0.3 |
# | B | all 0.3; training by Adam on minibatches of four samples | all 0 | all 0.3 |
# | C | all 0.3 | random | all 0.3 |
# | D | one random column, the same for all six units | all 0 | all 0.3 |
# | E | one random column, the same for all six units | all 0 | random |
# | F | each unit has one random number, which all its five weights share | all 0 | all 0.3 |
# | G | all 0; logistic units | all 0 | all 0 |
# | H | all 0 | all 0 | random |
#
# Fill in the dictionary: for each letter a pair *(at the start, after 100 steps)* of whole numbers
# from 1 to 6. Suppose that the arithmetic is exact.
#
# *Example.* With everything random, there would be six at the start and six after training: `(6, 6)`.

# %% [raw]
# # BEGIN SOLUTION

# %%
# BEGIN SOLUTION NO PROMPT
different_units = {
    "A": (1, 1),
    "B": (1, 1),
    "C": (6, 6),
    "D": (1, 1),
    "E": (1, 6),
    "F": (6, 6),
    "G": (1, 1),
    "H": (1, 6),
}
# END SOLUTION
""" # BEGIN PROMPT
different_units = {
    "A": (..., ...),
    "B": (..., ...),
    "C": (..., ...),
    "D": (..., ...),
    "E": (..., ...),
    "F": (..., ...),
    "G": (..., ...),
    "H": (..., ...),
}
"""  # END PROMPT

# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
failure_message: "The table of predictions is not complete, or not of the form that is asked for."
"""  # END TEST CONFIG


def test_q5_form(different_units):
    assert isinstance(different_units, dict), "different_units must be a dictionary."
    for letter in "ABCDEFGH":
        pair = different_units.get(letter)
        assert isinstance(pair, (tuple, list)) and len(pair) == 2, (
            f"{letter} needs a pair of numbers."
        )
        assert all(n in (1, 2, 3, 4, 5, 6) for n in pair), f"{letter}: whole numbers from 1 to 6."


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "A or B is not right."
"""  # END TEST CONFIG


def test_q5_equal(different_units):
    from initlab.grading.misconceptions import Misconceived

    said = different_units if isinstance(different_units, dict) else {}
    pairs = [
        tuple(said[letter]) if isinstance(said.get(letter), (tuple, list)) else None
        for letter in "AB"
    ]
    if (1, 6) in pairs:
        raise Misconceived("different-inputs-part-units")
    assert pairs == [(1, 1), (1, 1)], "Ask what could make a unit differ from its neighbor."


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "C or F is not right."
"""  # END TEST CONFIG


def test_q5_inside_and_between(different_units):
    from initlab.grading.misconceptions import Misconceived

    said = different_units if isinstance(different_units, dict) else {}
    pairs = [
        tuple(said[letter]) if isinstance(said.get(letter), (tuple, list)) else None
        for letter in "CF"
    ]
    if pairs[0] == (1, 1):
        raise Misconceived("bias-is-only-a-vector")
    if pairs[1] == (1, 1):
        raise Misconceived("equal-inside-a-unit")
    assert pairs == [(6, 6), (6, 6)], "Keep equal between units and equal inside a unit apart."


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "D or E is not right."
"""  # END TEST CONFIG


def test_q5_columns(different_units):
    from initlab.grading.misconceptions import Misconceived

    said = different_units if isinstance(different_units, dict) else {}
    pairs = [
        tuple(said[letter]) if isinstance(said.get(letter), (tuple, list)) else None
        for letter in "DE"
    ]
    if pairs[1] == (1, 1):
        raise Misconceived("equal-columns-for-ever")
    assert pairs == [(1, 1), (1, 6)], "What comes back to a unit, and by which weights?"


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "G or H is not right."
"""  # END TEST CONFIG


def test_q5_zeros(different_units):
    from initlab.grading.misconceptions import Misconceived

    said = different_units if isinstance(different_units, dict) else {}
    pairs = [
        tuple(said[letter]) if isinstance(said.get(letter), (tuple, list)) else None
        for letter in "GH"
    ]
    if pairs[1] == (1, 1):
        # Whoever ties E for ever as well thinks of its equal columns, not of its zeros.
        tied = isinstance(said.get("E"), (tuple, list)) and tuple(said["E"]) == (1, 1)
        raise Misconceived("equal-columns-for-ever" if tied else "zero-cannot-move")
    assert pairs == [(1, 1), (1, 6)], "A gradient is added to a weight; where does each come from?"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## Part 3: zeros

# %% [raw]
# # BEGIN QUESTION
# name: q6
# points: 12

# %% [markdown]
# ### Question 6: When does the error arrive?
#
# All weights of a network are zero. It has `depth` weight layers (so `depth - 1` hidden layers), one
# output, cross-entropy as its loss, and more labels of one kind than of the other. Its hidden units
# are all of one kind, `activation`: `"sigmoid"` (the logistic function), `"tanh"` or `"relu"`. Its
# biases, all of them, are either drawn at random or zero, and `biases` says so: `"random"` or
# `"zero"`. Training is full-batch gradient descent.
#
# Write `first_gradients(depth, activation, biases)`. It returns a list of `depth` entries, that of
# layer 1 first (layer 1 touches the inputs): the step at which the *weights* of that layer receive a
# gradient that is not zero for the first time, counting steps from 1, or `None` if that never
# happens. Suppose that every layer has some units whose random bias is positive, and that no number
# is too small for the computer.
#
# *Example.* `first_gradients(2, "tanh", "random")` is `[2, 1]`.

# %% [raw]
# # BEGIN SOLUTION


# %%
def first_gradients(depth, activation, biases):
    """The step at which each layer's weights receive their first gradient, from zero weights."""
    # BEGIN SOLUTION
    if depth > 1 and biases == "zero" and activation in ("tanh", "relu"):
        return [None] * depth
    return list(range(depth, 0, -1))
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
failure_message: "The example of depth 2 does not come out yet."
"""  # END TEST CONFIG


def test_q6_example(first_gradients):
    answer = first_gradients(depth=2, activation="tanh", biases="random")
    assert answer is not None, "first_gradients returns nothing yet: replace the dots."
    assert len(answer) == 2, "There should be an entry for each layer."
    assert list(answer) == [2, 1], "The example should give [2, 1]."


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "With random biases, some layer gets its first gradient at another step."
"""  # END TEST CONFIG


def test_q6_random_biases(first_gradients):
    import numpy as np
    from initlab.grading.misconceptions import Misconceived

    for activation in ("tanh", "relu", "sigmoid"):
        for depth in (3, 6):
            answer = first_gradients(depth=depth, activation=activation, biases="random")
            answer = list(answer) if isinstance(answer, (list, tuple, np.ndarray)) else []
            if answer == [None] * depth:
                raise Misconceived("zero-cannot-move")
            if answer == [1] * depth:
                raise Misconceived("biases-carry-the-error")
            if answer == list(range(1, depth + 1)):
                raise Misconceived("wave-runs-forward")
            if answer == [None] * (depth - 1) + [1]:
                raise Misconceived("blocked-for-ever")
            assert answer == list(range(depth, 0, -1)), "Follow the error down, one step at a time."


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "With zero biases, logistic units are not described correctly."
"""  # END TEST CONFIG


def test_q6_sigmoid(first_gradients):
    import numpy as np
    from initlab.grading.misconceptions import Misconceived

    for depth in (2, 4):
        answer = first_gradients(depth=depth, activation="sigmoid", biases="zero")
        answer = list(answer) if isinstance(answer, (list, tuple, np.ndarray)) else []
        if answer == [None] * depth:
            raise Misconceived("zero-cannot-move")
        if answer == [1] * depth:
            raise Misconceived("biases-carry-the-error")
        if answer == list(range(1, depth + 1)):
            raise Misconceived("wave-runs-forward")
        if answer == [None] * (depth - 1) + [1]:
            raise Misconceived("blocked-for-ever")
        assert answer == list(range(depth, 0, -1)), "What does a logistic unit put out at zero?"


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "With zero biases, tanh or ReLU is not described correctly."
"""  # END TEST CONFIG


def test_q6_dark(first_gradients):
    import numpy as np
    from initlab.grading.misconceptions import Misconceived

    for activation in ("tanh", "relu"):
        for depth in (2, 5):
            answer = first_gradients(depth=depth, activation=activation, biases="zero")
            answer = list(answer) if isinstance(answer, (list, tuple, np.ndarray)) else []
            if answer in (list(range(depth, 0, -1)), [None] * (depth - 1) + [1]):
                raise Misconceived("last-layer-always-moves")
            assert answer == [None] * depth, "A gradient has two factors; look at both of them."


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "A network without hidden layers is not described correctly."
"""  # END TEST CONFIG


def test_q6_no_hidden_layer(first_gradients):
    import numpy as np
    from initlab.grading.misconceptions import Misconceived

    for activation in ("tanh", "sigmoid"):
        for biases in ("zero", "random"):
            answer = first_gradients(depth=1, activation=activation, biases=biases)
            answer = list(answer) if isinstance(answer, (list, tuple, np.ndarray)) else []
            if answer == [None]:
                raise Misconceived("zero-cannot-move")
            assert answer == [1], "With depth 1 the inputs themselves feed the last layer."


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q7
# points: 5

# %% [markdown]
# ### Question 7: How faint is it?
#
# A deep network starts with zero weights and random biases, as in Question 6, and is trained by plain
# gradient descent with a small learning rate $\eta$. Call $g_k$ the size of the first gradient that
# the weights of the layer `k` places below the last one receive. The last layer itself, `k = 0`,
# receives $g_0 \sim 1$. Up to factors that do not depend on $\eta$, each $g_k$ is a power of the
# learning rate. Write `exponent(k)`, which returns that power as a whole number.
#
# *Example.* The layer just below the last one hears of the error through weights that have moved
# once, from zero to about $\eta\, g_0$. So $g_1 \sim \eta$, and `exponent(1)` is 1. Work out $g_2$
# on paper before you guess: when it arrives, through which weights did it come, and what arrived
# above them?

# %% [raw]
# # BEGIN SOLUTION


# %%
def exponent(k):
    """The power of the learning rate in the first gradient, k places below the last layer."""
    # BEGIN SOLUTION
    return 2**k - 1
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 1
failure_message: "The last two layers do not come out yet."
"""  # END TEST CONFIG


def test_q7_example(exponent):
    assert exponent(k=0) is not None, "exponent returns nothing yet: replace the dots."
    assert exponent(k=0) == 0, "The last layer receives a gradient of size 1, the power 0."
    assert exponent(k=1) == 1, "The layer below it receives a gradient of the size of the rate."


# %%
""" # BEGIN TEST CONFIG
points: 4
hidden: true
failure_message: "For deeper layers the power is not right."
"""  # END TEST CONFIG


def test_q7_deeper(exponent):
    from initlab.grading.misconceptions import expect

    answer = [exponent(k=k) for k in (2, 3, 4, 6)]
    expect(
        answer,
        [3, 7, 15, 63],
        "Both factors of what arrives are small: the error and the weights.",
        one_factor_a_layer=[2, 3, 4, 6],
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q8
# points: 10

# %% [markdown]
# ### Question 8: The loss of a network that sees nothing
#
# A network with `n_classes` outputs, softmax and cross-entropy starts from zeros everywhere, with
# tanh units. Its only part that moves is the output bias. Write `blind_losses(labels, n_classes)`,
# where `labels` is an array of whole numbers from 0 to `n_classes - 1`. It returns a pair
# `(first, settled)` of losses in nats: before the first step, and after the output bias has learned
# all that it can.
#
# *Example.* For `labels = [0, 1]` and two classes, both are $\ln 2 \approx 0.693$. Take care of a
# class that does not occur among the labels at all.

# %% [raw]
# # BEGIN SOLUTION


# %%
def blind_losses(labels, n_classes):
    """The loss of a network that ignores its inputs: at the start, and at its best."""
    # BEGIN SOLUTION
    share = np.bincount(labels, minlength=n_classes) / len(labels)
    share = share[share > 0]
    return np.log(n_classes), -np.sum(share * np.log(share))
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
failure_message: "The example with one label of each kind does not come out yet."
"""  # END TEST CONFIG


def test_q8_example(blind_losses):
    import numpy as np

    answer = blind_losses(labels=np.array([0, 1]), n_classes=2)
    assert answer is not None, "blind_losses returns nothing yet: replace the dots."
    assert isinstance(answer, (tuple, list)) and len(answer) == 2, "Return a pair."
    assert np.allclose(answer, 0.6931, rtol=1e-3), "Both losses should be 0.693 in the example."


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The loss before the first step is not right where the classes are unbalanced."
"""  # END TEST CONFIG


def test_q8_first(blind_losses):
    import numpy as np
    from initlab.grading.misconceptions import expect

    labels = np.random.default_rng(81).permutation([0] * 12 + [1] * 5 + [2] * 2 + [3])
    share = np.bincount(labels) / 20
    answer = blind_losses(labels=labels, n_classes=4)
    assert isinstance(answer, (tuple, list)) and len(answer) == 2, "Return a pair."
    expect(
        answer[0],
        np.log(4),
        "Which probabilities does the network give before it has learned?",
        rtol=1e-4,
        first_loss_follows_the_classes=-share @ np.log(share),
    )


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The loss after training is not right where the classes are unbalanced."
"""  # END TEST CONFIG


def test_q8_settled(blind_losses):
    import numpy as np
    from initlab.grading.misconceptions import expect

    labels = np.random.default_rng(82).permutation([0] * 9 + [1] * 7 + [2] * 4)
    share = np.bincount(labels) / 20
    answer = blind_losses(labels=labels, n_classes=3)
    assert isinstance(answer, (tuple, list)) and len(answer) == 2, "Return a pair."
    expect(
        answer[1],
        -share @ np.log(share),
        "What is the best guess of someone who sees no input?",
        rtol=1e-4,
        zeros_learn_nothing=np.log(3),
    )


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "A class that never occurs is not treated correctly."
"""  # END TEST CONFIG


def test_q8_missing_class(blind_losses):
    import numpy as np
    from initlab.grading.misconceptions import expect

    share = np.array([2, 1, 3]) / 6
    answer = blind_losses(labels=np.array([0, 0, 3, 3, 3, 1]), n_classes=5)
    assert isinstance(answer, (tuple, list)) and len(answer) == 2, "Return a pair."
    too_small = [np.log(3), np.log(4)]  # of the classes that occur, and up to the last of them
    assert not any(np.allclose(answer[0], loss, rtol=1e-4) for loss in too_small), (
        "Before the first step the network cannot know which classes never occur."
    )
    expect(
        answer[1],
        -share @ np.log(share),
        "A class that never occurs costs nothing in the end.",
        rtol=1e-4,
        zeros_learn_nothing=np.log(5),
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q9
# points: 8

# %% [markdown]
# ### Question 9: Six zeros
#
# Six networks are about to learn to read digits by minibatches. Each has zeros somewhere at the start.
# Where weights are called random, they have a size that suits the layer. What will become of each?
#
# - `"stuck"`: no weight will ever move;
# - `"tied"`: weights move, but the units of a hidden layer stay copies of one another;
# - `"delayed"`: the units differ, but it takes several steps until the error reaches every layer;
# - `"fine"`: every weight receives a gradient within the first two steps, the units differ, and the
#   network learns about as well as from random weights.
#
# | | the network | zero at the start |
# |---|---|---|
# | A | three hidden layers of tanh units | all weights and all biases |
# | B | three hidden layers of logistic units | all weights and all biases |
# | C | three hidden layers of tanh units | all weights; the biases are random |
# | D | residual blocks, $h \mapsto h + \phi(hA + a)B + b$, random weights | the last layer `B` of every block, and all biases |
# | E | one hidden layer of tanh units with random weights | the weights of the output layer, and all biases |
# | F | no hidden layer: the inputs go straight to the output layer | all weights and all biases |
#
# For F, where there is no hidden unit to be tied, say whether it is stuck, delayed or fine.

# %% [raw]
# # BEGIN SOLUTION

# %%
# BEGIN SOLUTION NO PROMPT
fate = {
    "A": "stuck",
    "B": "tied",
    "C": "delayed",
    "D": "fine",
    "E": "fine",
    "F": "fine",
}
# END SOLUTION
""" # BEGIN PROMPT
fate = {
    "A": ...,
    "B": ...,
    "C": ...,
    "D": ...,
    "E": ...,
    "F": ...,
}
"""  # END PROMPT

# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
failure_message: "The six predictions are not complete, or not of the form that is asked for."
"""  # END TEST CONFIG


def test_q9_form(fate):
    assert isinstance(fate, dict), "fate must be a dictionary."
    for letter in "ABCDEF":
        word = fate.get(letter)
        assert isinstance(word, str), f"{letter} needs one of the four words."
        assert word in ("stuck", "tied", "delayed", "fine"), f"{letter} is none of the four words."


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "A, B or C is not right."
"""  # END TEST CONFIG


def test_q9_plain(fate):
    from initlab.grading.misconceptions import Misconceived

    said = fate if isinstance(fate, dict) else {}
    words = [said.get(letter) for letter in "ABC"]
    if words == ["stuck", "stuck", "stuck"]:
        raise Misconceived("zero-cannot-move")
    if words == ["stuck", "tied", "fine"]:
        raise Misconceived("random-biases-are-enough")
    assert words == ["stuck", "tied", "delayed"], (
        "Which factor of which gradient is zero, and for how long?"
    )


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "D is not right."
"""  # END TEST CONFIG


def test_q9_residual(fate):
    from initlab.grading.misconceptions import Misconceived

    word = fate.get("D") if isinstance(fate, dict) else None
    if word in ("stuck", "delayed"):
        raise Misconceived("every-zero-blocks")
    assert word == "fine", "Look for a second road for the error."


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "E or F is not right."
"""  # END TEST CONFIG


def test_q9_harmless(fate):
    from initlab.grading.misconceptions import Misconceived

    said = fate if isinstance(fate, dict) else {}
    words = [said.get(letter) for letter in "EF"]
    if words[0] == "stuck":
        raise Misconceived("every-zero-blocks")
    if words[1] == "stuck":
        raise Misconceived("zero-cannot-move")
    assert words == ["fine", "fine"], "Which layer does a zero weight block, and is there one?"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## Part 4: repair
#
# Here are 64 points in the plane, labeled by whether they lie inside a circle, and a plain training
# loop for networks of tanh units with one output: full-batch gradient descent on cross-entropy.
# (`weights` and `biases` are lists of arrays, those of layer 1 first.)


# %%
def points(seed):
    """64 points of a square, and whether each lies in a circle around the middle."""
    x = np.random.default_rng(seed).uniform(-1, 1, size=(64, 2))
    return x, (np.sum(x**2, axis=1, keepdims=True) < 0.5).astype(float)


# %%
def train(weights, biases, x, y, learning_rate=1, steps=300):
    """The loss after training, and the trained weights and biases."""
    weights, biases = [1.0 * W for W in weights], [1.0 * b for b in biases]
    for _ in range(steps + 1):
        h = [x]
        for W, b in zip(weights[:-1], biases[:-1]):
            h.append(np.tanh(h[-1] @ W + b))
        z = h[-1] @ weights[-1] + biases[-1]
        loss = np.mean(np.logaddexp(0, z) - y * z)
        delta = (1 / (1 + np.exp(-z)) - y) / len(x)
        for layer in reversed(range(len(weights))):
            back = delta @ weights[layer].T * (1 - h[layer] ** 2)
            weights[layer] -= learning_rate * h[layer].T @ delta
            biases[layer] -= learning_rate * delta.sum(axis=0)
            delta = back
    return loss, weights, biases


# %% [markdown]
# And here is a network that cannot learn. It has been told that its units must differ, and so they
# do: its biases are random. Run the cell. Someone who always gave the same probability would have a
# loss of about 0.65.


# %%
def broken(layer_sizes, rng):
    """An initialization from which the network does not learn."""
    pairs = list(zip(layer_sizes[:-1], layer_sizes[1:]))
    return [np.zeros(pair) for pair in pairs], [rng.standard_normal(n) for _, n in pairs]


print("loss after training:", train(*broken([2, 8, 8, 1], np.random.default_rng(0)), *points(0))[0])

# %% [raw]
# # BEGIN QUESTION
# name: q10
# points: 12

# %% [markdown]
# ### Question 10: Repair it
#
# Write `initialize(layer_sizes, rng)`. `layer_sizes` is a list such as `[2, 8, 8, 1]`: two inputs, two
# hidden layers of eight tanh units each, one output. `rng` is a `np.random.Generator`, from which all
# randomness must come. It returns `(weights, biases)`, two lists with an array for each weight
# layer: `weights[0]` of shape `(2, 8)`, `biases[0]` of shape `(8,)`, and so on.
#
# From your start, a network of sizes `[2, 8, 8, 1]` must learn the circle by `train` as it stands: for
# most generators, to a loss below 0.35 after its 300 steps. The units of each hidden layer must all
# differ at the start. Try several generators, and leave yourself some room.
#
# *Example.* For `layer_sizes = [3, 5, 4, 1]` the weights have the shapes `(3, 5)`, `(5, 4)`, `(4, 1)`
# and the biases `(5,)`, `(4,)`, `(1,)`.

# %% [raw]
# # BEGIN SOLUTION


# %%
def initialize(layer_sizes, rng):
    """Weights and biases from which a network of tanh units learns."""
    # BEGIN SOLUTION
    weights = [
        rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / (fan_in + fan_out))
        for fan_in, fan_out in zip(layer_sizes[:-1], layer_sizes[1:])
    ]
    return weights, [np.zeros(size) for size in layer_sizes[1:]]
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
failure_message: "The arrays do not have the shapes of the layers yet."
"""  # END TEST CONFIG


def test_q10_shapes(initialize):
    import numpy as np

    answer = initialize(layer_sizes=[3, 5, 4, 1], rng=np.random.default_rng(0))
    assert answer is not None, "initialize returns nothing yet: replace the dots."
    assert isinstance(answer, (tuple, list)) and len(answer) == 2, "Return (weights, biases)."
    shapes = [[np.shape(array) for array in arrays] for arrays in answer]
    assert shapes[0] == [(3, 5), (5, 4), (4, 1)], (
        "The weights do not have the shapes of the layers."
    )
    assert shapes[1] == [(5,), (4,), (1,)], "The biases do not have the shapes of the layers."


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "Some hidden units are copies of one another."
"""  # END TEST CONFIG


def test_q10_units_differ(initialize):
    import numpy as np
    from initlab.grading.misconceptions import Misconceived

    for seed in (101, 102):
        answer = initialize(layer_sizes=[2, 8, 8, 1], rng=np.random.default_rng(seed))
        assert isinstance(answer, (tuple, list)) and len(answer) == 2, "Return (weights, biases)."
        W, b = [[np.asarray(array, dtype=float) for array in arrays] for arrays in answer]
        assert [w.shape for w in W] == [(2, 8), (8, 8), (8, 1)], "The weights have wrong shapes."
        assert [c.shape for c in b] == [(8,), (8,), (1,)], "The biases have wrong shapes."
        units = [np.vstack([W[i], b[i], W[i + 1].T]).T for i in (0, 1)]
        counts = [len(np.unique(layer.round(9), axis=0)) for layer in units]
        if counts == [1, 1]:
            raise Misconceived("any-constant-will-do")
        assert counts == [8, 8], "Within a hidden layer, no two units may be alike."


# %%
""" # BEGIN TEST CONFIG
points: 4
hidden: true
failure_message: "The network does not learn the circle from this start."
"""  # END TEST CONFIG


def test_q10_learns(initialize):
    import numpy as np
    from initlab.grading.misconceptions import Misconceived
    from initlab.network import MLP
    from initlab.parameters import Parameters, stack
    from initlab.training import train

    starts = []
    for seed in range(111, 116):
        answer = initialize(layer_sizes=[2, 8, 8, 1], rng=np.random.default_rng(seed))
        assert isinstance(answer, (tuple, list)) and len(answer) == 2, "Return (weights, biases)."
        W, b = [[np.asarray(array, dtype=float) for array in arrays] for arrays in answer]
        assert [w.shape for w in W] == [(2, 8), (8, 8), (8, 1)], "The weights have wrong shapes."
        assert [c.shape for c in b] == [(8,), (8,), (1,)], "The biases have wrong shapes."
        starts.append(Parameters(W, b))
    x = np.random.default_rng(100).uniform(-1, 1, size=(64, 2))
    y = (np.sum(x**2, axis=1, keepdims=True) < 0.5).astype(float)
    end = train(
        MLP([2, 8, 8, 1], "tanh"),
        stack(starts),
        x,
        y,
        loss="binary_cross_entropy",
        learning_rate=1,
        steps=300,
        record_at=[300],
    )
    if (end.loss < 0.35).sum() >= 3:
        return
    sizes = [max(np.abs(w).max() for w in start.W) for start in starts]
    if max(sizes) == 0 and any(np.ptp(start.b[0]) > 0 for start in starts):
        raise Misconceived("random-biases-are-enough")
    if 0 < max(sizes) < 0.15 and all(np.ptp(start.W[0]) > 0 for start in starts):
        raise Misconceived("the-smaller-the-better")
    raise AssertionError("After 300 steps the loss is above 0.35 for most generators.")


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The randomness does not come from the generator."
"""  # END TEST CONFIG


def test_q10_generator(initialize):
    import numpy as np
    from initlab.grading.misconceptions import Misconceived

    answers = [
        initialize(layer_sizes=[2, 8, 8, 1], rng=np.random.default_rng(seed))
        for seed in (121, 121, 122)
    ]
    assert all(isinstance(answer, (tuple, list)) and len(answer) == 2 for answer in answers), (
        "Return (weights, biases)."
    )
    flat = [
        np.concatenate([np.ravel(array) for arrays in answer for array in arrays])
        for answer in answers
    ]
    if flat[0].shape == flat[1].shape and not np.array_equal(flat[0], flat[1]):
        raise Misconceived("generator-ignored")
    if np.array_equal(flat[0], flat[2]) and len(np.unique(flat[0])) > 10:
        raise Misconceived("seed-inside-the-function")
    assert not np.array_equal(flat[0], flat[2]), "Another generator must lead to another start."


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## Done?
#
# Restart the kernel, run all cells from top to bottom, and look at the checks once more. Then save
# the notebook and hand in `break-the-symmetry.ipynb`.
