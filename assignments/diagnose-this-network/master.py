# %% [raw]
# # ASSIGNMENT CONFIG
# init_cell: true
# export_cell: false
# show_question_points: true
# tests:
#   ok_format: false
# files:
#   - patients.json

# %% [markdown]
# # Diagnose this network
#
# Six networks wait for you. They were built by people who meant well, and most of them do not
# train. You are not told what was done to them. All you have is a chart for each: numbers measured
# before the first step and after three, and the loss. From these numbers you will name the fault,
# prove it, prescribe a cure, and start a network so that it does train. Your six patients are your
# own: the person next to you has others.
#
# The assignment goes with all six chapters of *Before the First Step*, above all with their
# sections *In practice*. It takes between 60 and 90 minutes and is worth 100 points. You need NumPy
# and nothing else. Every question has a cell that checks the form of your answer at once, and often
# more; hidden tests look at the rest when the work is graded. Keep the names of functions, of their
# arguments and of this file. To hand in, save the notebook and upload the one file
# `diagnose-this-network.ipynb`.
#
# **Conventions**, those of the book. A layer computes $z = h W + b$ with `W` of shape `(fan_in,
# fan_out)`, then $h = \phi(z)$. Hidden layers use tanh or ReLU. The last layer has no activation:
# its $z$ are logits, and the loss is softmax cross-entropy, a mean over 60 samples. $\delta =
# \partial L/\partial z$ is the error that arrives in a layer. *Rms* is the root mean square over
# samples and units, the typical size. Training is plain gradient descent on the full batch. Classes
# are not equally frequent.

# %%
import json
import math

import numpy as np

try:
    with open("patients.json", encoding="utf-8") as file:
        clinic = json.load(file)
except FileNotFoundError:
    clinic = {"charts": {}, "sets": [], "practice": {}}
    print("Put patients.json into the folder of this notebook, and run this cell again.")

# %% [markdown]
# ## How to read a chart
#
# A chart is a dictionary. `chart["layer_sizes"]`, `chart["activation"]`, `chart["learning_rate"]`
# and `chart["rms_x"]` (the rms of the inputs) describe the network and its data; `chart["loss"]`
# has the loss at some steps, such as `chart["loss"]["10"]`. `chart["rows"]["0"]` has the rows
# before the first step, `chart["rows"]["3"]` those after three steps:
#
# | row | what it is | for |
# |---|---|---|
# | `rms_z`, `rms_h` | size of the preactivations and activations | every layer |
# | `rms_delta` | size of the error that arrives | every layer |
# | `rms_grad_W` | size of the gradient of the weights | every layer |
# | `distinct` | how many units differ from all units before them in the layer, in their activations on the data | hidden layers |
# | `saturated` | share of preactivations where the slope of tanh is below 0.01 | hidden layers, tanh |
# | `inactive` | share of preactivations that are 0 or below | hidden layers, ReLU |
# | `dead` | share of units that are inactive for *every* sample | hidden layers, ReLU |
#
# A row is a list, layer 1 first. Numbers have three digits; **a 0 is an exact zero**, and `None`
# stands for a number that overflowed. Where there may be a `None`, `np.array(row, dtype=float)`
# turns it into `nan`.


# %%
def number(value):
    """A number of a chart as text: a plain 0 is an exact zero."""
    return "None" if value is None else f"{value:.3g}"


def show(chart):
    """Print a chart."""
    sizes = "-".join(map(str, chart["layer_sizes"]))
    print(f"{sizes}, {chart['activation']}, learning rate {chart['learning_rate']}")
    print("rms of the inputs:", number(chart["rms_x"]))
    print("loss:", ", ".join(f"{number(v)} at {step}" for step, v in chart["loss"].items()))
    for step, rows in chart["rows"].items():
        print(f"step {step}")
        for name, row in rows.items():
            print(f"  {name:10}" + "".join(f"{number(v):>10}" for v in row))


# %% [markdown]
# ## The faults
#
# Twelve things may have been done to a network. Two of them do no harm. Unless the list says
# otherwise, weights are drawn independently at the scale that suits the activation (Glorot for
# tanh, He for ReLU), biases are zero, and inputs have mean 0 and standard deviation 1.
#
# | name | what was done |
# |---|---|
# | `all-zero` | all weights and all biases are zero |
# | `biases-only` | all weights are zero, the biases are random |
# | `equal-weights` | in every layer all units are alike: equal incoming weights, and equal outgoing ones |
# | `shared-column` | in every hidden layer all units share one random column of incoming weights; the last layer is random |
# | `too-small` | the weights are much too small |
# | `glorot-for-relu` | Glorot's scale in a ReLU network |
# | `saturated` | much too large weights in a tanh network |
# | `exploding` | much too large weights in a ReLU network |
# | `dead` | in one ReLU layer all biases are far below zero |
# | `raw-inputs` | the inputs are pixels from 0 to 255 |
# | `zero-last-layer` | the weights of the last layer are zero, all others are sound (harmless) |
# | `healthy` | nothing (harmless) |
#
# Two practice patients, A and B, come with their diagnosis. Look at them now, and come back to them
# whenever you need an example.

# %%
for name, patient in clinic["practice"].items():
    print(f"Practice patient {name}: {patient['fault']}")
    show(patient["chart"])
    print()

# %% [markdown]
# ## Part one: instruments
#
# Six small functions, which you will need at the bedside.

# %% [raw]
# # BEGIN QUESTION
# name: q1
# points: 8

# %% [markdown]
# ### Question 1: The factor of a layer
#
# From layer to layer the signal is multiplied by much the same factor, and so is the error on its
# way down. Write two functions:
#
# - `up_factor(rms_z)`: the factor per layer of the signal. `rms_z` is a list, layer 1 first; return
#   the one number $f$ for which the first entry times $f$, once for each step from a layer to the
#   next, gives the last entry.
# - `down_factor(rms_delta)`: the same for the error, in the direction in which *it* travels: from
#   the last entry to the first.
#
# So the signal of practice patient B keeps roughly three quarters of its size at each layer.

# %% [raw]
# # BEGIN SOLUTION


# %%
def up_factor(rms_z):
    """The factor by which the signal is multiplied from a layer to the next one up."""
    # BEGIN SOLUTION
    return (rms_z[-1] / rms_z[0]) ** (1 / (len(rms_z) - 1))
    # END SOLUTION


def down_factor(rms_delta):
    """The factor by which the error is multiplied from a layer to the next one down."""
    # BEGIN SOLUTION
    return (rms_delta[0] / rms_delta[-1]) ** (1 / (len(rms_delta) - 1))
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
"""  # END TEST CONFIG


def test_q1_two_layers(up_factor, down_factor):
    up, down = up_factor(rms_z=[4.0, 2.0]), down_factor(rms_delta=[3.0, 1.0])
    assert up is not None and down is not None, "Both functions must return a number."
    assert abs(up - 0.5) < 1e-4, "From 4 in layer 1 to 2 in layer 2 the signal is halved."
    assert abs(down - 3) < 1e-4, "From 1 in layer 2 down to 3 in layer 1 the error is tripled."


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The factor of the signal is not right for deeper networks."
"""  # END TEST CONFIG


def test_q1_up(up_factor):
    import numpy as np
    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(101)
    for depth in (3, 6, 11):
        rms_z = np.exp(rng.uniform(-3, 3, depth)).tolist()
        ratio = rms_z[-1] / rms_z[0]
        expect(
            up_factor(rms_z=rms_z),
            ratio ** (1 / (depth - 1)),
            "The factor of the signal is not right for deeper networks.",
            rtol=1e-4,
            layers_not_steps=ratio ** (1 / depth),
        )


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The factor of the error is not right for deeper networks."
"""  # END TEST CONFIG


def test_q1_down(down_factor):
    import numpy as np
    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(102)
    for depth in (3, 6, 11):
        rms_delta = np.exp(rng.uniform(-3, 3, depth)).tolist()
        ratio = rms_delta[0] / rms_delta[-1]
        expect(
            down_factor(rms_delta=rms_delta),
            ratio ** (1 / (depth - 1)),
            "The factor of the error is not right for deeper networks.",
            rtol=1e-4,
            error_read_upward=(1 / ratio) ** (1 / (depth - 1)),
            layers_not_steps=ratio ** (1 / depth),
        )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q2
# points: 8

# %% [markdown]
# ### Question 2: How deep until the numbers end
#
# Numbers in float32, the usual format of deep learning, become imprecise below $2^{-126} \approx
# 1.2 \cdot 10^{-38}$ and overflow above $(2 - 2^{-23}) \cdot 2^{127} \approx 3.4 \cdot 10^{38}$. A
# signal sets out with an rms of exactly 1 and is multiplied by `factor` in each layer.
#
# Write `layers_until_lost(factor)`: the number of layers, a whole number, after which its rms is
# for the first time below $2^{-126}$ (for a factor below 1) or above $(2 - 2^{-23}) \cdot 2^{127}$
# (for a factor above 1). For a factor of exactly 1 return `math.inf`.

# %% [raw]
# # BEGIN SOLUTION


# %%
def layers_until_lost(factor):
    """After how many layers a signal of rms 1 leaves the range of float32."""
    # BEGIN SOLUTION
    if factor == 1:
        return math.inf
    layers, size = 0, 1.0
    while 2.0**-126 <= size <= (2 - 2.0**-23) * 2.0**127:
        layers, size = layers + 1, size * factor
    return layers
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
"""  # END TEST CONFIG


def test_q2_powers_of_two(layers_until_lost):
    import math

    found = [layers_until_lost(factor=factor) for factor in (0.5, 2.0, 1.0)]
    assert None not in found, "layers_until_lost must return a number."
    assert found[0] == 127, "Halved 126 times, a signal of 1 is exactly at the limit, not below."
    assert found[1] == 128, "Doubled 127 times, a signal of 1 can still be written."
    assert found[2] == math.inf, "A factor of exactly 1 never leaves the range."


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The number of layers is not right for every factor below 1."
"""  # END TEST CONFIG


def test_q2_vanishing(layers_until_lost):
    import math

    from initlab.grading.misconceptions import expect

    for factor in (0.071, 0.33, 0.7, 0.93, 0.999):
        layers = math.floor(-126 / math.log2(factor)) + 1
        expect(
            layers_until_lost(factor=factor),
            layers,
            "The number of layers is not right for every factor below 1.",
            rtol=0,
            mean_square_for_rms=math.floor(-126 / math.log2(factor**0.5)) + 1,
        )


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The number of layers is not right for every factor above 1."
"""  # END TEST CONFIG


def test_q2_exploding(layers_until_lost):
    import math

    from initlab.grading.misconceptions import expect

    for factor in (1.007, 1.3, 2.24, 7.1, 30.0):
        layers = math.floor(128 / math.log2(factor)) + 1
        expect(
            layers_until_lost(factor=factor),
            layers,
            "The number of layers is not right for every factor above 1.",
            rtol=0,
            mean_square_for_rms=math.floor(128 / math.log2(factor**0.5)) + 1,
        )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q3
# points: 8

# %% [markdown]
# ### Question 3: Zero, lost, or alive
#
# A small number and an exact zero look alike on a plot, and mean different things. Write
# `states(row)`: for a row of a chart, a list with a word for each entry:
#
# - `"overflow"` if the entry is `None` or not finite,
# - `"zero"` if it is exactly 0,
# - `"lost"` if it is not zero, but smaller than one thousandth of the largest finite entry of the
#   row,
# - `"alive"` otherwise.

# %% [raw]
# # BEGIN SOLUTION


# %%
def states(row):
    """What each entry of a row of a chart is: overflow, zero, lost or alive."""
    # BEGIN SOLUTION
    values = np.array(row, dtype=float)
    largest = max(values[np.isfinite(values)], default=0)
    words = []
    for value in values:
        if not np.isfinite(value):
            words.append("overflow")
        elif value == 0:
            words.append("zero")
        else:
            words.append("lost" if value < largest / 1000 else "alive")
    return words
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
"""  # END TEST CONFIG


def test_q3_example(states):
    found = states(row=[1.0, 0.5, 1e-5, 0.0])
    assert found is not None, "states must return a list of words."
    assert isinstance(found, list | tuple), "Return a list of words; an array has tolist()."
    assert list(found) == ["alive", "alive", "lost", "zero"], (
        "The row 1, 0.5, 0.00001, 0 has the states alive, alive, lost, zero."
    )


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "Exact zeros and overflowed numbers are not all found."
"""  # END TEST CONFIG


def test_q3_zeros(states):
    import math

    from initlab.grading.misconceptions import Misconceived

    rows = {
        (0.0, 0.0, 0.0, 0.3): ["zero", "zero", "zero", "alive"],
        (0.0, 0.0): ["zero", "zero"],
        (0.3, 0.0, 0.2): ["alive", "zero", "alive"],
        (7.0, None, math.inf, math.nan, 0.0001): ["alive", *["overflow"] * 3, "lost"],
    }
    for row, words in rows.items():
        found = states(row=list(row))
        assert isinstance(found, list | tuple), "states must return a list of words."
        if list(found) != words:
            taken = [word for word, right in zip(found, words, strict=False) if right == "zero"]
            if taken and set(taken) == {"lost"}:
                raise Misconceived("zero-is-small")
            raise AssertionError("Exact zeros and overflowed numbers are not all found.")


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "What is lost must be judged by the largest entry of the same row."
"""  # END TEST CONFIG


def test_q3_yardstick(states):
    from initlab.grading.misconceptions import Misconceived

    rows = {
        (1e-6, 2e-6, 1.5e-6): ["alive"] * 3,
        (5e4, 1.0, 20.0, 51.0): ["alive", "lost", "lost", "alive"],
        (1e-12, 3e-4, 0.2): ["lost", "alive", "alive"],
    }
    for row, words in rows.items():
        found = states(row=list(row))
        assert isinstance(found, list | tuple), "states must return a list of words."
        if list(found) != words:
            if list(found) == ["lost" if entry < 0.001 else "alive" for entry in row]:
                raise Misconceived("absolute-threshold")
            raise AssertionError(
                "What is lost must be judged by the largest entry of the same row."
            )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q4
# points: 10

# %% [markdown]
# ### Question 4: Tied or blocked
#
# Two ailments that are taken for each other all the time. *Tied* units receive gradients and move,
# all alike. In a *blocked* layer the gradient is exactly zero and nothing moves. Write
# `road(grad_before, grad_after, distinct_before, distinct_after)`. The four rows are `rms_grad_W`
# and `distinct` of a chart, before the first step and after three. Return one word; the first line
# that fits decides:
#
# - `"blocked"`: some layer has a weight gradient of exactly zero before *and* after,
# - `"opening"`: some layer has a weight gradient of exactly zero before; none has it in both,
# - `"tied"`: some hidden layer has one distinct unit only, before and after,
# - `"separating"`: some hidden layer has one distinct unit only before; none has it in both,
# - `"open"`: none of these.
#
# In a layer with nothing in it all units put out 0, and `distinct` is 1. That alone is no tie.

# %% [raw]
# # BEGIN SOLUTION


# %%
def road(grad_before, grad_after, distinct_before, distinct_after):
    """Whether the gradients get through, and whether the units part."""
    # BEGIN SOLUTION
    zero = [early == 0 and late == 0 for early, late in zip(grad_before, grad_after)]
    one = [early == 1 and late == 1 for early, late in zip(distinct_before, distinct_after)]
    if any(zero):
        return "blocked"
    if 0 in grad_before:
        return "opening"
    if any(one):
        return "tied"
    return "separating" if 1 in distinct_before else "open"
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
"""  # END TEST CONFIG


def test_q4_examples(road):
    tied = road(
        grad_before=[0.1, 0.2], grad_after=[0.1, 0.2], distinct_before=[1], distinct_after=[1]
    )
    sound = road(
        grad_before=[0.1, 0.2], grad_after=[0.1, 0.2], distinct_before=[8], distinct_after=[8]
    )
    assert tied is not None and sound is not None, "road must return a word."
    assert tied == "tied", "Gradients, and one distinct unit before and after: tied."
    assert sound == "open", "Gradients everywhere, and eight distinct units: open."


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "A blocked network is not recognized."
"""  # END TEST CONFIG


def test_q4_blocked(road):
    from initlab.grading.misconceptions import Misconceived

    charts = [
        ([0, 0, 0], [0, 0, 0], [1, 1], [1, 1]),
        ([0, 0, 0.2], [0, 1e-9, 0.1], [1, 1], [1, 1]),
        ([0, 0, 0.2], [0, 1e-9, 0.1], [16, 16], [16, 16]),
        ([0.1, 0, 0.2], [0.1, 0, 0.1], [16, 1], [16, 1]),
    ]
    for before, after, early, late in charts:
        found = road(
            grad_before=before, grad_after=after, distinct_before=early, distinct_after=late
        )
        if found in ("tied", "separating"):
            raise Misconceived("symmetry-for-a-block")
        assert found == "blocked", "A blocked network is not recognized."


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "Ties that last and ties that part are not told from each other."
"""  # END TEST CONFIG


def test_q4_ties(road):
    from initlab.grading.misconceptions import Misconceived

    charts = {
        "tied": [
            ([0.2, 0.1, 0.3], [0.2, 0.1, 0.2], [1, 1], [1, 1]),
            ([0.2, 1e-8, 0.3], [0.2, 1e-7, 0.2], [16, 1], [16, 1]),
        ],
        "separating": [
            ([0.2, 0.1, 0.3], [0.2, 0.1, 0.2], [1, 1], [16, 12]),
            ([1e-9, 0.1, 0.3], [1e-9, 0.1, 0.2], [1, 8], [2, 8]),
        ],
    }
    for right, rows in charts.items():
        for before, after, early, late in rows:
            found = road(
                grad_before=before, grad_after=after, distinct_before=early, distinct_after=late
            )
            if right == "separating" and found == "tied":
                raise Misconceived("shared-column-is-hopeless")
            assert found == right, "Ties that last and ties that part are not told apart."


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "A block that opens within three steps is not recognized."
"""  # END TEST CONFIG


def test_q4_opening(road):
    charts = [
        ([0, 0, 0.2], [1e-6, 1e-4, 0.2], [16, 16], [16, 16]),
        ([0, 0.1, 0.2], [1e-30, 0.1, 0.2], [1, 16], [1, 16]),
    ]
    for before, after, early, late in charts:
        found = road(
            grad_before=before, grad_after=after, distinct_before=early, distinct_after=late
        )
        assert found == "opening", "A block that opens within three steps is not recognized."


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q5
# points: 8

# %% [markdown]
# ### Question 5: Inactive, dead, saturated
#
# Write `shares(z)` for the preactivations of one layer, an array of shape `(samples, units)`.
# Return a dict with three numbers between 0 and 1:
#
# - `"inactive"`: the share of all entries of `z` for which a ReLU puts out 0 (those that are 0 or
#   below),
# - `"dead"`: the share of *units* for which a ReLU puts out 0 on every sample,
# - `"saturated"`: the share of all entries at which the slope of tanh, $1 - \tanh^2 z$, is below
#   0.01.
#
# The table above says which row of a chart each one is.

# %% [raw]
# # BEGIN SOLUTION


# %%
def shares(z):
    """The shares of inactive entries, dead units and saturated entries of a layer."""
    # BEGIN SOLUTION
    return {
        "inactive": float((z <= 0).mean()),
        "dead": float((z <= 0).all(axis=0).mean()),
        "saturated": float((1 - np.tanh(z) ** 2 < 0.01).mean()),
    }
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
"""  # END TEST CONFIG


def test_q5_example(shares):
    import numpy as np

    found = shares(z=np.array([[4.0, -1.0], [-5.0, -1.0]]))
    assert isinstance(found, dict), "shares must return a dict."
    assert set(found) == {"inactive", "dead", "saturated"}, (
        "The keys must be inactive, dead and saturated."
    )
    wanted = {"inactive": 0.75, "dead": 0.5, "saturated": 0.5}
    for key, share in wanted.items():
        assert abs(found[key] - share) < 1e-4, f"Here the share {key} must be {share}."


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "The share inactive is not right for larger layers."
"""  # END TEST CONFIG


def test_q5_inactive(shares):
    import numpy as np
    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(103)
    for rows, units in ((30, 12), (5, 40)):
        z = np.maximum(rng.standard_normal((rows, units)), -0.5) + 0.5
        found = shares(z=z)
        assert isinstance(found, dict), "shares must return a dict."
        expect(
            found.get("inactive"),
            (z <= 0).mean(),
            "The share inactive is not right for larger layers.",
            rtol=1e-4,
        )


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "The share dead is not right for larger layers."
"""  # END TEST CONFIG


def test_q5_dead(shares):
    import numpy as np
    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(104)
    for rows, units in ((30, 12), (5, 40)):
        z = rng.standard_normal((rows, units)) + rng.uniform(-3, 1, units)
        z[:, :4] = np.minimum(z[:, :4] + 1, 0)  # some units reach exactly 0, and no more
        found = shares(z=z)
        assert isinstance(found, dict), "shares must return a dict."
        expect(
            found.get("dead"),
            (z.max(axis=0) <= 0).mean(),
            "The share dead is not right for larger layers.",
            rtol=1e-4,
            dead_for_inactive=(z <= 0).mean(),
        )


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "The share saturated is not right for larger layers."
"""  # END TEST CONFIG


def test_q5_saturated(shares):
    import numpy as np
    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(105)
    for rows, units in ((30, 12), (5, 40)):
        z = rng.standard_normal((rows, units)) * 4
        found = shares(z=z)
        assert isinstance(found, dict), "shares must return a dict."
        expect(
            found.get("saturated"),
            (np.cosh(z) ** -2.0 < 0.01).mean(),
            "The share saturated is not right for larger layers.",
            rtol=1e-4,
        )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q6
# points: 6

# %% [markdown]
# ### Question 6: What the cure will show
#
# A ReLU network without biases is homogeneous: multiply all weights of a layer by $c > 0$, and
# everything above is multiplied by $c$. So one can say *beforehand* what a chart will show after a
# change of scale. The weights of all layers had the standard deviation `std`, and the chart has the
# row `rms_z`.
#
# - `cured_std(std, rms_z)`: the standard deviation for which the factor per layer of the signal
#   (your `up_factor`) will be exactly 1,
# - `cured_rms(rms_z)`: the row `rms_z` after that change, a list with an entry for each layer, if
#   the very same weights are used, each multiplied by the same number in every layer.
#
# Single entries will scatter around a level line, as they scattered around a sloping one before.

# %% [raw]
# # BEGIN SOLUTION


# %%
def cured_std(std, rms_z):
    """The standard deviation that makes the signal level."""
    # BEGIN SOLUTION
    return std / (rms_z[-1] / rms_z[0]) ** (1 / (len(rms_z) - 1))
    # END SOLUTION


def cured_rms(rms_z):
    """The rms of z in each layer after the change."""
    # BEGIN SOLUTION
    factor = (rms_z[-1] / rms_z[0]) ** (1 / (len(rms_z) - 1))
    return [size / factor**layer for layer, size in enumerate(rms_z, start=1)]
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 1
"""  # END TEST CONFIG


def test_q6_form(cured_std, cured_rms):
    level, row = cured_std(std=0.1, rms_z=[1.5, 1.2, 1.5]), cured_rms(rms_z=[1.5, 1.2, 1.5])
    assert level is not None and row is not None, "Both functions must return their result."
    assert abs(level - 0.1) < 1e-5, "Where the factor is 1 already, nothing changes."
    assert len(row) == 3, "cured_rms must return an entry for each layer."


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "With this standard deviation the signal will not be level."
"""  # END TEST CONFIG


def test_q6_std(cured_std):
    import numpy as np
    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(106)
    for depth in (4, 9):
        std, slope = rng.uniform(0.02, 0.3), rng.uniform(0.3, 0.8)
        rms_z = (slope ** np.arange(depth) * rng.uniform(0.8, 1.2, depth)).tolist()
        factor = (rms_z[-1] / rms_z[0]) ** (1 / (depth - 1))
        expect(
            cured_std(std=std, rms_z=rms_z),
            std / factor,
            "With this standard deviation the signal will not be level.",
            rtol=1e-4,
            variance_for_the_standard_deviation=std / factor**2,
        )


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The chart after the change will show other numbers."
"""  # END TEST CONFIG


def test_q6_row(cured_rms):
    import numpy as np
    from initlab import network
    from initlab.diagnostics import rms
    from initlab.grading.misconceptions import expect
    from initlab.initializers import normal
    from initlab.parameters import Parameters

    rng = np.random.default_rng(107)
    model = network.MLP([12, 20, 20, 20, 20], "relu", "relu")
    x, start = rng.standard_normal((30, 12)), model.initialize(normal(0.15), rng=rng)

    def row(factor):
        scaled = Parameters([W / factor for W in start.W], start.b)
        return np.array([rms(z) for z in model.forward(scaled, x).z])

    before = row(1)
    factor = (before[-1] / before[0]) ** (1 / 3)
    expect(
        cured_rms(rms_z=before.tolist()),
        row(factor),
        "The chart after the change will show other numbers.",
        rtol=1e-4,
        once_for_all_layers=before / factor,
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## Part two: your patients
#
# Type the name by which your course knows you (usually the beginning of your mail address), between
# the quotes. It decides which patients you get, so keep it from here on.

# %%
student_id = ""

# %%
import hashlib

my_patients = []
if student_id and clinic["sets"]:
    digest = hashlib.sha256(student_id.strip().lower().encode()).digest()
    my_patients = clinic["sets"][digest[0]]
else:
    print("Type your name into the cell above, run it, and run this one again.")
for name in my_patients:
    print("Patient", name)
    show(clinic["charts"][name])
    print()

# %% [markdown]
# Take your time with the six charts. An order that has proved good: the inputs first; then exact
# zeros, and where they begin; then the number of distinct units; then saturation and death; and
# only then the size of the signal and the error, layer by layer. The loss comes last: it tells you
# *that* something is wrong, hardly ever what. And some networks are well.

# %% [raw]
# # BEGIN QUESTION
# name: q7
# points: 20

# %% [markdown]
# ### Question 7: Diagnoses
#
# Give the name of the fault of each of your patients, from the list above: `diagnoses["P00"] =
# "too-small"` and so on, one line for each. Each right one earns 3 points. Write `"healthy"` where
# you have no idea: the check wants a complete list.

# %% [raw]
# # BEGIN SOLUTION

# %%
# BEGIN SOLUTION NO PROMPT
diagnoses = {
    "P12": "biases-only",
    "P22": "glorot-for-relu",
    "P26": "shared-column",
    "P21": "dead",
    "P14": "exploding",
    "P03": "healthy",
}
# END SOLUTION
""" # BEGIN PROMPT
diagnoses = dict.fromkeys(my_patients, "")
# diagnoses["P00"] = "too-small", a line for each of your patients
"""  # END PROMPT

# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
"""  # END TEST CONFIG


def test_q7_form(diagnoses):
    names = {
        "all-zero",
        "biases-only",
        "equal-weights",
        "shared-column",
        "too-small",
        "glorot-for-relu",
        "saturated",
        "exploding",
        "dead",
        "raw-inputs",
        "zero-last-layer",
        "healthy",
    }
    assert isinstance(diagnoses, dict), "diagnoses must be a dict."
    assert len(diagnoses) == 6, "diagnoses must have your six patients; type your name first."
    for patient, fault in diagnoses.items():
        assert fault in names, f"The diagnosis of {patient} must be a name of the list of faults."


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The diagnosis of your patient number 1 is not the right one."
"""  # END TEST CONFIG


def test_q7_patient_1(diagnoses):
    from initlab.grading.treatment import check_diagnosis

    check_diagnosis(diagnoses, 1)


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The diagnosis of your patient number 2 is not the right one."
"""  # END TEST CONFIG


def test_q7_patient_2(diagnoses):
    from initlab.grading.treatment import check_diagnosis

    check_diagnosis(diagnoses, 2)


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The diagnosis of your patient number 3 is not the right one."
"""  # END TEST CONFIG


def test_q7_patient_3(diagnoses):
    from initlab.grading.treatment import check_diagnosis

    check_diagnosis(diagnoses, 3)


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The diagnosis of your patient number 4 is not the right one."
"""  # END TEST CONFIG


def test_q7_patient_4(diagnoses):
    from initlab.grading.treatment import check_diagnosis

    check_diagnosis(diagnoses, 4)


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The diagnosis of your patient number 5 is not the right one."
"""  # END TEST CONFIG


def test_q7_patient_5(diagnoses):
    from initlab.grading.treatment import check_diagnosis

    check_diagnosis(diagnoses, 5)


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The diagnosis of your patient number 6 is not the right one."
"""  # END TEST CONFIG


def test_q7_patient_6(diagnoses):
    from initlab.grading.treatment import check_diagnosis

    check_diagnosis(diagnoses, 6)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q8
# points: 7

# %% [markdown]
# ### Question 8: Evidence
#
# For each of your patients name one row of the chart that *proves* your diagnosis: no other fault
# of the list, in a tanh or in a ReLU network, shows such a row (before the first step, or before
# and after). Whether there is any signal at all may be taken as known. One of `"rms_x"`, `"rms_z"`,
# `"rms_h"`, `"rms_delta"`, `"rms_grad_W"`, `"distinct"`, `"saturated"`, `"inactive"`, `"dead"`,
# `"loss"`. For some patients more than one row will do. Where nothing is wrong, name the row that
# speaks for health most clearly.

# %% [raw]
# # BEGIN SOLUTION

# %%
# BEGIN SOLUTION NO PROMPT
evidence = {
    "P12": "rms_delta",
    "P22": "rms_z",
    "P26": "distinct",
    "P21": "dead",
    "P14": "rms_z",
    "P03": "rms_delta",
}
# END SOLUTION
""" # BEGIN PROMPT
evidence = dict.fromkeys(my_patients, "")
# evidence["P00"] = "rms_h", a line for each of your patients
"""  # END PROMPT

# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 1
"""  # END TEST CONFIG


def test_q8_form(evidence):
    rows = ["rms_x", "rms_z", "rms_h", "rms_delta", "rms_grad_W"]
    rows += ["distinct", "saturated", "inactive", "dead", "loss"]
    assert isinstance(evidence, dict), "evidence must be a dict."
    assert len(evidence) == 6, "evidence must have your six patients; type your name first."
    for patient, row in evidence.items():
        assert row in rows, f"The evidence for {patient} must be the name of a row of the list."


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "The row proves the diagnosis for fewer than 2 of your patients."
"""  # END TEST CONFIG


def test_q8_two(evidence):
    from initlab.grading.treatment import check_evidence

    check_evidence(evidence, 2)


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "The row proves the diagnosis for fewer than 4 of your patients."
"""  # END TEST CONFIG


def test_q8_four(evidence):
    from initlab.grading.treatment import check_evidence

    check_evidence(evidence, 4)


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "The row proves the diagnosis for fewer than 6 of your patients."
"""  # END TEST CONFIG


def test_q8_all(evidence):
    from initlab.grading.treatment import check_evidence

    check_evidence(evidence, 6)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q9
# points: 7

# %% [markdown]
# ### Question 9: Prescriptions
#
# For each of your patients choose the one change that removes the fault itself. Throw away nothing
# that can be kept: weights are drawn anew only where no multiplication makes them sound. The list
# has quack remedies on it:
#
# | name | what is done |
# |---|---|
# | `random-weights` | draw every weight independently, at the scale that suits the activation |
# | `larger-weights`, `smaller-weights` | multiply all weights by a number above, or below, 1 |
# | `zero-biases` | set all biases to zero |
# | `random-biases` | draw all biases at random |
# | `standardize-inputs` | subtract the mean of the inputs and divide by their standard deviation |
# | `larger-learning-rate` | ten times the learning rate |
# | `clip-gradients` | bound the length of the gradient |
# | `train-longer` | ten times the steps |
# | `nothing` | the network is well as it is |

# %% [raw]
# # BEGIN SOLUTION

# %%
# BEGIN SOLUTION NO PROMPT
cures = {
    "P12": "random-weights",
    "P22": "larger-weights",
    "P26": "random-weights",
    "P21": "zero-biases",
    "P14": "smaller-weights",
    "P03": "nothing",
}
# END SOLUTION
""" # BEGIN PROMPT
cures = dict.fromkeys(my_patients, "")
# cures["P00"] = "nothing", a line for each of your patients
"""  # END PROMPT

# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 1
"""  # END TEST CONFIG


def test_q9_form(cures):
    names = ["random-weights", "larger-weights", "smaller-weights", "zero-biases"]
    names += ["random-biases", "standardize-inputs", "larger-learning-rate"]
    names += ["clip-gradients", "train-longer", "nothing"]
    assert isinstance(cures, dict), "cures must be a dict."
    assert len(cures) == 6, "cures must have your six patients; type your name first."
    for patient, cure in cures.items():
        assert cure in names, f"The cure of {patient} must be a name of the list."


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "The change removes the fault of fewer than 2 of your patients."
"""  # END TEST CONFIG


def test_q9_two(cures):
    from initlab.grading.treatment import check_cures

    check_cures(cures, 2)


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "The change removes the fault of fewer than 4 of your patients."
"""  # END TEST CONFIG


def test_q9_four(cures):
    from initlab.grading.treatment import check_cures

    check_cures(cures, 4)


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "The change removes the fault of fewer than 6 of your patients."
"""  # END TEST CONFIG


def test_q9_all(cures):
    from initlab.grading.treatment import check_cures

    check_cures(cures, 6)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## Part three: in charge of the ward

# %% [raw]
# # BEGIN QUESTION
# name: q10
# points: 8

# %% [markdown]
# ### Question 10: A start that trains
#
# Write `repair(layer_sizes, activation, inputs, rng)`. It gets a network by its sizes (inputs
# first, outputs last) and its activation, `"tanh"` or `"relu"`; its inputs as they come, an array
# of shape `(samples, fan_in)`, standardized or not; and a generator for all randomness. It returns
# a dict:
#
# - `"W"`: a list of weight matrices, layer 1 first, each of shape `(fan_in, fan_out)`,
# - `"b"`: a list of biases, each of shape `(fan_out,)`,
# - `"shift"` and `"scale"`: numbers; the network will be trained on `(inputs - shift) / scale`.
#
# The hidden tests train three networks from your start for 60 steps of gradient descent, at a
# learning rate that you cannot choose: eleven layers of tanh, eleven layers of ReLU, and five
# layers of ReLU that read pixels from 0 to 255. The loss must fall below 0.2.

# %% [raw]
# # BEGIN SOLUTION


# %%
def repair(layer_sizes, activation, inputs, rng):
    """A start from which the network trains: W, b, shift and scale."""
    # BEGIN SOLUTION
    gain = np.sqrt(2) if activation == "relu" else 1.0
    pairs = list(zip(layer_sizes[:-1], layer_sizes[1:]))
    return {
        "W": [gain / np.sqrt(m) * rng.standard_normal((m, n)) for m, n in pairs],
        "b": [np.zeros(n) for m, n in pairs],
        "shift": inputs.mean(),
        "scale": inputs.std(),
    }
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 1
"""  # END TEST CONFIG


def test_q10_form(repair):
    import numpy as np

    rng = np.random.default_rng(1)
    for activation in ("tanh", "relu"):
        start = repair(
            layer_sizes=[4, 6, 3],
            activation=activation,
            inputs=rng.uniform(0, 255, (10, 4)),
            rng=np.random.default_rng(2),
        )
        assert isinstance(start, dict), "repair must return a dict."
        assert set(start) == {"W", "b", "shift", "scale"}, "Its keys are W, b, shift and scale."
        shapes = [np.shape(W) for W in start["W"]]
        assert shapes == [(4, 6), (6, 3)], "For layers 4-6-3 W has the shapes (4, 6) and (6, 3)."
        shapes = [np.shape(b) for b in start["b"]]
        assert shapes == [(6,), (3,)], "For layers 4-6-3 b has the shapes (6,) and (3,)."


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "The tanh network does not train from this start."
"""  # END TEST CONFIG


def test_q10_tanh(repair):
    import numpy as np
    from initlab.grading.treatment import check_repair

    check_repair(repair, "tanh", np.random.default_rng(208))


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The deep ReLU network does not train from this start."
"""  # END TEST CONFIG


def test_q10_relu(repair):
    import numpy as np
    from initlab.grading.treatment import check_repair

    check_repair(repair, "deep relu", np.random.default_rng(208))


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: "The network that reads pixels does not train from this start."
"""  # END TEST CONFIG


def test_q10_pixels(repair):
    import numpy as np
    from initlab.grading.treatment import check_repair

    check_repair(repair, "pixels", np.random.default_rng(208))


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q11
# points: 10

# %% [markdown]
# ### Question 11: A rule for the next patients
#
# You have reasoned about six patients. Now write the reasoning down: `diagnose(chart)` takes a
# chart and returns the name of the fault. The hidden tests try it on 24 patients that nobody has
# seen, two for each fault. Your first lines should be the ones you looked at first at the bedside,
# and the instruments of part one may help. A rule for half of the patients earns 3 points, one for
# three quarters 3 more, and one that misses at most one patient the last 3. Remember that after
# three steps numbers may be `None`, and that the last layer has no activation.

# %% [raw]
# # BEGIN SOLUTION


# %%
def diagnose(chart):
    """The name of the fault that a chart shows."""
    # BEGIN SOLUTION
    rows, later = chart["rows"]["0"], chart["rows"]["3"]
    z = rows["rms_z"][:-1]
    if chart["rms_x"] > 10:
        return "raw-inputs"
    if max(z) == 0:
        return "all-zero"
    if any(share == 1 and size > 0 for share, size in zip(rows.get("dead", []), z)):
        return "dead"
    if rows["rms_grad_W"][0] == 0:
        return "biases-only" if later["rms_grad_W"][0] == 0 else "zero-last-layer"
    if max(rows["distinct"]) == 1:
        return "equal-weights" if max(later["distinct"]) == 1 else "shared-column"
    if max(rows.get("saturated", [0])) > 0.3:
        return "saturated"
    factor = (z[-1] / z[0]) ** (1 / (len(z) - 1))
    if factor > 1.6:
        return "exploding"
    if factor < 0.55:
        return "too-small"
    return "glorot-for-relu" if chart["activation"] == "relu" and factor < 0.84 else "healthy"
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 1
"""  # END TEST CONFIG


def test_q11_practice(diagnose):
    tied = {
        "layer_sizes": [4, 3, 3, 2],
        "activation": "tanh",
        "learning_rate": 0.1,
        "rms_x": 1.0,
        "loss": {"0": 0.8, "1": 0.72, "2": 0.7, "5": 0.69, "10": 0.69, "20": 0.68, "40": 0.68},
        "rows": {
            "0": {
                "rms_z": [0.5, 0.4, 0.5],
                "rms_h": [0.4, 0.35, 0.5],
                "rms_delta": [0.002, 0.003, 0.01],
                "rms_grad_W": [0.03, 0.02, 0.05],
                "distinct": [1, 1],
                "saturated": [0.0, 0.0],
            },
            "3": {
                "rms_z": [0.5, 0.4, 0.4],
                "rms_h": [0.4, 0.35, 0.4],
                "rms_delta": [0.002, 0.003, 0.01],
                "rms_grad_W": [0.02, 0.01, 0.04],
                "distinct": [1, 1],
                "saturated": [0.0, 0.0],
            },
        },
    }
    found = diagnose(chart=tied)
    assert isinstance(found, str), "diagnose must return the name of a fault."
    assert found == "equal-weights", (
        "Gradients in every layer, and one distinct unit in each hidden layer, before and after."
    )


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The rule is right for fewer than 12 of 24 new patients."
"""  # END TEST CONFIG


def test_q11_half(diagnose):
    from initlab.grading.treatment import check_rule

    check_rule(diagnose, 12)


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The rule is right for fewer than 18 of 24 new patients."
"""  # END TEST CONFIG


def test_q11_three_quarters(diagnose):
    from initlab.grading.treatment import check_rule

    check_rule(diagnose, 18)


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
failure_message: "The rule is right for fewer than 23 of 24 new patients."
"""  # END TEST CONFIG


def test_q11_nearly_all(diagnose):
    from initlab.grading.treatment import check_rule

    check_rule(diagnose, 23)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## Before you hand in
#
# Restart the kernel, run all cells, and look at the checks once more. Then save, and hand in the
# notebook.
