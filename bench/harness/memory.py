"""Arrays for kernels, and how fast this machine moves bytes.

All competitors work on the same arrays, so that none has the luckier addresses. Arrays start at a multiple
of 64 bytes, or `skew` bytes behind one, each at another distance from a page, so that they do not meet in the same sets of a cache.
"""
import ctypes
import mmap
import random

PAGE, LINE, STAGGER, HUGE = 4096, 64, 5 * 64, 1 << 22
STREAMS = ["copy", "copy nt", "triad", "triad nt", "update", "read"]
STREAM_ARRAYS = {"copy": 2, "copy nt": 2, "triad": 3, "triad nt": 3, "update": 3, "read": 1}  # that a pass must move
STREAM_FLOATS = 1 << 24


class Memory:
    """Arrays of one kernel: described by `arrays` (catalogue.Array), accessible as ctypes arrays."""

    def __init__(self, arrays, skew):
        self.descriptions = arrays
        places, end = [], 0
        for number, array in enumerate(arrays):
            start = -(-end // PAGE) * PAGE + number * STAGGER % PAGE + skew
            places.append(start)
            end = start + max(LINE, array.count * ctypes.sizeof(array.ctype))
        self.block = map_pages(end + PAGE)
        self.arrays = [(array.ctype * array.count).from_buffer(self.block, place)
                       for array, place in zip(arrays, places)]
        self.addresses = [ctypes.addressof(array) for array in self.arrays]
        self.first = [None] * len(arrays)

    def fill(self):
        """The values that the catalogue promises; the same each time."""
        for i, (array, description) in enumerate(zip(self.arrays, self.descriptions)):
            if self.first[i] is None:
                self.first[i] = first_block(description, random.Random(7 + i))
            spread(array, self.first[i])

    def outputs(self):
        """Copies of the arrays whose values are compared."""
        return [(d, type(a).from_buffer_copy(a)) for a, d in zip(self.arrays, self.descriptions) if d.is_out]


def map_pages(size):
    """Memory of this process alone: what is shared gets no huge pages."""
    block = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if size >= HUGE:
        block.madvise(mmap.MADV_HUGEPAGE)
    return block


def first_block(description, rng):
    """The first 65536 values, or all for `iota`."""
    count = min(description.count, 65536)
    if description.fill == "zeros":
        return (description.ctype * count)()
    if description.fill.startswith("iota"):
        return (description.ctype * description.count)(*range(0, description.count * description.step, description.step))
    if description.fill == "shuffled":
        values = list(range(description.count))
        rng.shuffle(values)
        return (description.ctype * description.count)(*values)
    low, high = description.low, description.high
    pick = rng.uniform if description.type.startswith("f") else lambda a, b: rng.randint(int(a), int(b))
    return (description.ctype * count)(*[pick(low, high) for _ in range(count)])


def spread(array, block):
    """Repeats `block` over the array."""
    size, step = ctypes.sizeof(array), ctypes.sizeof(block)
    for start in range(0, size, step):
        ctypes.memmove(ctypes.addressof(array) + start, block, min(step, size - start))


class Streams:
    """Plain passes over arrays of 64 MiB. The bytes of a pass are those that it must move: what is read once, and
    what is written once."""

    def __init__(self, library):
        self.library = library.stream_seconds
        self.library.restype = ctypes.c_double
        self.library.argtypes = [ctypes.c_int] + 2 * [ctypes.c_int64] + 3 * [ctypes.c_void_p]
        size = 4 * STREAM_FLOATS
        self.block = map_pages(3 * size)
        start = ctypes.addressof(ctypes.c_char.from_buffer(self.block))
        ctypes.memset(start, 1, 3 * size)  # memory that nobody wrote to is one page of zeros, read from the cache
        self.addresses = [start, start + size, start + 2 * size]

    def bytes(self, name):
        return 4 * STREAM_FLOATS * STREAM_ARRAYS[name]

    def seconds(self, name, calls=1):
        return self.library(STREAMS.index(name), calls, STREAM_FLOATS, *self.addresses)

    def rates(self, rounds):
        """GB/s of each stream, best of `rounds`."""
        best = {name: 0.0 for name in STREAMS}
        for _ in range(rounds):
            for name in STREAMS:
                best[name] = max(best[name], self.bytes(name) / self.seconds(name) / 1e9)
        return best
