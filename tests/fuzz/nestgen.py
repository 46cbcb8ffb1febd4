#!/usr/bin/env python3
"""Random kernels of loop nests, to compare the ways of running them.

    tests/fuzz/nestgen.py --kc build/kc --seconds 60 --seed 1
    tests/fuzz/nestgen.py --passes --count 200

Each program calls one kernel with arrays of several sizes, the last ones perhaps too small for it. The
interpreter, -O0 and -O3 for the kinds of vectors that this machine has must agree bit for bit.
With --passes nothing is run: it counts the kernels that each pass changed.
"""

import collections
import os
import random
import re
import subprocess
import sys
import tempfile

from comparing import fuzz, fuzz_arguments, seeds
from nest_patterns import NESTS, PATTERNS
from nest_writer import FLOATS, INTS, Array, Writer

KINDS = ("x86-64", "avx2", "avx512", "native")
SIZES = (0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 23, 31, 32, 33, 40, 47, 63, 64, 65, 70)
LONG = (127, 128, 130, 191, 257, 300)  # several registers of bytes, as the other size is one of SIZES
TRIED = 2  # of the ways of -O3: more programs find more than more ways of running one
# What kc may say of `simd for` and `parallel for`: the writer does not always know what they promise.
MAY_REFUSE = r"error\[K(0371|0372|0395)\]"


# ---- The kernel --------------------------------------------------------------------------------------


def make_arrays(rng, elem):
    """The parameters of a kernel. `k` and `kw` hold indices, `c` and `d` numbers of another width."""
    other = rng.choice([t for t in INTS + FLOATS if t != elem])
    written = lambda share: rng.random() < share
    holder = lambda is_written: rng.choice(["Tensor"] * 3 + (["MutView"] if is_written else ["View", "Strided"]))
    arrays = [Array("a", elem, ("h", "w"), written(0.6)), Array("b", elem, ("h", "w"), written(0.3)),
              Array("o", elem, ("h", "w"), True), Array("q", elem, ("w", "h"), True), Array("e", elem, ("h", "h"), True),
              Array("x", elem, ("n",), changed := written(0.3), "Tensor" if changed else holder(False)),
              Array("y", elem, ("n",), True, "Tensor"), Array("z", elem, ("n",), True, holder(True)),
              Array("u", elem, ("w",), written(0.5)), Array("v", elem, ("h",), True),
              Array("c", other, ("n",), written(0.5)), Array("d", other, ("h", "w"), written(0.4)),
              Array("k", rng.choice(["i32", "i32", "i64", "u8", "i16", "u32"]), ("n",), False),
              Array("kw", rng.choice(["i32", "i64", "u8"]), ("w",), False),
              Array("levels", rng.choice(["u8", "i32", "i16", elem]), (rng.choice(["16", "32", "64", "256"]),), False),
              Array("rgb", elem, ("n", "3"), True)]
    return arrays, other


def make_functions(rng, elem):
    """(text, [(name, type)]) of functions of numbers that kernels call."""
    half = "* 0.5" if elem in FLOATS else "// 2"
    bodies = ["    return v - u if v > u else u\n",
              f"    if v > {elem}(9):\n        return v {half}\n    return v + u\n",
              f"    var s = v\n    for i in range(3):\n        if s > u:\n            s = s {half}\n    return s\n"]
    text, names = "", []
    for body in rng.sample(bodies, rng.randint(0, 2)):
        name = f"f{len(names)}"
        text += rng.choice(["", "", "@inline\n", "@noinline\n"]) + f"fn {name}(v: {elem}, u: {elem}) -> {elem}:\n{body}\n"
        names.append((name, elem))
    return text, names


def dimension(w):
    """One that a nest has not enough loops over yet; those over `n` stand far outside."""
    names = ["h", "w"] * 3 + (["n"] if len(w.variables) < 2 else [])
    used = [v.dim for v in w.variables]
    return w.rng.choice([name for name in names if used.count(name) < 2])


def write_pattern(w):
    w.rng.choice(PATTERNS)(w, dimension(w))


def write_inside(w, loops, may_leave):
    """The statements of a loop: some before and behind an inner one, which stands anywhere among them."""
    for _ in range(w.rng.choice([0, 0, 1, 1, 2])):
        w.simple()
    if loops > 0 and w.chance(0.75):
        if w.chance(0.5):
            write_loop(w, loops - 1)
        else:
            write_pattern(w)
    else:
        w.store()
        w.rng.choice([w.branch, w.store, w.assign])()
    for _ in range(w.rng.choice([0, 0, 1, 2])):
        w.rng.choice([w.simple, w.branch])()
    if may_leave and w.chance(0.04):
        w.put(f"if {w.condition()}: {w.rng.choice(['break', 'continue'])}")


def write_loop(w, loops):
    """A loop with what stands in it. What iterates at will promises nothing; other loops share nothing."""
    kind = w.rng.choice(["for"] * 12 + ["while", "simd for", "parallel for"])
    if kind == "simd for" and w.in_lanes or kind == "parallel for" and w.variables:
        kind = "for"
    is_apart = kind in ("simd for", "parallel for") or kind == "for" and w.chance(0.5)
    before = w.in_lanes
    with w.loop(dimension(w), kind) as variable:
        w.in_lanes = before or kind == "simd for"
        if is_apart:
            with w.apart(variable):
                write_inside(w, loops, False)
        else:
            write_inside(w, loops, kind == "for" and not w.in_lanes and not w.aparts)
    w.in_lanes = before


def write_kernel(w):
    for _ in range(w.rng.choice([0, 1, 2])):
        w.declare(is_var=True)
    for _ in range(w.rng.randint(1, 3)):
        form = w.rng.random()
        if form < 0.3:
            write_pattern(w)
        elif form < 0.5:
            w.rng.choice(NESTS)(w)
        else:
            write_loop(w, w.rng.choice([1, 1, 2]))
    for scalar in w.scalars:
        w.put(f"if n > 0: y[0] += {w.elem}({scalar.name})")
    if not w.lines:
        w.put("pass")


# ---- The program around it ---------------------------------------------------------------------------


def digest(elem):
    """A function that makes one number of all elements, without overflow; all NaNs are alike."""
    bits = "int(v)" if elem not in FLOATS else f"int(SIMD[{elem}, 2](v).bitcast[i{elem[1:]}]()[0]) if v == v else 7"
    return f"""@noinline
fn told(a: Strided[{elem}, ?]) -> int:
    var s = 0
    for i in range(a.len()):
        let v = a[i]
        let b = {bits}
        s = (s * 257 + (b >> 16)) % 1000003
        s = (s * 257 + (b & 65535)) % 1000003
    return s

"""


def each(index, size, rows):
    """A loop that is compiled to little: what is around the kernel takes no time from it."""
    return [f"{index} = 0", f"while {index} < {size}:", *("    " + row for row in rows), f"    {index} += 1"]


def tell(name, dims):
    """Rows that print one number for an array."""
    if len(dims) == 1:
        return [f'print("{name}", told({name}))']
    return ["all = 0", *each("i", dims[0], [f"all = (all * 31 + told({name}.row(i))) % 1000003"]), f'print("{name}", all)']


def filling(rng, array):
    """A value for element i (of row j)."""
    at = "i" if len(array.dims) == 1 else "(i * 7 + j * 3)"
    if array.name in ("k", "kw"):
        size = array.dims[0]
        spread = f"1 + {at} * {rng.choice([1, 5, 37])} % max({size} - 2, 1)"
        return f"{array.elem}(min({spread}, {size} - 1))" if rng.random() < 0.97 else f"{array.elem}({at} * 3 % 251)"
    step, modulus = rng.choice([(1, 11), (5, 7), (3, 13), (31, 17), (7, 200)])
    if array.elem in FLOATS:
        odd = rng.choice([f"({at} + 0) % 9 == 4", f"{at} % 23 == 11", "False", "False"])
        special = rng.choice(["0.0 / 0.0", "-0.0", "1.0 / 0.0", "-1.0 / 0.0"])
        plain = f"{array.elem}({at} * {step} % {modulus} - 4) * 0.5"
        return f"{array.elem}({special}) if {odd} else {plain}"
    if rng.random() < 0.2:
        return f"{array.elem}({at} * {rng.choice([40503, 2654435761, 1140071481932319])} + 77)"
    return f"{array.elem}({at} * {step} % {modulus}{rng.choice(['', ' - 4']) if array.elem[0] == 'i' else ''})"


def fill(rng, array, dims):
    """Rows that give an array its numbers."""
    value = filling(rng, array)
    if len(dims) == 1:
        return each("i", dims[0], [f"{array.name}[i] = {value}"])
    return each("i", dims[0], each("j", dims[1], [f"{array.name}[i, j] = {value}"]))


def write_caller(rng, arrays):
    """The function that makes the arrays, calls the kernel and prints what became of them."""
    rows, shown, given = ["var all = 0", "var i = 0", "var j = 0"], [], []
    for array in arrays:
        dims = list(array.dims)
        is_strided = array.holder == "Strided"
        if array.holder != "Tensor":
            dims[0] += " * 2 + 3"
        rows.append(f"var {array.name} = Tensor[{array.elem}]({', '.join(dims)})")
        rows += fill(rng, array, dims)
        if array.is_written:
            shown += tell(array.name, dims)
        window = f"{array.name}.slice_mut(3, n + 3)" if array.holder == "MutView" else \
            f"{array.name}[3:n * 2 + 3:2]" if is_strided else f"{array.name}.slice(3, n + 3)"
        given.append(array.name if array.holder == "Tensor" else window)
    points = ["var ps = Tensor[P](n)", *each("i", "n", ["ps[i].x = y[i]", "ps[i].y = c[i]"])]
    shown += [*each("i", "n", ["y[i] = ps[i].x", "c[i] = ps[i].y"]), *tell("y", ["n"]), *tell("c", ["n"])]
    call = f"kernel({', '.join(given)}, ps, m)"
    return ["fn call(h: int, w: int, n: int, m: int):"] + ["    " + row for row in rows + points + [call] + shown]


def make_calls(rng):
    """Calls with sizes for which the kernel's indices are in range, and now and then with others."""
    calls = []
    for _ in range(rng.randint(2, 4)):
        h, w = rng.choice(SIZES), rng.choice(SIZES)
        if rng.random() < 0.25:
            h, w = rng.choice([(h, rng.choice(LONG)), (rng.choice(LONG), w)])
        n = 2 * max(h, w) + rng.choice([2, 2, 3, 17])
        calls.append((h, w, n, rng.choice([1, 2, 3, 4, 8, 15, 16, 17, 31, 32, 33, 40, 64])))
    if rng.random() < 0.15:
        calls.append((rng.choice(SIZES), rng.choice(SIZES), rng.choice(SIZES), rng.choice([0, -1, -3, 5, 100])))
    return calls


def make_kernel(rng):
    """(arrays, text) of a kernel and what it needs."""
    elem = rng.choice(["f32", "f32", "f64", "i32", "i32", "u8", "i16", "i64", "u16", "i8", "u32"])
    arrays, other = make_arrays(rng, elem)
    functions, names = make_functions(rng, elem)
    writer = Writer(rng, arrays, elem, names)
    write_kernel(writer)
    names = set(re.findall(r"[a-z]+", " ".join(writer.lines))) | set("eqyc")  # the sizes come from these
    arrays = [a for a in arrays if a.name in names]
    parameters = ", ".join(a.parameter for a in arrays)
    text = f"struct P:\n    var x: {elem}\n    var y: {other}\n\n{functions}"
    return arrays, text, f"fn kernel({parameters}, inout ps: Tensor[P, n], m: int):", writer.lines


def make_program(seed):
    rng = random.Random(seed)
    arrays, text, head, lines = make_kernel(rng)
    told = "".join(digest(elem) for elem in sorted({a.elem for a in arrays}))
    rows = [*rng.choice([["@noinline"], ["@noinline"], ["@inline"], []]), head, *lines, ""]
    rows += rng.choice([["@noinline"], []]) + write_caller(rng, arrays)
    rows += ["", "fn main():"] + [f"    call({', '.join(map(str, call))})" for call in make_calls(rng)]
    return told + text + "\n".join(rows) + "\n"


# ---- Comparing ---------------------------------------------------------------------------------------


def runnable(kc):
    """The kinds of vectors that this machine has."""
    names = subprocess.run([kc, "targets", "--runnable"], capture_output=True, text=True, check=True).stdout.split()
    return [kind for kind in KINDS if kind in names or kind == "native"]


def ways_of(kinds, more):
    """The groups of flags that must agree. Where products are fused with sums, the target decides which are."""
    fast = [["-O3", f"-march={kind}"] for kind in kinds] + [["-O1"], ["-O3", "-march=native", "--checks=none"]]

    def ways(text, seed):
        declared = re.search(r"\b(sum|prod|cumsum|cumprod|reduce)\(", text)
        mode = "--fp=" + ["strict", "strict", "reproducible", "strict" if declared else "contract"][seed % 4]
        if mode == "--fp=contract":
            return [[["--engine=interp"], ["-O3", "-march=x86-64", *more]],
                    [["--engine=interp", "-march=native"], ["-O3", "-march=native", *more]]]
        compiled = [["-O0"]] + random.Random(seed).sample(fast, min(TRIED, len(fast)))
        groups = [[["--engine=interp", mode]] + [[*flags, mode, *more] for flags in compiled]]
        if seed % 8 == 1:  # integers that overflow stop the program
            groups.append([[*flags, mode, "--checks=all"] for flags in (["--engine=interp"], ["-O3", "-march=native"])])
        return groups
    return ways


# ---- Which passes are reached ------------------------------------------------------------------------


def changed_by(kc, seed, folder):
    """The passes that change the kernel of a seed, for any of two kinds of vectors."""
    _, text, head, lines = make_kernel(random.Random(seed))
    path = os.path.join(folder, "kernel.k")
    with open(path, "w", encoding="utf-8") as out:
        out.write("\n".join([text + "@export", head, *lines, ""]))
    passes = set()
    for kind in ("avx2", "native"):
        done = subprocess.run([kc, "build", path, "-march=" + kind, "--print-changed", "--fp=strict", "-o", path + ".o"],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return None
        passes.update(re.findall(r"^# after (\S+)$", done.stderr + done.stdout, re.MULTILINE))
    return passes


def count_passes(options):
    counts, compiled = collections.Counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds(options):
            passes = changed_by(options.kc, seed, folder)
            if passes is not None:
                compiled += 1
                counts.update(passes)
    print(f"{compiled} kernels")
    for name, count in counts.most_common():
        print(f"{count:7} {name}")
    return 0


def main():
    parser = fuzz_arguments(__doc__)
    parser.add_argument("--passes", action="store_true", help="count the kernels that each pass changes, and run nothing")
    parser.add_argument("--show", action="store_true", help="print the program of the seed")
    parser.add_argument("--flag", action="append", default=[], help="of kc, as --flag=--verify-each (repeatable)")
    options = parser.parse_args()
    if options.show:
        print(make_program(options.seed), end="")
        return 0
    if options.passes:
        return count_passes(options)
    return fuzz(options, make_program, ways_of(runnable(options.kc), options.flag), MAY_REFUSE)


if __name__ == "__main__":
    sys.exit(main())
