"""Runs one kernel: compares the competitors' results, then lets them take turns.

A round gives each competitor a few bursts, of which the best counts, and starts with another competitor each
time. What else the machine does then meets all of them alike, and what falls into a burst is left out.
"""
import ctypes
import statistics
import time

from harness import build, memory

OUT_OF_CACHE = 1 << 26  # bytes of all arrays


class Runner:
    """One kernel with its arrays."""

    def __init__(self, kernel, built, support, numpy):
        self.kernel, self.support = kernel, support
        self.memory = memory.Memory(kernel.arrays, kernel.skew)
        self.glue = getattr(ctypes.CDLL(built.glue), build.symbol_of(kernel))
        self.size = (ctypes.c_int64 * max(1, len(kernel.sizes)))(*kernel.sizes.values())
        self.pointers = (ctypes.c_void_p * max(1, len(kernel.arrays)))(*self.memory.addresses)
        self.libraries = {name: ctypes.CDLL(path) for name, path in built.libraries_of(kernel).items()}
        self.competitors = {name: self.by_address(library) for name, library in self.libraries.items()}
        if numpy and kernel.numpy:
            self.competitors["numpy"] = self.by_numpy(numpy)

    def by_address(self, library):
        """A function of a number of calls: seconds, and the last value returned."""
        address = ctypes.cast(getattr(library, self.kernel.function), ctypes.c_void_p)

        def run(calls):
            value, seconds = ctypes.c_double(), ctypes.c_double()
            self.glue(address, self.pointers, self.size, ctypes.c_int64(calls), ctypes.byref(value),
                      ctypes.byref(seconds))
            return seconds.value, value.value
        return run

    def by_numpy(self, numpy):
        names = {"np": numpy, **self.kernel.sizes}
        for array, values in zip(self.kernel.arrays, self.memory.arrays):
            names[array.name] = numpy.frombuffer(values, dtype=values._type_).reshape(array.shape)
        code = compile(self.kernel.numpy, self.kernel.name, "eval")

        def run(calls):
            start = time.perf_counter()
            for _ in range(calls):
                value = eval(code, names)
            return time.perf_counter() - start, float(value) if self.kernel.returns else 0.0
        return run

    def results(self, name):
        self.memory.fill()
        _, value = self.competitors[name](1)
        value = value if self.kernel.returns else 0.0
        return [(None, (ctypes.c_double * 1)(value))] + self.memory.outputs()

    def difference(self, name, reference):
        """What disagrees with `reference`, or None."""
        for (description, mine), (_, theirs) in zip(self.results(name), reference):
            first = ctypes.c_int64()
            differing = getattr(self.support, f"differing_{description.type if description else 'f64'}")
            bad = differing(ctypes.c_int64(len(mine)), mine, theirs, ctypes.c_double(self.kernel.tolerance),
                            ctypes.byref(first))
            if bad > self.kernel.unequal * len(mine):
                what = description.name if description else "the result"
                values = f"{mine[first.value]:.9g}, not {theirs[first.value]:.9g}, at {first.value}"
                return f"{what}: {values}; {bad} of {len(mine)}"
        return None

    def differences(self):
        """Who disagrees with gcc, and how."""
        reference = self.results("gcc")
        found = {name: self.difference(name, reference) for name in self.competitors if name != "gcc"}
        return {name: text for name, text in found.items() if text}

    def add_streams(self):
        """Streams that move as many bytes as the kernel, as competitors, when its arrays are larger than caches."""
        if not self.is_out_of_cache():
            return
        streams = memory.Streams(self.support)
        for name in self.stream_names():
            scale = self.kernel.bytes / streams.bytes(name)
            self.competitors[name] = lambda calls, name=name, scale=scale: (scale * streams.seconds(name, calls), 0.0)

    def is_out_of_cache(self):
        return self.kernel.bytes > 0 and self.kernel.size_of_arrays >= OUT_OF_CACHE

    def stream_names(self):
        return [name for name in memory.STREAMS if name.split()[0] == self.kernel.stream]


def calls_for(run, seconds):
    """How many calls take about `seconds`."""
    calls = 1
    while True:
        taken, _ = run(calls)
        if taken >= seconds / 2 or calls >= 1 << 30:
            return max(1, int(calls * seconds / max(taken, 1e-9)))
        calls *= 2 if taken > seconds / 16 else 8


def samples(runner, rounds, bursts, burst_seconds):
    """Seconds a call: a list for each competitor, one entry a round."""
    runner.memory.fill()
    names = list(runner.competitors)
    counts = {name: calls_for(runner.competitors[name], burst_seconds) for name in names}
    taken = {name: [] for name in names}
    for turn in range(rounds):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            run = runner.competitors[name]
            taken[name].append(min(run(counts[name])[0] for _ in range(bursts)) / counts[name])
    return taken


class Ratio:
    """How many times longer one takes than another: the median over rounds, and the distance of the quartiles as a
    share of it."""

    def __init__(self, others, mine):
        ratios = [a / b for a, b in zip(others, mine)]
        self.value = statistics.median(ratios)
        low, _, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else (self.value,) * 3
        self.spread = (high - low) / self.value
