"""Kernels of kc beside the same kernels in C, in one process, taking turns, results compared.

    python3 bench/kernels.py --kc build/kc [NAME...]

A kernel is one `.k` and one `.c` file in bench/kernels/, which define functions of one name and one C
signature, and a line in kernels.toml. The C file is compiled by gcc and by clang with
`-O3 -march=native`, each without and with `-ffast-math`. For every kernel each competitor runs once on
the same inputs, and its results are compared with gcc's; then all are timed in rounds, one sample of
each in every round, so that what else the machine does meets all of them. A sample is as many calls as take
about a millisecond. The table gives the median of kc's samples, and how many times longer the others take.
"""
import argparse
import ctypes
import math
import os
import random
import re
import statistics
import subprocess
import sys
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
TYPES = {"i8": ("int8_t", ctypes.c_int8), "u8": ("uint8_t", ctypes.c_uint8),
         "i32": ("int32_t", ctypes.c_int32), "u32": ("uint32_t", ctypes.c_uint32),
         "i64": ("int64_t", ctypes.c_int64), "f32": ("float", ctypes.c_float), "f64": ("double", ctypes.c_double)}
SAMPLE_SECONDS = 1e-3

GLUE = """/* Calls one kernel many times. */
#define _POSIX_C_SOURCE 200809L
#include <stdint.h>
#include <time.h>
#include "{header}"

void kernel_time(void (*address)(void), void **array, const int64_t *size, int64_t calls, double *result,
                 double *seconds) {{
    __typeof__({function}) *{function}_ = (__typeof__({function}) *)address;
    struct timespec from, to;
    double value = 0;
{names}
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int64_t i = 0; i < calls; i++) {{
        {call};
        __asm__ volatile("" ::: "memory");
    }}
    clock_gettime(CLOCK_MONOTONIC, &to);
    *result = value;
    *seconds = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
}}
"""


class Array:
    """`f32[n, m] in -1 1`: element type, shape, and what it holds before: random between two bounds, or `zeros`,
    or `iota`. Results are compared if the word `out` follows."""
    PATTERN = re.compile(r"(\w+)\[([^\]]*)\]\s*(zeros|iota|in (\S+) (\S+))?\s*(out)?$")

    def __init__(self, text, sizes):
        match = self.PATTERN.match(text)
        if not match:
            sys.exit(f"kernels.toml: `{text}` describes no array")
        self.type, shape, self.fill, low, high, out = match.groups()
        self.low, self.high = float(low or 0), float(high or 0)
        self.count = math.prod(int(eval(part, {}, sizes)) for part in shape.split(","))
        self.is_out = out is not None

    def make(self, rng):
        ctype = TYPES[self.type][1]
        if self.fill is None or self.fill == "zeros":
            return (ctype * self.count)()
        if self.fill == "iota":
            return (ctype * self.count)(*range(self.count))
        pick = rng.uniform if self.type.startswith("f") else lambda a, b: rng.randint(int(a), int(b))
        block = [pick(self.low, self.high) for _ in range(min(self.count, 65536))]
        repeated = block * (self.count // len(block) + 1)
        return (ctype * self.count)(*repeated[:self.count])


class Kernel:
    def __init__(self, name, row):
        self.name = name
        self.sizes = row.get("sizes", {})
        self.file = row.get("file", name)
        self.call = row["call"]
        self.function = self.call.split("(")[0]
        self.arrays = {key: Array(text, self.sizes) for key, text in row.get("arrays", {}).items()}
        self.returns = row.get("returns", False)
        self.tolerance = row.get("tolerance", 1e-5)
        self.unequal = row.get("unequal", 0.0)
        self.bytes = eval(str(row.get("bytes", 0)), {}, self.sizes)
        self.flops = eval(str(row.get("flops", 0)), {}, self.sizes)

    def glue(self, header):
        names = [f"    int64_t {name} = size[{i}]; (void){name};" for i, name in enumerate(self.sizes)]
        names += [f"    {TYPES[a.type][0]} *{name} = array[{i}];" for i, (name, a) in enumerate(self.arrays.items())]
        call = self.call.replace(self.function + "(", self.function + "_(", 1)
        call = f"value = (double){call}" if self.returns else call
        return GLUE.format(header=header, function=self.function, names="\n".join(names), call=call)


def sh(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"failed: {' '.join(command)}\n{done.stderr}")


class Builder:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.built = {}

    def path(self, name):
        return os.path.join(self.folder, name)

    def competitors(self, file):
        """Shared libraries by the competitor's name; kc first."""
        if file in self.built:
            return self.built[file]
        source = os.path.join(HERE, "kernels", file)
        found = {"kc": self.path(f"{file}.kc.so")}
        sh([self.options.kc, "build", source + ".k", "-march=native", "-o", self.path(file + ".o")])
        sh([self.options.cc, "-shared", "-o", found["kc"], self.path(file + ".o"), self.options.runtime, "-lpthread"])
        for compiler in (self.options.cc, self.options.clang):
            for label, flags in (("", []), (" fast", ["-ffast-math"])):
                name = os.path.basename(compiler) + label
                found[name] = self.path(f"{file}.{name.replace(' ', '.')}.so")
                sh([compiler, "-std=c11", "-O3", "-march=native", *flags, "-shared", "-fPIC", "-o", found[name],
                    source + ".c", "-lm"])
        self.built[file] = found
        return found

    def glue(self, kernel):
        source, library = self.path(kernel.name + ".glue.c"), self.path(kernel.name + ".glue.so")
        with open(source, "w") as out:
            out.write(kernel.glue(kernel.file + ".h"))
        sh([self.options.cc, "-std=gnu11", "-O1", "-shared", "-fPIC", "-I", self.folder, "-o", library, source])
        return ctypes.CDLL(library).kernel_time


class Runner:
    """One kernel with its inputs."""

    def __init__(self, kernel, builder):
        self.kernel = kernel
        self.libraries = {name: ctypes.CDLL(path) for name, path in builder.competitors(kernel.file).items()}
        self.time = builder.glue(kernel)
        self.size = (ctypes.c_int64 * max(1, len(kernel.sizes)))(*kernel.sizes.values())

    def inputs(self):
        rng = random.Random(7)
        return [array.make(rng) for array in self.kernel.arrays.values()]

    def calls(self, name, arrays, count):
        """Seconds for `count` calls, and the last value returned."""
        pointers = (ctypes.c_void_p * max(1, len(arrays)))(*[ctypes.addressof(a) for a in arrays])
        address = ctypes.cast(getattr(self.libraries[name], self.kernel.function), ctypes.c_void_p)
        result, seconds = ctypes.c_double(), ctypes.c_double()
        self.time(address, pointers, self.size, ctypes.c_int64(count), ctypes.byref(result), ctypes.byref(seconds))
        return seconds.value, result.value

    def results(self, name):
        arrays = self.inputs()
        _, value = self.calls(name, arrays, 1)
        return [value] + [a for a, array in zip(arrays, self.kernel.arrays.values()) if array.is_out]

    def differs(self, name, reference):
        """What disagrees with `reference`, or None."""
        for mine, theirs in zip(self.results(name), reference):
            pairs = [(mine, theirs)] if isinstance(mine, float) else list(zip(mine, theirs))
            bad = [i for i, (a, b) in enumerate(pairs) if not self.is_close(a, b)]
            if len(bad) > self.kernel.unequal * len(pairs):
                return f"{pairs[bad[0]][0]} and {pairs[bad[0]][1]} at {bad[0]}, {len(bad)} of {len(pairs)}"
        return None

    def is_close(self, a, b):
        both_nan = a != a and b != b
        return a == b or both_nan or abs(a - b) <= self.kernel.tolerance * max(1.0, abs(a), abs(b))

    def measure(self, rounds):
        """Seconds a call, one list of samples for each competitor."""
        arrays = {name: self.inputs() for name in self.libraries}
        counts = {}
        for name in self.libraries:
            self.calls(name, arrays[name], 1)
            once = max(self.calls(name, arrays[name], 1)[0], 1e-8)
            counts[name] = max(1, int(SAMPLE_SECONDS / once))
        samples = {name: [] for name in self.libraries}
        for _ in range(rounds):
            for name in self.libraries:
                seconds, _ = self.calls(name, arrays[name], counts[name])
                samples[name].append(seconds / counts[name])
        return samples


def spread(values):
    low, _, high = statistics.quantiles(values, n=4)
    return (high - low) / statistics.median(values)


def rate(kernel, seconds):
    parts = []
    if kernel.bytes:
        parts.append(f"{kernel.bytes / seconds / 1e9:6.1f} GB/s")
    if kernel.flops:
        parts.append(f"{kernel.flops / seconds / 1e9:6.1f} GFLOP/s")
    return "  ".join(parts)


def compare(kernel, builder, rounds):
    """Prints the kernel's row; the ratio to the best of the others, or None when results differ."""
    runner = Runner(kernel, builder)
    names = [name for name in runner.libraries if name != "kc"]
    reference = runner.results(names[0])
    problem = runner.differs("kc", reference)
    if problem:
        print(f"{kernel.name:22} results differ: {problem}")
        return None
    samples = runner.measure(rounds)
    median = {name: statistics.median(values) for name, values in samples.items()}
    ratios = "".join(f"{median[name] / median['kc']:15.2f}" for name in names)
    print(f"{kernel.name:22}{median['kc'] * 1e9:13.1f} ±{100 * spread(samples['kc']):3.0f}%{ratios}   "
          f"{rate(kernel, median['kc'])}", flush=True)
    return min(median[name] for name in names) / median["kc"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", help="kernels of kernels.toml (default: all)")
    parser.add_argument("--kc", default="build/kc")
    parser.add_argument("--cc", default="gcc")
    parser.add_argument("--clang", default="clang-19")
    parser.add_argument("--runtime", help="libkcrt.a (default: beside kc)")
    parser.add_argument("--out", default="build/bench", help="folder for what is built")
    parser.add_argument("--rounds", type=int, default=21)
    options = parser.parse_args()
    options.runtime = options.runtime or os.path.join(os.path.dirname(options.kc), "libkcrt.a")
    os.makedirs(options.out, exist_ok=True)
    with open(os.path.join(HERE, "kernels.toml"), "rb") as file:
        rows = tomllib.load(file)
    unknown = [name for name in options.names if name not in rows]
    if unknown:
        sys.exit(f"kernels.toml has no `{unknown[0]}`")
    builder = Builder(options, options.out)
    others = [os.path.basename(c) + f for c in (options.cc, options.clang) for f in ("", " fast")]
    print(f"{'kernel':22}{'kc, ns a call':>19}{''.join(f'{name:>15}' for name in others)}")
    ratios = [compare(Kernel(name, rows[name]), builder, options.rounds) for name in options.names or rows]
    good = [ratio for ratio in ratios if ratio]
    if good:
        print(f"{len(good)} kernels; against the best of the others: geometric mean "
              f"{statistics.geometric_mean(good):.2f}, least {min(good):.2f}")
    return 1 if None in ratios else 0


if __name__ == "__main__":
    sys.exit(main())
