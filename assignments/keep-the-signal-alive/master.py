# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [raw]
# # ASSIGNMENT CONFIG
# init_cell: true
# export_cell: false
# check_all_cell: false
# tests:
#   ok_format: false

# %% [markdown]
# # Keep the signal alive
#
# A signal goes up through a deep network and an error comes down. Each layer multiplies the size
# of both by some factor. A factor of 0.7 is a small matter in one layer; after thirty layers
# nothing is left. In this assignment you predict these factors, choose the random weights that
# bring them to 1, and write the instruments that say where a signal was lost.
#
# It goes with three chapters of *Before the First Step*: *Saturation*, *Vanishing and exploding
# gradients*, and *Xavier and He*. Each question names the section that helps; the question itself
# says all you need to know.
#
# **How it works.** There are eleven questions and 100 points; allow yourself 60 to 90 minutes.
# Write your code where you see `...`. Keep the names of the functions and of their arguments,
# because the checks call `f(x=..., y=...)` by these names; the order of the arguments is yours.
# The cell `grader.check("q1")` below a question tries your answer at once, mostly on the worked
# example. When you hand the notebook in, further checks try the same functions on other inputs:
# write code that is right in general. Most questions have parts that earn points on their own. You
# need only numpy.
#
# **Words and shapes, as in the book.** A layer reads activations `h` of shape
# `(n_samples, fan_in)`; its weights `W` have shape `(fan_in, fan_out)`; biases are 0 throughout.
# The preactivation is $z = hW$, the activation of the next layer is $\phi(z)$, and
# $\delta = \partial L/\partial z$ is the error that arrives at $z$. Averages $\mathbb E$ go over
# all samples and units. The *second moment* of $h$ is $\mathbb E[h^2]$, the mean of the squares;
# the *variance* is $\mathbb E[h^2] - \mathbb E[h]^2$; the *standard deviation* (std) is the root
# of the variance; the *rms*, the root mean square, is the root of the second moment.
#
# Run the next cell first. It defines one activation function: the *leaky ReLU* passes positive
# numbers as they are and multiplies negative ones by its `negative_slope`. Slope 0 is the ReLU,
# and slope 1 is no activation function at all.

# %%
import numpy as np

#: Standard deviation of a standard normal whose values beyond -2 and 2 are thrown away.
CUT_STD = 0.8796256610342398


def leaky_relu(z, negative_slope):
    """z where it is positive, negative_slope * z elsewhere."""
    return np.where(z > 0, z, negative_slope * z)


# %% [markdown]
# ## Part I. The way up

# %% [raw]
# # BEGIN QUESTION
# name: q1
# points: 8

# %% [markdown]
# ### Question 1. The size of a sum
#
# *(8 points. Help: chapter Xavier and He, section "One layer: the size of a sum".)*
#
# The weights of a layer will be drawn independently, with mean 0 and variance `weight_variance`.
# The inputs `h` are known, and they may be anything: shifted, never negative, even all the same
# number. Predict the second moment of the preactivations $z = hW$, averaged over the samples and
# over all weights that could be drawn.
#
# Write `next_second_moment(h, weight_variance)`. `h` is an array of shape `(n_samples, fan_in)`.
# Return one number. Do not draw anything: the answer is a formula.
#
# *Example.* One sample, four inputs:
#
# ```python
# next_second_moment(h=np.array([[1.0, -1.0, 2.0, -2.0]]), weight_variance=0.1)  # 1.0
# ```
#
# *A test of your own:* take an `h` without negative numbers, draw
# `W = 0.1 * rng.standard_normal((fan_in, 2000))` from a generator
# `rng = np.random.default_rng(0)`, and compare the mean of `(h @ W) ** 2` with your formula at
# variance 0.01.

# %% [raw]
# # BEGIN SOLUTION


# %%
def next_second_moment(h, weight_variance):
    """The mean of z**2 that inputs h, shape (n_samples, fan_in), lead to."""
    # BEGIN SOLUTION
    return h.shape[1] * weight_variance * np.mean(h**2)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: false
"""  # END TEST CONFIG


def test_q1_example(next_second_moment):
    import numpy as np

    answer = next_second_moment(h=np.array([[1.0, -1.0, 2.0, -2.0]]), weight_variance=0.1)
    assert answer is not None, "next_second_moment returns nothing yet."
    answer = np.asarray(answer, dtype=float)
    assert answer.shape == (), f"Return one number; this has shape {answer.shape}."
    assert np.isclose(answer, 1.0, rtol=1e-4), f"The worked example gives {answer:g}, not 1."


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
"""  # END TEST CONFIG


def test_q1_centered(next_second_moment):
    import numpy as np

    from initlab.grading.misconceptions import expect

    half = np.random.default_rng(11).standard_normal((20, 30))
    h = np.concatenate([half, -half])  # its mean is 0, so that variance and second moment agree
    square = (h**2).mean()
    expect(
        next_second_moment(h=h.copy(), weight_variance=0.02),
        30 * 0.02 * square,
        "For inputs with mean zero the prediction is off. How many terms has the sum of one unit?",
        rtol=1e-4,
        wrong_axis=40 * 0.02 * square,
        one_term_of_the_sum=0.02 * square,
        rms_for_second_moment=np.sqrt(30 * 0.02 * square),
    )


# %%
""" # BEGIN TEST CONFIG
points: 4
hidden: true
"""  # END TEST CONFIG


def test_q1_any_inputs(next_second_moment):
    import numpy as np

    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(12)
    never_negative = np.maximum(rng.standard_normal((25, 60)), 0)
    all_the_same = np.repeat(rng.uniform(1, 2, (25, 1)), 60, axis=1)
    for h in (never_negative, all_the_same):
        expect(
            next_second_moment(h=h.copy(), weight_variance=0.05),
            60 * 0.05 * (h**2).mean(),
            "For inputs whose mean is not zero the prediction is off.",
            rtol=1e-4,
            variance_for_second_moment=60 * 0.05 * h.var(),
        )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q2
# points: 10

# %% [markdown]
# ### Question 2. Layer upon layer
#
# *(10 points. Help: chapter Xavier and He, sections "One layer: the size of a sum" and "The
# condition for the way forward".)*
#
# Now whole networks of leaky ReLUs, $h_l = \phi(h_{l-1} W_l)$ for $l = 1, \dots, L$. First
# predict, then measure.
#
# **a)** Write `predicted_profile(layer_sizes, weight_variances, second_moment_x, negative_slope)`.
# `layer_sizes` is a list of $L + 1$ widths, the inputs first; layer $l$ has weights of shape
# `(layer_sizes[l - 1], layer_sizes[l])` and variance `weight_variances[l - 1]`; `second_moment_x`
# is the second moment of the inputs. Return the $L$ predicted second moments of the activations
# $h_1, \dots, h_L$ (not of the preactivations, and without the inputs). Take it that
# preactivations are symmetric about zero: for every $+1.3$ there is a $-1.3$.
#
# *Example.* Two layers of ReLUs:
#
# ```python
# predicted_profile(
#     layer_sizes=[4, 8, 2], weight_variances=[0.25, 0.5], second_moment_x=1.0, negative_slope=0.0
# )  # [0.5, 1.0]
# ```
#
# **b)** Write `measured_profile(x, weights, negative_slope)`: send the inputs `x`, of shape
# `(n_samples, layer_sizes[0])`, up through the given list of weight matrices, and return the
# measured second moments of $h_1, \dots, h_L$.
#
# *Example.* Here `h_1` is `[[1, -1]]` and `h_2` is `[[2]]`:
#
# ```python
# weights = [np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[3.0], [1.0]])]
# measured_profile(x=np.array([[1.0, -2.0]]), weights=weights, negative_slope=0.5)  # [1.0, 4.0]
# ```
#
# Both results may be lists or arrays.

# %% [raw]
# # BEGIN SOLUTION


# %%
def predicted_profile(layer_sizes, weight_variances, second_moment_x, negative_slope):
    """The second moments of h_1 ... h_L that the sizes and variances lead to."""
    # BEGIN SOLUTION
    kept = (1 + negative_slope**2) / 2
    factors = kept * np.array(layer_sizes[:-1]) * np.array(weight_variances)
    return second_moment_x * np.cumprod(factors)
    # END SOLUTION


def measured_profile(x, weights, negative_slope):
    """The second moments of h_1 ... h_L of one network on inputs x."""
    # BEGIN SOLUTION
    h, profile = x, []
    for W in weights:
        h = leaky_relu(h @ W, negative_slope)
        profile.append(np.mean(h**2))
    return profile
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: false
"""  # END TEST CONFIG


def test_q2_predicted_example(predicted_profile):
    import numpy as np

    answer = predicted_profile(
        layer_sizes=[4, 8, 2],
        weight_variances=[0.25, 0.5],
        second_moment_x=1.0,
        negative_slope=0.0,
    )
    assert answer is not None, "predicted_profile returns nothing yet."
    answer = np.asarray(answer, dtype=float)
    assert answer.shape == (2,), f"Two layers, two numbers; this has shape {answer.shape}."
    assert np.allclose(answer, [0.5, 1.0], rtol=1e-4), f"The example gives {answer}, not [0.5 1]."


# %%
""" # BEGIN TEST CONFIG
points: 1
hidden: false
"""  # END TEST CONFIG


def test_q2_measured_example(measured_profile):
    import numpy as np

    weights = [np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[3.0], [1.0]])]
    answer = measured_profile(x=np.array([[1.0, -2.0]]), weights=weights, negative_slope=0.5)
    assert answer is not None, "measured_profile returns nothing yet."
    answer = np.asarray(answer, dtype=float)
    assert answer.shape == (2,), f"Two layers, two numbers; this has shape {answer.shape}."
    assert np.allclose(answer, [1.0, 4.0], rtol=1e-4), f"The example gives {answer}, not [1 4]."


# %%
""" # BEGIN TEST CONFIG
points: 4
hidden: true
"""  # END TEST CONFIG


def test_q2_predicted(predicted_profile):
    import numpy as np

    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(21)
    sizes = [int(n) for n in rng.integers(10, 90, 13)]
    variances = rng.uniform(0.5, 2, 12) / sizes[:-1]
    a, sums = 0.4, 2.5 * np.cumprod(np.array(sizes[:-1]) * variances)
    layers = np.arange(1, 13)
    expect(
        predicted_profile(
            layer_sizes=sizes,
            weight_variances=[float(v) for v in variances],
            second_moment_x=2.5,
            negative_slope=a,
        ),
        sums * ((1 + a**2) / 2) ** layers,
        "In a deep network with a leak the predicted profile is off.",
        rtol=1e-4,
        atol=0,
        fan_out_for_fan_in=2.5 * np.cumprod((1 + a**2) / 2 * np.array(sizes[1:]) * variances),
        slope_averaged_before_squaring=sums * ((1 + a) / 2) ** (2 * layers),
        slope_not_squared=sums * ((1 + a) / 2) ** layers,
        he_for_leaky=sums / 2.0**layers,
        activation_loses_nothing=sums,
    )


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
"""  # END TEST CONFIG


def test_q2_measured(measured_profile):
    import numpy as np

    from initlab.grading.misconceptions import expect

    rng, a = np.random.default_rng(22), 0.2
    shapes = [(30, 50), (50, 20), (20, 40)]
    weights = [0.2 * rng.standard_normal(shape) for shape in shapes]
    x = rng.standard_normal((25, 30)) + 0.5
    h, right, variance, before = x, [], [], []
    for W in weights:
        z = h @ W
        h = np.where(z > 0, z, a * z)
        right.append((h**2).mean())
        variance.append(h.var())
        before.append((z**2).mean())
    expect(
        measured_profile(x=x, weights=weights, negative_slope=a),
        right,
        "On a random network the measured profile is off.",
        rtol=1e-4,
        variance_for_second_moment=variance,
        preactivation_for_activation=before,
        rms_for_second_moment=np.sqrt(right),
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q3
# points: 9

# %% [markdown]
# ### Question 3. Second moment or variance?
#
# *(9 points. Help: chapter Xavier and He, section "The condition for the way forward".)*
#
# A preactivation $z$ is normally distributed with mean 0 and standard deviation `std`. It goes
# through a leaky ReLU with slope `negative_slope`. What are the mean, the second moment, and the
# variance of what comes out?
#
# Write `leaky_moments(std, negative_slope)` that returns these three numbers in this order. They
# should be exact up to rounding errors: use formulas. Random draws are good for a test and too
# rough for an answer. One fact you may use: $\mathbb E|z| = \sqrt{2/\pi}\;$ `std`, half of it from
# each side of zero.
#
# *Example.* Without an activation function nothing changes:
#
# ```python
# leaky_moments(std=3.0, negative_slope=1.0)  # (0.0, 9.0, 9.0)
# ```
#
# *A test of your own:* draw a million numbers, send them through `leaky_relu` with slope 0, and
# compare all three.

# %% [raw]
# # BEGIN SOLUTION


# %%
def leaky_moments(std, negative_slope):
    """Mean, second moment and variance of leaky_relu(z), with z normal of mean 0."""
    # BEGIN SOLUTION
    mean = (1 - negative_slope) * std / np.sqrt(2 * np.pi)
    second_moment = (1 + negative_slope**2) / 2 * std**2
    return mean, second_moment, second_moment - mean**2
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: false
"""  # END TEST CONFIG


def test_q3_example(leaky_moments):
    import numpy as np

    answer = leaky_moments(std=3.0, negative_slope=1.0)
    assert answer is not None, "leaky_moments returns nothing yet."
    answer = np.asarray(answer, dtype=float)
    assert answer.shape == (3,), f"Return three numbers; this has shape {answer.shape}."
    assert np.allclose(answer, [0, 9, 9], rtol=1e-4, atol=1e-4), (
        f"The example gives {answer}, not [0 9 9]."
    )


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
"""  # END TEST CONFIG


def test_q3_mean(leaky_moments):
    import numpy as np

    from initlab.grading.misconceptions import expect

    for std, a in ((1.0, 0.0), (2.3, 0.3), (0.4, -1.0)):
        expect(
            leaky_moments(std=std, negative_slope=a)[0],
            (1 - a) * std / np.sqrt(2 * np.pi),
            "The mean is off. It gets one part from each side of zero.",
            rtol=1e-4,
            mean_of_leaky_relu_is_zero=0,
        )


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
"""  # END TEST CONFIG


def test_q3_second_moment(leaky_moments):
    import numpy as np

    from initlab.grading.misconceptions import expect

    for std, a in ((0.7, 0.0), (2.3, 0.3), (0.4, -1.0)):
        expect(
            leaky_moments(std=std, negative_slope=a)[1],
            (1 + a**2) / 2 * std**2,
            "The second moment is off. What happens to the squares on each side of zero?",
            rtol=1e-4,
            slope_averaged_before_squaring=((1 + a) / 2 * std) ** 2,
            slope_not_squared=(1 + a) / 2 * std**2,
            std_for_variance=np.sqrt((1 + a**2) / 2) * std,
        )


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
"""  # END TEST CONFIG


def test_q3_variance(leaky_moments):
    import numpy as np

    from initlab.grading.misconceptions import expect

    for std, a in ((0.7, 0.0), (2.3, 0.3), (0.4, -1.0)):
        second, mean = (1 + a**2) / 2 * std**2, (1 - a) * std / np.sqrt(2 * np.pi)
        answer = leaky_moments(std=std, negative_slope=a)
        # Without a mean, variance and second moment are one: then the mean is the mistake.
        no_mean = np.allclose(answer[0], 0)
        mistake = "mean_of_leaky_relu_is_zero" if no_mean else "relu_halves_the_variance"
        expect(
            answer[2],
            second - mean**2,
            "The variance is off. It is the second moment less the square of the mean.",
            rtol=1e-4,
            std_for_variance=np.sqrt(second - mean**2),
            **{mistake: second},
        )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## Part II. The right weights

# %% [raw]
# # BEGIN QUESTION
# name: q4
# points: 10

# %% [markdown]
# ### Question 4. One law, many names
#
# *(10 points. Help: chapter Xavier and He, sections "The same sum, backward", "Two conditions, one
# number", and "The recipes, by name and by shape".)*
#
# Which standard deviation must the weights have? That depends on what you want to keep from layer
# to layer.
#
# - `keep="signal"`: the second moment of the preactivations $z$ on the way up. Each $z_j$ is a sum
#   over the units that the layer reads.
# - `keep="error"`: the second moment of $\delta$ on the way down. The error that arrives at a unit
#   below is a sum over the units that the layer feeds.
# - `keep="both"`: a compromise. In the condition for the variance, put the *average* of `fan_in`
#   and `fan_out` in the place of the one or the other.
#
# The units around the layer are leaky ReLUs with `negative_slope`; on the way down they multiply
# by slope 1 or `negative_slope`, each half of the time.
#
# Write `weight_std(fan_in, fan_out, negative_slope, keep)`, which returns the *standard deviation*
# (one number). All the well-known schemes are in it: with slope 1 and `"both"` it is Glorot's
# (Xavier's), with slope 0 and `"signal"` it is He's.
#
# *Example.* ReLUs, on the way up:
#
# ```python
# weight_std(fan_in=50, fan_out=200, negative_slope=0.0, keep="signal")  # 0.2
# ```

# %% [raw]
# # BEGIN SOLUTION


# %%
def weight_std(fan_in, fan_out, negative_slope, keep):
    """The standard deviation that keeps "signal", "error" or, as a compromise, "both"."""
    # BEGIN SOLUTION
    fan = {"signal": fan_in, "error": fan_out, "both": (fan_in + fan_out) / 2}[keep]
    return np.sqrt(2 / ((1 + negative_slope**2) * fan))
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: false
"""  # END TEST CONFIG


def test_q4_example(weight_std):
    import numpy as np

    answer = weight_std(fan_in=50, fan_out=200, negative_slope=0.0, keep="signal")
    assert answer is not None, "weight_std returns nothing yet."
    answer = np.asarray(answer, dtype=float)
    assert answer.shape == (), f"Return one number; this has shape {answer.shape}."
    assert np.isclose(answer, 0.2, rtol=1e-4), f"The worked example gives {answer:g}, not 0.2."


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
"""  # END TEST CONFIG


def test_q4_signal(weight_std):
    import numpy as np

    from initlab.grading.misconceptions import expect

    for fan_in, fan_out in ((300, 80), (70, 500)):
        expect(
            weight_std(fan_in=fan_in, fan_out=fan_out, negative_slope=0.0, keep="signal"),
            np.sqrt(2 / fan_in),
            "For ReLU on the way up the standard deviation is off.",
            rtol=1e-4,
            glorot_for_relu=np.sqrt(1 / fan_in),
            fan_out_for_fan_in=np.sqrt(2 / fan_out),
            variance_for_std=2 / fan_in,
            std_inverse_to_fan=1 / fan_in,
            bound_for_std=np.sqrt(6 / fan_in),
        )


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
"""  # END TEST CONFIG


def test_q4_leaky(weight_std):
    import numpy as np

    from initlab.grading.misconceptions import expect

    for a in (0.5, 0.2, 1.0):
        expect(
            weight_std(fan_in=120, fan_out=70, negative_slope=a, keep="signal"),
            np.sqrt(2 / ((1 + a**2) * 120)),
            "For a leaky ReLU on the way up the standard deviation is off.",
            rtol=1e-4,
            he_for_leaky=np.sqrt(2 / 120),
            slope_averaged_before_squaring=np.sqrt(4 / ((1 + a) ** 2 * 120)),
            slope_not_squared=np.sqrt(2 / ((1 + a) * 120)),
            variance_for_std=2 / ((1 + a**2) * 120),
            std_inverse_to_fan=1 / 120,
            glorot_for_relu=np.sqrt(1 / 120),
            fan_out_for_fan_in=np.sqrt(2 / ((1 + a**2) * 70)),
            bound_for_std=np.sqrt(6 / ((1 + a**2) * 120)),
        )


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
"""  # END TEST CONFIG


def test_q4_error(weight_std):
    import numpy as np

    from initlab.grading.misconceptions import expect

    for fan_in, fan_out, a in ((300, 80, 0.0), (70, 500, 1.0)):
        kept = (1 + a**2) / 2
        expect(
            weight_std(fan_in=fan_in, fan_out=fan_out, negative_slope=a, keep="error"),
            np.sqrt(1 / (kept * fan_out)),
            "On the way down the standard deviation is off, for slope 0 or for slope 1.",
            rtol=1e-4,
            fan_in_for_fan_out=np.sqrt(1 / (kept * fan_in)),
            glorot_for_relu=np.sqrt(1 / fan_out),
            he_for_leaky=np.sqrt(2 / fan_out),
            variance_for_std=1 / (kept * fan_out),
            std_inverse_to_fan=1 / fan_out,
            bound_for_std=np.sqrt(3 / (kept * fan_out)),
        )


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
"""  # END TEST CONFIG


def test_q4_both(weight_std):
    import numpy as np

    from initlab.grading.misconceptions import expect

    for fan_in, fan_out, a in ((300, 20, 1.0), (40, 500, 0.0)):
        total, kept = fan_in + fan_out, (1 + a**2) / 2
        # For slope 0 the sum of the fans gives Glorot's number; it is named at slope 1 before.
        expect(
            weight_std(fan_in=fan_in, fan_out=fan_out, negative_slope=a, keep="both"),
            np.sqrt(2 / (kept * total)),
            "The compromise of both ways is off, for slope 0 or for slope 1.",
            rtol=1e-4,
            glorot_for_relu=np.sqrt(2 / total),
            he_for_leaky=np.sqrt(4 / total),
            sum_of_the_fans=np.sqrt(1 / (kept * total)),
            geometric_mean_of_the_fans=np.sqrt(1 / (kept * np.sqrt(fan_in * fan_out))),
            bound_for_std=np.sqrt(6 / (kept * total)),
        )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q5
# points: 13

# %% [markdown]
# ### Question 5. Draw them
#
# *(13 points. Help: chapter Xavier and He, sections "The recipes, by name and by shape" and "One
# seed for two layers".)*
#
# Write `draw_weights(fan_in, fan_out, std, distribution, rng)`. It returns an array of random
# weights of shape `(fan_in, fan_out)`, with mean 0 and standard deviation `std`, whatever the
# distribution:
#
# - `"normal"`: normally distributed.
# - `"uniform"`: uniform on an interval from `-bound` to `bound`. The variance of such numbers is
#   $\text{bound}^2/3$.
# - `"truncated_normal"`: normal, but whatever falls beyond *two standard deviations of that normal
#   distribution* is thrown away and drawn anew, as often as needed. This makes the numbers
#   smaller: what remains of a *standard* normal has standard deviation `CUT_STD` = 0.8796. The
#   weights that you return must have the promised `std` all the same, so begin with a wider
#   normal. The largest possible weight is then $2/0.8796 = 2.27$ times `std`.
#
# All randomness must come from `rng`, a `np.random.Generator` (methods such as
# `rng.standard_normal(shape)` and `rng.uniform(low, high, shape)`), so that whoever calls the
# function decides: the same generator in the same state gives the same weights, another one gives
# others.
#
# *Example.* This array has shape `(200, 100)` and a standard deviation close to 0.5:
#
# ```python
# rng = np.random.default_rng(1)
# W = draw_weights(fan_in=200, fan_out=100, std=0.5, distribution="normal", rng=rng)
# ```

# %% [raw]
# # BEGIN SOLUTION


# %%
def draw_weights(fan_in, fan_out, std, distribution, rng):
    """Random weights of shape (fan_in, fan_out) with mean 0 and standard deviation std."""
    # BEGIN SOLUTION
    shape = fan_in, fan_out
    if distribution == "uniform":
        bound = np.sqrt(3) * std
        return rng.uniform(-bound, bound, shape)
    g = rng.standard_normal(shape)
    if distribution == "normal":
        return std * g
    while (outside := np.abs(g) > 2).any():
        g[outside] = rng.standard_normal(outside.sum())
    return std / CUT_STD * g
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: false
"""  # END TEST CONFIG


def test_q5_example(draw_weights):
    import numpy as np

    def draw(fan_in, fan_out, distribution):
        rng = np.random.default_rng(1)
        W = draw_weights(
            fan_in=fan_in, fan_out=fan_out, std=0.5, distribution=distribution, rng=rng
        )
        assert W is not None, "draw_weights returns nothing yet."
        return np.asarray(W, dtype=float)

    for distribution in ("normal", "uniform", "truncated_normal"):
        shape = draw(3, 5, distribution).shape
        assert shape == (3, 5), f"{distribution}: the shape is {shape}, not (3, 5)."
    # 20,000 draws: one standard error of the rms is 0.5 percent, so 5 percent are ten of them.
    rms = np.sqrt((draw(200, 100, "normal") ** 2).mean())
    assert abs(rms / 0.5 - 1) < 0.05, f"normal: the standard deviation is {rms:.3f}, not 0.5."


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
"""  # END TEST CONFIG


def test_q5_normal(draw_weights):
    import numpy as np

    from initlab.grading.misconceptions import Misconceived, expect

    std, rng = 0.05, np.random.default_rng(51)
    W = draw_weights(fan_in=300, fan_out=400, std=std, distribution="normal", rng=rng)
    W = np.asarray(W, dtype=float) / std
    assert W.shape == (300, 400), "The shape is not (fan_in, fan_out)."
    # 120,000 draws. Standard errors: of the mean 0.003, of the rms 0.002, of the share beyond 2
    # (0.0455) 0.0006. Allowed are ten or more of each; a uniform one has no share there at all.
    if abs(W.mean()) > 0.1 and W.min() > -0.01:
        raise Misconceived("weights-of-one-sign")
    assert abs(W.mean()) < 0.03, "normal: the mean of the weights is not 0."
    expect(
        np.sqrt((W**2).mean()),
        1,
        "normal: the standard deviation is not the promised one.",
        rtol=0.02,
        variance_for_std=std,
        std_for_variance=1 / np.sqrt(std),
    )
    assert abs((np.abs(W) > 2).mean() - 0.0455) < 0.007, "normal: this is another distribution."


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
"""  # END TEST CONFIG


def test_q5_uniform(draw_weights):
    import numpy as np

    from initlab.grading.misconceptions import Misconceived, expect

    std, rng = 0.2, np.random.default_rng(52)
    W = draw_weights(fan_in=300, fan_out=400, std=std, distribution="uniform", rng=rng)
    W = np.asarray(W, dtype=float) / std
    assert W.shape == (300, 400), "The shape is not (fan_in, fan_out)."
    # 120,000 draws. Standard errors: of the mean 0.003, of the rms 0.0013, of the inner half
    # 0.0014. With std for the bound the rms is 0.577, far outside.
    if abs(W.mean()) > 0.1 and W.min() > -0.01:
        raise Misconceived("weights-of-one-sign")
    assert abs(W.mean()) < 0.03, "uniform: the mean of the weights is not 0."
    expect(
        np.sqrt((W**2).mean()),
        1,
        "uniform: the standard deviation is not the promised one.",
        rtol=0.015,
        std_for_bound=1 / np.sqrt(3),
        variance_for_std=std,
    )
    assert np.abs(W).max() < np.sqrt(3) * (1 + 1e-5), "uniform: some weights are too large."
    inner = (np.abs(W) < np.sqrt(3) / 2).mean()
    assert abs(inner - 0.5) < 0.015, "uniform: this is another distribution."


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
"""  # END TEST CONFIG


def test_q5_truncated(draw_weights):
    import numpy as np

    from initlab.grading.misconceptions import Misconceived, expect

    std, cut, rng = 0.3, 0.8796256610342398, np.random.default_rng(53)
    W = draw_weights(fan_in=300, fan_out=400, std=std, distribution="truncated_normal", rng=rng)
    W = np.asarray(W, dtype=float) / std
    assert W.shape == (300, 400), "The shape is not (fan_in, fan_out)."
    if abs(W.mean()) > 0.1 and W.min() > -0.01:
        raise Misconceived("weights-of-one-sign")
    assert abs(W.mean()) < 0.03, "truncated_normal: the mean of the weights is not 0."
    largest = np.abs(W).max()
    # Of continuous draws at most a few are equal; numbers moved to the edge are thousands.
    if (np.abs(W) > largest * (1 - 1e-7)).sum() > 100:
        raise Misconceived("cut-moved-to-the-edge")
    # 120,000 draws: the standard error of the rms is 0.0017. Without the correction it is 0.88.
    expect(
        np.sqrt((W**2).mean()),
        1,
        "truncated_normal: the standard deviation is not the promised one.",
        rtol=0.02,
        truncation_uncorrected=cut,
    )
    # A cut at twice the final std, or none at all: the largest of so many draws tells it.
    assert 2.2 < largest < 2 / cut * (1 + 1e-5), "truncated_normal: the cut is in the wrong place."


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
"""  # END TEST CONFIG


def test_q5_generator(draw_weights):
    import numpy as np

    from initlab.grading.misconceptions import Misconceived

    for distribution in ("normal", "uniform", "truncated_normal"):
        first, again, other = (
            np.asarray(
                draw_weights(
                    fan_in=20,
                    fan_out=30,
                    std=0.4,
                    distribution=distribution,
                    rng=np.random.default_rng(seed),
                ),
                dtype=float,
            )
            for seed in (54, 54, 55)
        )
        assert first.shape == (20, 30), "The shape is not (fan_in, fan_out)."
        assert np.isfinite(first).all() and first.std() > 0, "The weights are not random numbers."
        if not np.array_equal(first, again):
            raise Misconceived("own-randomness")
        if np.allclose(first, other):
            raise Misconceived("seed-inside")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## Part III. Instruments

# %% [raw]
# # BEGIN QUESTION
# name: q6
# points: 8

# %% [markdown]
# ### Question 6. How many units are flat?
#
# *(8 points. Help: chapter Saturation, sections "The smallest experiment: one unit" and "Large
# weights push layers to the edge".)*
#
# A tanh unit counts as *saturated* on a sample if its slope $\phi'(z)$ there is below a line that
# you choose; the book takes 0.01.
#
# Write `saturated_share(z, slope)`. `z` is a list with the preactivations of each layer, arrays of
# shape `(n_samples, units)`; the number of units may differ from layer to layer. Return, for each
# layer, the share of its entries (all samples and units) at which the slope of tanh is below
# `slope`: a list or an array of numbers between 0 and 1.
#
# *Example.* Two samples; the first layer has two units, the second has one:
#
# ```python
# z = [np.array([[0.0, 5.0], [1.0, -4.0]]), np.array([[0.5], [9.0]])]
# saturated_share(z=z, slope=0.01)  # [0.5, 0.5]
# ```

# %% [raw]
# # BEGIN SOLUTION


# %%
def saturated_share(z, slope):
    """For each layer the share of entries of z at which tanh is flatter than slope."""
    # BEGIN SOLUTION
    return [np.mean(1 - np.tanh(layer) ** 2 < slope) for layer in z]
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: false
"""  # END TEST CONFIG


def test_q6_example(saturated_share):
    import numpy as np

    z = [np.array([[0.0, 5.0], [1.0, -4.0]]), np.array([[0.5], [9.0]])]
    answer = saturated_share(z=z, slope=0.01)
    assert answer is not None, "saturated_share returns nothing yet."
    answer = np.asarray(answer, dtype=float)
    assert answer.shape == (2,), f"Two layers, two shares; this has shape {answer.shape}."
    assert np.allclose(answer, [0.5, 0.5], rtol=1e-4), f"The example gives {answer}, not [0.5 0.5]."


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
"""  # END TEST CONFIG


def test_q6_layers(saturated_share):
    import numpy as np

    from initlab.grading.misconceptions import expect

    rng, wide = np.random.default_rng(61), ((20, 1.5), (50, 4), (10, 20))
    # Rounded to tenths, so that no entry lies so near the line that rounding decides.
    z = [np.round(scale * rng.standard_normal((200, units)), 1) for units, scale in wide]
    edge, edge_of_h = np.arccosh(10), np.arctanh(0.99)
    sigmoid = [1 / (1 + np.exp(-layer)) for layer in z]
    right = [(abs(layer) > edge).mean() for layer in z]
    expect(
        saturated_share(z=[layer.copy() for layer in z], slope=0.01),
        right,
        "For three random layers the shares are off.",
        rtol=1e-4,
        saturation_by_activation=[(abs(layer) > edge_of_h).mean() for layer in z],
        saturation_on_one_side=[(layer > edge).mean() for layer in z],
        slope_of_the_sigmoid=[(s * (1 - s) < 0.01).mean() for s in sigmoid],
        flat_for_every_sample=[(abs(layer) > edge).all(axis=0).mean() for layer in z],
    )


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
"""  # END TEST CONFIG


def test_q6_other_lines(saturated_share):
    import numpy as np

    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(62)
    z = [np.round(3 * rng.standard_normal((100, units)), 1) for units in (15, 40)]
    for slope in (0.05, 0.2):
        edge = np.arccosh(1 / np.sqrt(slope))
        expect(
            saturated_share(z=[layer.copy() for layer in z], slope=slope),
            [(abs(layer) > edge).mean() for layer in z],
            "With another line than 0.01 the shares are off.",
            rtol=1e-4,
            saturation_by_activation=[(abs(np.tanh(layer)) > 1 - slope).mean() for layer in z],
            saturation_on_one_side=[(layer > edge).mean() for layer in z],
        )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q7
# points: 10

# %% [markdown]
# ### Question 7. Inputs around zero
#
# *(10 points. Help: chapter Saturation, sections "Inputs that are too large, and too small" and
# "From 0 to 1, or around zero?".)*
#
# Inputs far from zero saturate the first layer or slow it down. Give every feature (column) mean 0
# and standard deviation 1, judged by the *training set*. The test set plays the part of the
# future: nothing may be computed from it, and it must go through the very same transformation as
# the training set.
#
# Write `normalize(train, test)`. Both are arrays of shape `(n_samples, n_features)`, with as many
# samples as they like. Return the two normalized arrays, the training set first. "Standard
# deviation" is `np.std` as it comes (the sum of squares divided by the number of samples). A
# feature that never changes in the training set, such as a pixel that is always black, has
# standard deviation 0: subtract its mean, and divide it by 1.
#
# *Example.* One feature; two samples to train with, one to test:
#
# ```python
# normalize(train=np.array([[0.0], [2.0]]), test=np.array([[4.0]]))  # [[-1.0], [1.0]] and [[3.0]]
# ```

# %% [raw]
# # BEGIN SOLUTION


# %%
def normalize(train, test):
    """Both sets, each feature shifted and scaled so that the training set has mean 0, std 1."""
    # BEGIN SOLUTION
    mean, std = train.mean(axis=0), train.std(axis=0)
    std = np.where(std > 0, std, 1)
    return (train - mean) / std, (test - mean) / std
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: false
"""  # END TEST CONFIG


def test_q7_example(normalize):
    import numpy as np

    answer = normalize(train=np.array([[0.0], [2.0]]), test=np.array([[4.0]]))
    assert answer is not None, "normalize returns nothing yet."
    assert len(answer) == 2, "Return two arrays: the training set, then the test set."
    train, test = (np.asarray(part, dtype=float) for part in answer)
    assert train.shape == (2, 1) and test.shape == (1, 1), "The shapes have to stay as they are."
    assert np.allclose(train, [[-1], [1]], rtol=1e-4), "The training set of the example is off."
    assert np.allclose(test, [[3]], rtol=1e-4), "The test set of the example is off."


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
"""  # END TEST CONFIG


def test_q7_train(normalize):
    import numpy as np

    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(71)
    scale, shift = np.array([0.05, 1, 3, 20, 200]), rng.uniform(-4, 4, 5)
    train, test = (scale * (rng.standard_normal((n, 5)) + shift) for n in (80, 50))
    centered = train - train.mean(axis=0)
    low, high = train.min(axis=0), train.max(axis=0)
    rows = train - train.mean(axis=1, keepdims=True)
    expect(
        normalize(train=train.copy(), test=test.copy())[0],
        centered / train.std(axis=0),
        "The normalized training set is off.",
        rtol=1e-3,
        atol=1e-3,
        min_max_for_standardizing=(train - low) / (high - low),
        one_statistic_for_all_features=(train - train.mean()) / train.std(),
        wrong_axis=rows / train.std(axis=1, keepdims=True),
        variance_for_std=centered / train.var(axis=0),
        centered_but_not_scaled=centered,
    )


# %%
""" # BEGIN TEST CONFIG
points: 3
hidden: true
"""  # END TEST CONFIG


def test_q7_test(normalize):
    import numpy as np

    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(72)
    scale, shift = np.array([0.05, 1, 3, 20, 200]), rng.uniform(-4, 4, 5)
    train = scale * (rng.standard_normal((80, 5)) + shift)
    test = scale * (2 * rng.standard_normal((50, 5)) + shift + 0.7)
    together = np.concatenate([train, test])
    low, high = train.min(axis=0), train.max(axis=0)
    expect(
        normalize(train=train.copy(), test=test.copy())[1],
        (test - train.mean(axis=0)) / train.std(axis=0),
        "The normalized test set is off.",
        rtol=1e-3,
        atol=1e-3,
        statistics_of_each_set=(test - test.mean(axis=0)) / test.std(axis=0),
        statistics_of_both_sets=(test - together.mean(axis=0)) / together.std(axis=0),
        centered_but_not_scaled=test - train.mean(axis=0),
        min_max_for_standardizing=(test - low) / (high - low),
        one_statistic_for_all_features=(test - train.mean()) / train.std(),
        variance_for_std=(test - train.mean(axis=0)) / train.var(axis=0),
    )


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
"""  # END TEST CONFIG


def test_q7_constant_feature(normalize):
    import numpy as np

    rng = np.random.default_rng(73)
    train, test = rng.standard_normal((2, 64, 3)) + 2
    train[:, 1], test[:, 1] = 3.0, 4.0  # numbers whose mean is exact in any order of summation
    train_new, test_new = (np.asarray(a, dtype=float) for a in normalize(train=train, test=test))
    assert np.isfinite(train_new).all() and np.isfinite(test_new).all(), (
        "A feature that never changes in the training set leads to NaN or infinity."
    )
    assert np.allclose(train_new[:, 1], 0, atol=1e-3), (
        "A feature that never changes is not 0 in the normalized training set."
    )
    assert np.allclose(test_new[:, 1], 1, atol=1e-3), (
        "In the test set, a feature that never changed in the training set is off."
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q8
# points: 8

# %% [markdown]
# ### Question 8. The error on its way down
#
# *(8 points. Help: chapter Xavier and He, section "The same sum, backward"; chapter Vanishing and
# exploding gradients, section "Why: two maps of one number", where the factor of a square layer is
# called $\chi$.)*
#
# Some units feed the layer above through weights `W` of shape `(fan_in, fan_out)`: there are
# `fan_in` of these units, and `fan_out` in the layer above. The error reaches unit $i$ as
# $\delta_i = \phi'(z_i) \sum_j W_{ij}\, \delta'_j$, with $\delta'$ the errors above. By which
# factor is the mean square of the error multiplied in this step?
#
# **a)** Write `delta_factor(fan_in, fan_out, weight_variance, slopes)`, which returns the expected
# factor $\mathbb E[\delta^2] / \mathbb E[\delta'^2]$. The weights have mean 0 and variance
# `weight_variance`, and are taken to be independent of everything else; `slopes` has the slopes
# $\phi'(z)$, measured on a batch, shape `(n_samples, fan_in)`.
#
# *Example.* Two samples:
#
# ```python
# slopes = np.array([[1.0, 0.0], [0.0, 1.0]])
# delta_factor(fan_in=2, fan_out=8, weight_variance=0.5, slopes=slopes)  # 2.0
# ```
#
# **b)** In a network of several layers every step has its factor, as in part a). At the top the
# error has root mean square `rms_top`. Write `rms_at_bottom(factors, rms_top)`, which returns the
# *root* mean square that arrives after all steps.
#
# *Example.* Three steps:
#
# ```python
# rms_at_bottom(factors=[2.0, 2.0, 4.0], rms_top=0.5)  # 2.0
# ```

# %% [raw]
# # BEGIN SOLUTION


# %%
def delta_factor(fan_in, fan_out, weight_variance, slopes):
    """What the mean square of delta is multiplied by, one layer further down."""
    # BEGIN SOLUTION
    return fan_out * weight_variance * np.mean(slopes**2)
    # END SOLUTION


def rms_at_bottom(factors, rms_top):
    """The root mean square of delta after all steps."""
    # BEGIN SOLUTION
    return rms_top * np.sqrt(np.prod(factors))
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: false
"""  # END TEST CONFIG


def test_q8_examples(delta_factor, rms_at_bottom):
    import numpy as np

    slopes = np.array([[1.0, 0.0], [0.0, 1.0]])
    answer = delta_factor(fan_in=2, fan_out=8, weight_variance=0.5, slopes=slopes)
    assert answer is not None, "delta_factor returns nothing yet."
    answer = np.asarray(answer, dtype=float)
    assert answer.shape == (), f"a) Return one number; this has shape {answer.shape}."
    assert np.isclose(answer, 2, rtol=1e-4), f"a) The example gives {answer:g}, not 2."
    answer = rms_at_bottom(factors=[2.0, 2.0, 4.0], rms_top=0.5)
    assert answer is not None, "rms_at_bottom returns nothing yet."
    answer = np.asarray(answer, dtype=float)
    assert answer.shape == (), f"b) Return one number; this has shape {answer.shape}."
    assert np.isclose(answer, 2, rtol=1e-4), f"b) The example gives {answer:g}, not 2."


# %%
""" # BEGIN TEST CONFIG
points: 4
hidden: true
"""  # END TEST CONFIG


def test_q8_factor(delta_factor):
    import numpy as np

    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(81)
    for fan_in, fan_out in ((40, 90), (120, 30)):
        slopes = 1 - np.tanh(2 * rng.standard_normal((25, fan_in))) ** 2
        square = (slopes**2).mean()
        expect(
            delta_factor(
                fan_in=fan_in, fan_out=fan_out, weight_variance=0.03, slopes=slopes.copy()
            ),
            fan_out * 0.03 * square,
            "For the slopes of tanh units the factor is off.",
            rtol=1e-4,
            fan_in_for_fan_out=fan_in * 0.03 * square,
            slope_averaged_before_squaring=fan_out * 0.03 * slopes.mean() ** 2,
            slope_not_squared=fan_out * 0.03 * slopes.mean(),
            slopes_alone=square,
            rms_for_second_moment=np.sqrt(fan_out * 0.03 * square),
        )


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
"""  # END TEST CONFIG


def test_q8_bottom(rms_at_bottom):
    import numpy as np

    from initlab.grading.misconceptions import expect

    factors = np.random.default_rng(82).uniform(0.2, 2.5, 30)
    expect(
        rms_at_bottom(factors=[float(f) for f in factors], rms_top=1.7),
        1.7 * np.sqrt(np.prod(factors)),
        "After thirty steps the root mean square is off.",
        rtol=1e-4,
        atol=0,
        factors_of_the_mean_square_for_rms=1.7 * np.prod(factors),
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q9
# points: 6

# %% [markdown]
# ### Question 9. Where did the numbers end?
#
# *(6 points. Help: chapter Vanishing and exploding gradients, section "Until the numbers end".)*
#
# The loss is `nan`. One layer broke first, and all that was computed after it broke as a
# consequence. Find it.
#
# Write `first_non_finite(z, delta)`. Both are lists with one array for each of the layers
# $1, \dots, L$: `z[0]` and `delta[0]` belong to layer 1, `z[-1]` and `delta[-1]` to layer $L$. Go
# through them *in the order in which they were computed*, first the preactivations, then the
# errors, and return a pair: `"z"` or `"delta"`, and the number of the layer (from 1). An array is
# broken if any of its entries is NaN, infinity or minus infinity. Return `None` if all numbers are
# finite.
#
# *Example.* Three layers of one unit:
#
# ```python
# z = [np.array([[1.0]]), np.array([[np.inf]]), np.array([[np.nan]])]
# first_non_finite(z=z, delta=[np.array([[np.nan]])] * 3)  # ("z", 2)
# ```

# %% [raw]
# # BEGIN SOLUTION


# %%
def first_non_finite(z, delta):
    """Where NaN or infinity appears first: ("z", layer) or ("delta", layer), else None."""
    # BEGIN SOLUTION
    up = [("z", layer, z[layer - 1]) for layer in range(1, len(z) + 1)]
    down = [("delta", layer, delta[layer - 1]) for layer in range(len(delta), 0, -1)]
    for name, layer, array in up + down:
        if not np.isfinite(array).all():
            return name, layer
    return None
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: false
"""  # END TEST CONFIG


def test_q9_example(first_non_finite):
    import numpy as np

    z = [np.array([[value]]) for value in (1.0, np.inf, np.nan)]
    answer = first_non_finite(z=z, delta=[np.array([[np.nan]])] * 3)
    assert answer is not None, "The example gives None, not ('z', 2)."
    assert len(answer) == 2 and tuple(answer) == ("z", 2), (
        f"The example gives {answer}, not ('z', 2)."
    )


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
"""  # END TEST CONFIG


def test_q9_up(first_non_finite):
    import numpy as np

    from initlab.grading.misconceptions import Misconceived

    rng = np.random.default_rng(91)
    for broken, value in ((3, np.nan), (1, -np.inf), (5, np.inf)):
        z = [rng.standard_normal((4, 3)) for _ in range(5)]
        z[broken - 1][2, 1] = value
        for layer in range(broken, 5):
            z[layer][:] = np.nan
        answer = first_non_finite(z=z, delta=[np.full((4, 3), np.nan)] * 5)
        assert answer is not None, "A broken forward pass is not found."
        found = tuple(answer)
        if np.isinf(value) and found == ("z", broken + 1):
            raise Misconceived("infinity-overlooked")
        assert found == ("z", broken), "In a broken forward pass the place is off."


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
"""  # END TEST CONFIG


def test_q9_down(first_non_finite):
    import numpy as np

    from initlab.grading.misconceptions import Misconceived

    rng = np.random.default_rng(92)
    z, delta = ([rng.standard_normal((4, 3)) for _ in range(6)] for _ in "zd")
    assert first_non_finite(z=z, delta=delta) is None, "All numbers are finite: return None."
    delta[3][0, 2] = np.inf
    for layer in range(3):
        delta[layer][:] = np.nan
    answer = first_non_finite(z=z, delta=delta)
    assert answer is not None, "A broken backward pass is not found."
    if tuple(answer) == ("delta", 1):
        raise Misconceived("errors-searched-upward")
    assert tuple(answer) == ("delta", 4), "In a broken backward pass the place is off."


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q10
# points: 10

# %% [markdown]
# ### Question 10. Clip the right thing
#
# *(10 points. Help: chapter Vanishing and exploding gradients, section "Clipping: what it cures
# and what it hides".)*
#
# One step of gradient descent, with *clipping by global norm*. All gradients together are one long
# vector $G$, and $\lVert G\rVert$ is its length: the root of the sum of the squares of all its
# entries. If it is longer than `threshold`, the whole vector is shortened to the length
# `threshold`, so that it keeps its direction; if it is not longer, it stays as it is. Only then
# the step is made, with the learning rate.
#
# Write `clipped_step(weights, gradients, threshold, learning_rate)`. `weights` and `gradients` are
# lists of arrays, of the same shapes in the same order. Return the list of the *new weights*.
#
# *Example.* The gradient has length 5 and is shortened to `[[0.6, 0.0]]` and `[0.8]`:
#
# ```python
# weights = [np.array([[1.0, 1.0]]), np.array([2.0])]
# gradients = [np.array([[3.0, 0.0]]), np.array([4.0])]
# clipped_step(weights=weights, gradients=gradients, threshold=1.0, learning_rate=0.5)
# # [[0.7, 1.0]] and [1.6]
# ```

# %% [raw]
# # BEGIN SOLUTION


# %%
def clipped_step(weights, gradients, threshold, learning_rate):
    """The weights after one step along the gradient, clipped by its global norm."""
    # BEGIN SOLUTION
    norm = np.sqrt(sum(np.sum(G**2) for G in gradients))
    factor = threshold / norm if norm > threshold else 1
    return [W - learning_rate * factor * G for W, G in zip(weights, gradients, strict=True)]
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: false
"""  # END TEST CONFIG


def test_q10_example(clipped_step):
    import numpy as np

    answer = clipped_step(
        weights=[np.array([[1.0, 1.0]]), np.array([2.0])],
        gradients=[np.array([[3.0, 0.0]]), np.array([4.0])],
        threshold=1.0,
        learning_rate=0.5,
    )
    assert answer is not None, "clipped_step returns nothing yet."
    shapes = [np.shape(array) for array in answer]
    assert shapes == [(1, 2), (1,)], f"The new weights have shapes {shapes}, not [(1, 2), (1,)]."
    numbers = np.concatenate([np.ravel(array) for array in answer]).astype(float)
    assert np.allclose(numbers, [0.7, 1.0, 1.6], rtol=1e-4), (
        f"The example gives the weights {numbers}, not [0.7 1 1.6]."
    )


# %%
""" # BEGIN TEST CONFIG
points: 4
hidden: true
"""  # END TEST CONFIG


def test_q10_long(clipped_step):
    import numpy as np

    from initlab.grading.misconceptions import expect

    rng, shapes, rate, threshold = np.random.default_rng(101), [(4, 5), (5,), (5, 2)], 0.3, 2.0
    weights = [3 * rng.standard_normal(shape) for shape in shapes]
    # The second gradient alone is shorter than the threshold, the first alone is longer.
    gradients = [
        size * rng.standard_normal(shape) for size, shape in zip((3, 0.2, 1), shapes, strict=True)
    ]

    def flat(arrays):
        return np.concatenate([np.ravel(array) for array in arrays]).astype(float)

    w, g = flat(weights), flat(gradients)
    norm = np.sqrt((g**2).sum())
    each = flat([G * min(1, threshold / np.linalg.norm(G)) for G in gradients])
    moved = [W - rate * G for W, G in zip(weights, gradients, strict=True)]
    answer = clipped_step(
        weights=weights, gradients=gradients, threshold=threshold, learning_rate=rate
    )
    assert answer is not None, "clipped_step returns nothing."
    assert [np.shape(a) for a in answer] == shapes, "The new weights have other shapes."
    expect(
        flat(answer),
        w - rate * g * threshold / norm,
        "For a gradient longer than the threshold the new weights are off.",
        rtol=1e-4,
        atol=1e-5,
        clipped_each_array=w - rate * each,
        clipped_by_value=w - rate * np.clip(g, -threshold, threshold),
        clipped_the_weights=flat([W * min(1, threshold / np.linalg.norm(W)) for W in moved]),
        clipped_the_step=w - rate * g * min(1, threshold / (rate * norm)),
    )


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
"""  # END TEST CONFIG


def test_q10_short(clipped_step):
    import numpy as np

    from initlab.grading.misconceptions import expect

    rng, rate, threshold = np.random.default_rng(102), 0.3, 5.0
    weights = [3 * rng.standard_normal(shape) for shape in ((4, 5), (5,))]
    gradients = [0.1 * rng.standard_normal(shape) for shape in ((4, 5), (5,))]

    def flat(arrays):
        return np.concatenate([np.ravel(array) for array in arrays]).astype(float)

    w, g = flat(weights), flat(gradients)
    moved = [W - rate * G for W, G in zip(weights, gradients, strict=True)]
    answer = clipped_step(
        weights=weights, gradients=gradients, threshold=threshold, learning_rate=rate
    )
    assert answer is not None, "clipped_step returns nothing."
    expect(
        flat(answer),
        w - rate * g,
        "For a gradient shorter than the threshold the new weights are off.",
        rtol=1e-4,
        atol=1e-5,
        clipped_the_weights=flat([W * min(1, threshold / np.linalg.norm(W)) for W in moved]),
        stretched_to_the_threshold=w - rate * g * threshold / np.sqrt((g**2).sum()),
    )


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
"""  # END TEST CONFIG


def test_q10_no_gradient(clipped_step):
    import numpy as np

    from initlab.grading.misconceptions import expect

    rng = np.random.default_rng(103)
    weights = [3 * rng.standard_normal((6, 4)), 3 * rng.standard_normal(4)]
    right = np.concatenate([W.ravel() for W in weights])
    rescaled = np.concatenate([(W / np.linalg.norm(W)).ravel() for W in weights])
    answer = clipped_step(
        weights=weights,
        gradients=[np.zeros((6, 4)), np.zeros(4)],
        threshold=1.0,
        learning_rate=0.1,
    )
    assert answer is not None, "clipped_step returns nothing."
    expect(
        np.concatenate([np.ravel(array) for array in answer]).astype(float),
        right,
        "Where the gradient is zero the weights should stay as they are.",
        rtol=1e-4,
        clipped_the_weights=rescaled,
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## Part IV. Decisions

# %% [raw]
# # BEGIN QUESTION
# name: q11
# points: 8

# %% [markdown]
# ### Question 11. Which weights, and why?
#
# *(8 points. Help: chapter Xavier and He, sections "Decisions on one page" and "Logistic units:
# where the rule of thumb fails"; chapter Saturation, section "Inputs that are too large, and too
# small".)*
#
# **a)** Four plain networks are to be trained: no normalization layers, no skip connections, all
# layers of equal width. For each, choose the standard deviation of its weights (a capital letter)
# under which, from layer to layer, signal and error keep their size best, and the reason for it (a
# small letter). Each network earns its points only if both are right.
#
# | network | activation function | layers | width | rms of the inputs |
# |---|---|---|---|---|
# | `"relu"` | ReLU | 30 | 150 | 1 |
# | `"leaky"` | leaky ReLU, slope 0.5 | 30 | 150 | 1 |
# | `"tanh"` | tanh | 30 | 150 | 0.01 |
# | `"sigmoid"` | sigmoid (logistic) | 10 | 200 | 1 |
#
# | letter | standard deviation |
# |---|---|
# | **A** | $1/\text{fan\_in}$ |
# | **B** | $\sqrt{1/\text{fan\_in}}$ |
# | **C** | $\sqrt{2/\text{fan\_in}}$ |
# | **D** | $\sqrt{1.6/\text{fan\_in}}$ |
# | **E** | $10/\sqrt{\text{fan\_in}}$ |
# | **F** | $0.01$, whatever the width |
#
# | letter | because |
# |---|---|
# | **p** | half of the mean square is lost in the activation function |
# | **q** | some of the mean square, less than half, is lost in the activation function |
# | **r** | the slope is 1 where the signal is, and it passes unchanged |
# | **s** | the slope is nowhere above a quarter, and the weights must make up for it |
# | **t** | half of the units die during training |
# | **u** | the outputs are bounded, so nothing can explode |
#
# **b)** A network was trained on the body masses of patients in kilograms. The new data come in
# grams, so all inputs are 1000 times larger. You want *exactly the same* training run as before,
# step by step, with plain gradient descent. By which factors must you multiply the first layer's
# initial weights (`"weights"`), and the first layer's learning rate (`"learning_rate"`)? (All else
# stays as it was. The first layer's biases keep their own learning rate.)
#
# Fill in the letters and the two numbers. Letters are written like this: `choice["relu"] = "Bu"`.

# %% [raw]
# # BEGIN SOLUTION

# %%
choice = {"relu": "", "leaky": "", "tanh": "", "sigmoid": ""}
factor = {"weights": 1.0, "learning_rate": 1.0}
# BEGIN SOLUTION NO PROMPT
choice = {"relu": "Cp", "leaky": "Dq", "tanh": "Br", "sigmoid": "Es"}
factor = {"weights": 1 / 1000, "learning_rate": 1 / 1000**2}
# END SOLUTION

# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 1
hidden: false
"""  # END TEST CONFIG


def test_q11_form(choice, factor):
    import numpy as np

    for network in ("relu", "leaky", "tanh", "sigmoid"):
        answer = "".join(choice.get(network, ""))
        good = len(answer) == 2 and answer[0] in "ABCDEF" and answer[1] in "pqrstu"
        assert good, f"choice['{network}'] needs two letters, A to F and p to u, such as 'Bu'."
    for name in ("weights", "learning_rate"):
        number = np.asarray(factor.get(name), dtype=float)
        assert number.shape == () and number > 0, f"factor['{name}'] needs a positive number."
    changed = any(factor[name] != 1 for name in ("weights", "learning_rate"))
    assert changed, "Part b) has not been answered yet: both factors are still 1."


# %%
""" # BEGIN TEST CONFIG
points: 1
hidden: true
"""  # END TEST CONFIG


def test_q11_relu(choice):
    from initlab.grading.misconceptions import Misconceived

    answer = "".join(choice["relu"])
    known = {"B": "glorot-for-relu", "A": "std-inverse-to-fan", "F": "one-small-number-for-all"}
    if answer[:1] in known:
        raise Misconceived(known[answer[:1]])
    if answer == "Ct":
        raise Misconceived("half-of-the-units-die")
    assert answer[:1] == "C", "ReLU: another standard deviation keeps the signal better."
    assert answer == "Cp", "ReLU: the standard deviation is right, and the reason is another one."


# %%
""" # BEGIN TEST CONFIG
points: 1
hidden: true
"""  # END TEST CONFIG


def test_q11_leaky(choice):
    from initlab.grading.misconceptions import Misconceived

    answer = "".join(choice["leaky"])
    known = {
        "A": "std-inverse-to-fan",
        "B": "glorot-for-relu",
        "C": "he-for-leaky",
        "F": "one-small-number-for-all",
    }
    if answer[:1] in known:
        raise Misconceived(known[answer[:1]])
    assert answer[:1] == "D", "Leaky ReLU: another standard deviation keeps the signal better."
    assert answer == "Dq", "Leaky ReLU: the standard deviation is right, the reason is another one."


# %%
""" # BEGIN TEST CONFIG
points: 1
hidden: true
"""  # END TEST CONFIG


def test_q11_tanh(choice):
    from initlab.grading.misconceptions import Misconceived

    answer = "".join(choice["tanh"])
    known = {"A": "std-inverse-to-fan", "C": "he-for-tanh", "F": "one-small-number-for-all"}
    if answer[:1] in known:
        raise Misconceived(known[answer[:1]])
    assert answer[:1] == "B", "tanh: another standard deviation keeps the signal better."
    assert answer == "Br", "tanh: the standard deviation is right, and the reason is another one."


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
"""  # END TEST CONFIG


def test_q11_sigmoid(choice):
    from initlab.grading.misconceptions import Misconceived

    answer = "".join(choice["sigmoid"])
    known = {
        "A": "std-inverse-to-fan",
        "B": "glorot-for-sigmoid",
        "F": "one-small-number-for-all",
    }
    if answer[:1] in known:
        raise Misconceived(known[answer[:1]])
    assert answer[:1] == "E", "sigmoid: another standard deviation keeps the error better."
    assert answer == "Es", "sigmoid: the standard deviation is right, the reason is another one."


# %%
""" # BEGIN TEST CONFIG
points: 2
hidden: true
"""  # END TEST CONFIG


def test_q11_units(factor):
    import numpy as np

    from initlab.grading.misconceptions import expect

    k = 1000.0
    # Compared as powers of k: 1e-3 and 1e-6 are both close to nothing.
    answer = [float(np.log(factor[name]) / np.log(k)) for name in ("weights", "learning_rate")]
    expect(
        answer,
        [-1, -2],
        "The two training runs would not be the same, step by step.",
        rtol=1e-3,
        rate_scaled_like_the_weights=[-1, -1],
        rate_left_alone=[-1, 0],
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## Before you hand it in
#
# Save the notebook, restart the kernel and run all cells from top to bottom, so that nothing
# depends on a cell you have deleted since. Then hand in this one file. A thing to try if you have
# time left: draw weights by your Questions 4 and 5 for thirty layers of 100 ReLU units, and plot
# your two profiles of Question 2 over each other, for He's scale and for Glorot's.
