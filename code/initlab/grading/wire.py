"""Plain data as bytes and back: the only thing that passes between grader and student's code.

A frame is two lengths, a JSON text and the raw bytes of all arrays, one after another. Both sides
use this module; what comes from the student's side is believed in nothing, and no pickle is read.
"""

import json
import math
import struct

import numpy as np

#: The longest text and the most bytes of arrays in one message.
TEXT_LIMIT = 4 * 2**20
ARRAY_LIMIT = 64 * 2**20
#: Lists within lists, counting the message itself.
DEPTH_LIMIT = 16
#: Integers have at most this many bits.
INTEGER_BITS = 1000
HEAD = struct.Struct("<II")
#: A worker whose code goes on after it was stopped for its time ends with this code.
OVERTIME = 124

_CODES = "?bBhHiIqQlLefdFD"  # of two names for one type the common one is the later
_TYPES = {np.dtype(code).str: np.dtype(code) for code in _CODES}
_SCALARS = {np.dtype(code).type for code in _CODES + "gG"}
_AXES = 32
_IDENTIFIER = 40


class Refused(ValueError):
    """A value that is no plain data, or a message that does not say what it should."""


def pack(value, generators: bool = False) -> bytes:
    """``value`` as a frame; raises :class:`Refused` for anything that is no plain data.

    Plain are None, bool, int, float, complex, str, list, tuple, dict with text or whole numbers
    as keys, and arrays and scalars of numpy that hold numbers; its scalars of text go as str.
    Subclasses of the containers go as what they are based on, by methods of the base class;
    numbers must be exactly of their type.
    A ``np.random.Generator`` goes, in its present state, only if ``generators`` is true.
    """
    arrays: list[bytes] = []
    text = json.dumps(_tree(value, arrays, generators, 0), separators=(",", ":")).encode()
    size = sum(map(len, arrays))
    if len(text) > TEXT_LIMIT or size > ARRAY_LIMIT:
        raise Refused(f"too much data: more than {_limit(len(text) > TEXT_LIMIT)}")
    return b"".join([HEAD.pack(len(text), size), text, *arrays])


def body_size(head: bytes) -> int:
    """How many bytes follow this head of a frame; raises :class:`Refused` beyond the limits."""
    text, size = HEAD.unpack(head)
    if text > TEXT_LIMIT or size > ARRAY_LIMIT:
        raise Refused("a message beyond the limits")
    return text + size


def unpack(frame: bytes, generators: bool = False):
    """The value of a whole frame, head included; everything in it is checked."""
    length, size = HEAD.unpack_from(frame)
    if len(frame) != HEAD.size + length + size:
        raise Refused("a message of another length than it says")
    text, arrays = frame[HEAD.size : HEAD.size + length], memoryview(frame)[HEAD.size + length :]
    try:
        tree = json.loads(text.decode("ascii"))
    except (ValueError, RecursionError) as error:
        raise Refused("a message that cannot be read") from error
    rest = _Rest(arrays)
    value = _value(tree, rest, generators, 0)
    if len(rest.arrays):
        raise Refused("a message with bytes left over")
    return value


def _limit(text: bool) -> str:
    return f"{TEXT_LIMIT >> 20} MB of text and lists" if text else f"{ARRAY_LIMIT >> 20} MB"


# ------------------------------------------------------------------ to the wire


def _tree(value, arrays: list[bytes], generators: bool, depth: int):
    """JSON for a value; raw bytes of arrays are appended to ``arrays``."""
    kind = type(value)
    if depth > DEPTH_LIMIT:
        raise Refused(f"data nested more than {DEPTH_LIMIT} deep")
    if value is None or kind in (bool, float, str, np.str_):
        return value
    if kind is int:
        return _bounded(value)
    if kind is complex:
        return {"c": [value.real, value.imag]}
    if kind in _SCALARS:
        return {"n": _raw(np.ndarray.__array__(np.array(value)), arrays)[0]}
    if issubclass(kind, np.ndarray):
        return {"a": _raw(np.ndarray.__array__(value), arrays)}

    def inner(entry):
        return _tree(entry, arrays, generators, depth + 1)

    if issubclass(kind, list):
        return [inner(entry) for entry in list.__iter__(value)]
    if issubclass(kind, tuple):
        return {"t": [inner(entry) for entry in tuple.__iter__(value)]}
    if issubclass(kind, dict):
        return {"d": [[_key(key), inner(entry)] for key, entry in dict.items(value)]}
    if generators and kind is np.random.Generator:
        return {"g": inner(value.bit_generator.state)}
    raise Refused(f"a value of type {_type_name(kind)}")


def _type_name(kind: type) -> str:
    """The name of a type, which may have been made up to be troublesome."""
    name = type.__dict__["__name__"].__get__(kind)
    return name[:_IDENTIFIER] if name.isidentifier() and name.isascii() else "unknown"


def _bounded(value: int) -> int:
    if value.bit_length() > INTEGER_BITS:
        raise Refused(f"a whole number of more than {INTEGER_BITS} bits")
    return value


def _key(key):
    if type(key) is int:
        return _bounded(key)
    if type(key) is not str:
        raise Refused(f"a dict with a key of type {_type_name(type(key))}")
    return key


def _raw(array: np.ndarray, arrays: list[bytes]) -> list:
    dtype = array.dtype
    if dtype.kind not in "biufc":
        raise Refused(f"an array of dtype {_type_name(dtype.type)}")
    if dtype.str not in _TYPES:  # the other byte order, or longer than a double
        dtype = dtype.newbyteorder("=")
        dtype = dtype if dtype.str in _TYPES else np.dtype("D" if dtype.kind == "c" else "d")
        array = array.astype(dtype)
    if array.nbytes > ARRAY_LIMIT:
        raise Refused(f"too much data: more than {_limit(False)}")
    arrays.append(array.tobytes())
    return [dtype.str, list(array.shape)]


# ------------------------------------------------------------------ from the wire


class _Rest:
    """The bytes of arrays that are still to be taken."""

    def __init__(self, arrays: memoryview):
        self.arrays = arrays

    def take(self, dtype, shape) -> np.ndarray:
        """The next array, checked before anything is made of it."""
        if type(dtype) is not str or dtype not in _TYPES:
            raise Refused("an array of no known dtype")
        if type(shape) is not list or len(shape) > _AXES:
            raise Refused("an array without a shape")
        if any(type(n) is not int or not 0 <= n <= ARRAY_LIMIT for n in shape):
            raise Refused("an array of impossible shape")
        if math.prod(n for n in shape if n) > ARRAY_LIMIT:  # numpy fails there, zeros or not
            raise Refused("an array of impossible shape")
        dtype = _TYPES[dtype]
        size = math.prod(shape) * dtype.itemsize
        if size > len(self.arrays):
            raise Refused("an array longer than its bytes")
        taken, self.arrays = self.arrays[:size], self.arrays[size:]
        if dtype.kind == "b":  # a byte that is neither 0 nor 1 would be true and false at once
            return np.ndarray(shape, np.uint8, bytes(taken)) != 0
        return np.ndarray(shape, dtype, bytes(taken)).copy()


def _value(tree, rest: _Rest, generators: bool, depth: int):
    """The value that :func:`_tree` wrote, or :class:`Refused`."""
    if depth > DEPTH_LIMIT:
        raise Refused(f"data nested more than {DEPTH_LIMIT} deep")
    if type(tree) is int:
        return _bounded(tree)
    if type(tree) is list:
        return [_value(entry, rest, generators, depth + 1) for entry in tree]
    if type(tree) is not dict:
        return tree  # None, bool, float, str: JSON knows nothing else
    if len(tree) != 1:
        raise Refused("a message with an unknown mark")
    ((mark, content),) = tree.items()
    if mark == "g" and generators:
        return _generator(_value(content, rest, generators, depth + 1))
    if mark == "n":
        return rest.take(content, [])[()]
    if type(content) is not list or mark not in ("t", "d", "c", "a"):
        raise Refused("a message with an unknown mark")
    if mark == "t":
        return tuple(_value(entry, rest, generators, depth + 1) for entry in content)
    if mark == "d":
        return dict(_pair(entry, rest, generators, depth) for entry in content)
    if len(content) != 2:
        raise Refused("a message with an unknown mark")
    if mark == "c":
        if any(type(part) is not float for part in content):
            raise Refused("a complex number without two parts")
        return complex(*content)
    return rest.take(*content)


def _pair(entry, rest: _Rest, generators: bool, depth: int) -> tuple:
    if type(entry) is not list or len(entry) != 2 or type(entry[0]) not in (int, str):
        raise Refused("a dict without pairs")
    return _key(entry[0]), _value(entry[1], rest, generators, depth + 1)


def _generator(state: dict) -> np.random.Generator:
    bits = getattr(np.random, state["bit_generator"])()
    bits.state = state
    return np.random.Generator(bits)
