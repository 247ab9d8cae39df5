"""Plain data comes over the wire as it was; nothing else comes, and no frame is believed."""

import json
from collections import Counter, OrderedDict, namedtuple

import numpy as np
import pytest

from initlab.grading import wire
from initlab.grading.wire import HEAD, Refused, pack, unpack


def frame(tree, arrays=b""):
    """A frame written by hand."""
    text = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    return HEAD.pack(len(text), len(arrays)) + text + arrays


def same(a, b):
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray | np.generic):
        return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(map(same, a.values(), b.values()))
    return repr(a) == repr(b)


PLAIN = [
    None, True, False, 0, -7, 10**300, 0.1, -0.0, float("nan"), float("inf"), 1e-320, 2 - 3j,
    "", "a\n\"ü\ud800\U0001f600", [], [1, [2.0, "x"], ()], (), (1, (2,)), {},
    {"a": [1], 2: {"b": None}}, np.arange(3),
    {"c": [1.0, 2.0], "t": 1}, {"a": ["<f8", [2]]},
    np.float64(0.1), np.float32(0.1), np.int64(-3), np.uint8(200), np.bool_(True), np.complex64(1j),
    np.arange(6.0).reshape(2, 3), np.zeros((0, 3)), np.array(5), np.array([True, False]),
    np.arange(12, dtype=np.int16).reshape(3, 4).T, np.ones((2, 2), np.float16),
    [np.ones(2), {"w": np.arange(3, dtype=np.uint32)}, np.zeros(())],
]  # fmt: skip


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_plain_data_comes_back_as_it_was(value):
    assert same(unpack(pack(value)), value)


def test_text_of_numpy_comes_as_text():
    assert same(unpack(pack(list(np.array(["zero", "alive"])))), ["zero", "alive"])


def test_same_can_tell():
    assert not same(1, True)
    assert not same(1.0, np.float64(1))
    assert not same(np.ones(2), np.ones(2, np.float32))
    assert not same([1, (2,)], [1, [2]])
    assert not same(0.0, -0.0)


def test_arrays_come_back_writable_and_on_their_own():
    array = np.arange(3.0)
    back = unpack(pack(array))
    back[0] = 9
    assert array[0] == 0


def test_subclasses_of_containers_come_as_what_they_are_based_on():
    point = namedtuple("point", "x y")

    class Sly(np.ndarray):
        def __array__(self, *args, **kwargs):
            return np.ones(3)

        def tobytes(self, *args):
            return b"\0" * 24

        __eq__ = __ge__ = lambda *args: np.bool_(True)

    class Liar(dict):
        def items(self):
            return [("a", 2)]

    assert same(unpack(pack(point(1, 2))), (1, 2))
    assert same(unpack(pack(Counter("aab"))), {"a": 2, "b": 1})
    assert same(unpack(pack(OrderedDict(b=1))), {"b": 1})
    assert same(unpack(pack(Liar(a=1))), {"a": 1})
    assert same(unpack(pack(np.arange(3.0).view(Sly))), np.arange(3.0))


def test_other_byte_order_and_long_doubles_become_common():
    assert same(unpack(pack(np.arange(3, dtype=">f4"))), np.arange(3, dtype="<f4"))
    assert same(unpack(pack(np.arange(3, dtype=np.longdouble))), np.arange(3.0))
    assert same(unpack(pack(np.longdouble(0.5))), np.float64(0.5))
    assert same(unpack(pack(np.longlong(4))), np.int64(4))


class Number(float):
    pass


class Everything:
    def __eq__(self, other):
        return True


Odd = type("no\nname", (), {})
deep: list = []
for _ in range(wire.DEPTH_LIMIT + 1):
    deep = [deep]
ring: list = []
ring.append(ring)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (Everything(), "a value of type Everything"),
        (Number(1), "a value of type Number"),
        (Odd(), "a value of type unknown"),
        (..., "a value of type ellipsis"),
        (b"x", "a value of type bytes"),
        ({1}, "a value of type set"),
        (len, "a value of type builtin_function_or_method"),
        (lambda: 0, "a value of type function"),
        ((i for i in range(3)), "a value of type generator"),
        (Everything, "a value of type type"),
        ([1, {"a": object()}], "a value of type object"),
        ({1.0: 2}, "a dict with a key of type float"),
        ({True: 2}, "a dict with a key of type bool"),
        ({(1,): 2}, "a dict with a key of type tuple"),
        (1 << wire.INTEGER_BITS, "a whole number of more than 1000 bits"),
        (np.array([None]), "an array of dtype object_"),
        (np.array(["a"]), "an array of dtype str_"),
        (np.zeros(2, "f8,i4"), "an array of dtype void"),
        (np.datetime64("2020"), "a value of type datetime64"),
        (np.random.Generator(np.random.PCG64(1)), "a value of type Generator"),
        (deep, "data nested more than 16 deep"),
        (ring, "data nested more than 16 deep"),
        (np.zeros(wire.ARRAY_LIMIT // 8 + 1), "too much data: more than 64 MB"),
        ([np.zeros(wire.ARRAY_LIMIT // 16 + 1)] * 2, "too much data: more than 64 MB"),
        ("x" * wire.TEXT_LIMIT, "too much data: more than 4 MB of text and lists"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 99 else "",
)
def test_nothing_else_is_sent(value, reason):
    with pytest.raises(Refused) as caught:
        pack(value)
    assert str(caught.value) == reason


@pytest.mark.parametrize("kind", ["PCG64", "MT19937", "SFC64", "Philox"])
def test_generators_arrive_in_their_state(kind):
    rng = np.random.Generator(getattr(np.random, kind)(5))
    rng.normal(size=3)
    back = unpack(pack([rng], generators=True), generators=True)[0]
    assert np.array_equal(back.normal(size=4), rng.normal(size=4))


def test_generators_come_only_where_they_are_asked_for():
    sent = pack(np.random.Generator(np.random.PCG64(1)), generators=True)
    with pytest.raises(Refused, match="unknown mark"):
        unpack(sent)


ONE = np.ones(1).tobytes()


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (frame(b"{"), "cannot be read"),
        (frame(b""), "cannot be read"),
        (frame("ü".encode()), "cannot be read"),
        (frame(b"[" * 10**5), "cannot be read"),
        (frame(b"1" * 5000), "cannot be read"),
        (frame(b"9" * 400), "more than 1000 bits"),
        (frame(b"[" * 20 + b"]" * 20), "nested more than 16 deep"),
        (frame({"x": 1}), "unknown mark"),
        (frame({}), "unknown mark"),
        (frame({"t": [], "d": []}), "unknown mark"),
        (frame({"t": 5}), "unknown mark"),
        (frame({"g": {"d": [["bit_generator", "PCG64"]]}}), "unknown mark"),
        (frame({"c": [1.0]}), "unknown mark"),
        (frame({"c": [1.0, "x"]}), "without two parts"),
        (frame({"d": [[1]]}), "without pairs"),
        (frame({"d": [[None, 1]]}), "without pairs"),
        (frame({"d": [[True, 1]]}), "without pairs"),
        (frame({"a": ["|O", [1]]}, ONE), "no known dtype"),
        (frame({"a": ["<U2", [1]]}, ONE), "no known dtype"),
        (frame({"a": ["f8,f8", [1]]}, ONE), "no known dtype"),
        (frame({"a": [["<f8"], [1]]}, ONE), "no known dtype"),
        (frame({"n": "|O"}, ONE), "no known dtype"),
        (frame({"n": 1}, ONE), "no known dtype"),
        (frame({"a": ["<f8", 1]}, ONE), "without a shape"),
        (frame({"a": ["<f8", [1] * 99]}, ONE), "without a shape"),
        (frame({"a": ["<f8", [-1]]}, ONE), "impossible shape"),
        (frame({"a": ["<f8", [-1, -1]]}, ONE), "impossible shape"),
        (frame({"a": ["<f8", [1.0]]}, ONE), "impossible shape"),
        (frame({"a": ["<f8", [True]]}, ONE), "impossible shape"),
        (frame({"a": ["<f8", [0, 10**30]]}), "impossible shape"),
        (frame({"a": ["<f8", [0, 10**7, 10**7]]}), "impossible shape"),
        (frame({"a": ["<f8", [2]]}, ONE), "longer than its bytes"),
        (frame({"a": ["<f8", [1]]}, ONE + b"x"), "left over"),
        (frame(1, ONE), "left over"),
        (frame(1) + b"x", "another length"),
        (frame(1)[:-1], "another length"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_frame_is_not_believed(sent, reason):
    with pytest.raises(Refused, match=reason):
        unpack(sent)


def test_a_truth_value_is_true_or_false():
    # A byte of 2 in an array of bool is neither equal to True nor to False in numpy's own view.
    back = unpack(frame({"a": ["|b1", [3]]}, b"\0\1\2"))
    assert back.tobytes() == b"\0\1\1"


@pytest.mark.parametrize("lengths", [(wire.TEXT_LIMIT + 1, 0), (0, wire.ARRAY_LIMIT + 1)])
def test_no_head_announces_more_than_the_limit(lengths):
    with pytest.raises(Refused, match="beyond the limits"):
        wire.body_size(HEAD.pack(*lengths))


def test_the_head_says_what_follows():
    sent = pack([np.ones(3), "text"])
    assert wire.body_size(sent[: HEAD.size]) == len(sent) - HEAD.size
