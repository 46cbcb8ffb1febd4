"""Reads kernels.toml: which kernels there are, on what they work, and what counts as the same result."""
import ctypes
import math
import re
import sys
import tomllib

TYPES = {"i8": ("int8_t", ctypes.c_int8), "u8": ("uint8_t", ctypes.c_uint8),
         "i16": ("int16_t", ctypes.c_int16), "u16": ("uint16_t", ctypes.c_uint16),
         "i32": ("int32_t", ctypes.c_int32), "u32": ("uint32_t", ctypes.c_uint32),
         "i64": ("int64_t", ctypes.c_int64), "f32": ("float", ctypes.c_float), "f64": ("double", ctypes.c_double)}
GROUP_KEYS = {"title", "against", "aim", "defaults"}
ROW_KEYS = {"file", "sizes", "arrays", "call", "returns", "tolerance", "unequal", "bytes", "flops", "numpy",
            "stream", "at", "ramp", "ordered", "fast", "skew"}


class Array:
    """`f32[n, m] in -1 1`: element type, shape, and what it holds before: random between two bounds, or `zeros`,
    `iota` (0, 1, 2, or multiples of what follows), `shuffled` (0 to n-1). Results are compared if the word `out`
    follows."""
    PATTERN = re.compile(r"(\w+)\[([^\]]*)\]\s*(zeros|iota(?: (\d+))?|shuffled|in (\S+) (\S+))\s*(out)?$")

    def __init__(self, name, text, sizes):
        match = self.PATTERN.match(text)
        if not match or match[1] not in TYPES:
            sys.exit(f"kernels.toml: `{text}` describes no array")
        self.name = name
        self.type, shape, self.fill, step, low, high, out = match.groups()
        self.ctype = TYPES[self.type][1]
        self.low, self.high, self.step = float(low or 0), float(high or 0), int(step or 1)
        self.shape = [evaluate(part, sizes) for part in shape.split(",")]
        self.count = math.prod(self.shape)
        self.is_out = out is not None


class Group:
    def __init__(self, name, table):
        self.name = name
        self.title = table.get("title", name)
        self.against = table.get("against", "best")
        self.aim = table.get("aim", 1.0)


class Kernel:
    """One line of the table: a function at one size."""

    def __init__(self, name, group, row, sizes):
        unknown = set(row) - ROW_KEYS
        if unknown:
            sys.exit(f"kernels.toml: {name} has an unknown key `{unknown.pop()}`")
        self.name, self.group, self.sizes = name, group, sizes
        self.call = row["call"]
        self.function = self.call.split("(")[0]
        self.file = row.get("file", self.function)
        self.arrays = [Array(key, text, sizes) for key, text in row.get("arrays", {}).items()
                       if re.search(rf"\b{key}\b", self.call)]
        self.returns = row.get("returns", False)
        self.ramp = row.get("ramp")
        self.skew = row.get("skew", 0)
        self.ordered, self.fast = row.get("ordered", False), row.get("fast", False)
        self.tolerance = row.get("tolerance", 1e-5)
        self.unequal = row.get("unequal", 0.0)
        self.bytes = evaluate(row.get("bytes", 0), sizes)
        self.flops = evaluate(row.get("flops", 0), sizes)
        self.stream = row.get("stream", "copy" if any(a.is_out for a in self.arrays) else "read")
        self.numpy = row.get("numpy")
        self.size_of_arrays = sum(ctypes.sizeof(a.ctype) * a.count for a in self.arrays)


def evaluate(text, sizes):
    return int(eval(str(text), {"__builtins__": {}}, dict(sizes)))


def kernels_of_row(name, group, row):
    """One kernel, or one for each size in `at = { n = [...] }`."""
    sizes = row.get("sizes", {})
    if "at" not in row:
        return [Kernel(name, group, row, sizes)]
    (size, values), = row["at"].items()
    return [Kernel(f"{name}/{value}", group, row, {**sizes, size: value}) for value in values]


def with_defaults(row, defaults):
    """Sizes and arrays of the group remain beside those of the line."""
    full = {**defaults, **row}
    for key in ("sizes", "arrays"):
        full[key] = {**defaults.get(key, {}), **row.get(key, {})}
    return full


def load(path):
    """All kernels in the order of the file."""
    with open(path, "rb") as file:
        groups = tomllib.load(file)
    kernels = []
    for group_name, table in groups.items():
        group = Group(group_name, table)
        defaults = table.get("defaults", {})
        for name, row in table.items():
            if name not in GROUP_KEYS:
                kernels += kernels_of_row(name, group, with_defaults(row, defaults))
    names = [kernel.name for kernel in kernels]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        sys.exit(f"kernels.toml has `{twice.pop()}` twice")
    return kernels


def select(kernels, wanted):
    """Those of which a name matches one of `wanted` as a whole; all if there are none."""
    for text in wanted:
        if not any(matches(kernel, text) for kernel in kernels):
            sys.exit(f"kernels.toml has no `{text}`")
    return [kernel for kernel in kernels if not wanted or any(matches(kernel, text) for text in wanted)]


def matches(kernel, text):
    names = (kernel.group.name, kernel.name, kernel.name.split("/")[0])
    return any(re.fullmatch(text, name) for name in names)
