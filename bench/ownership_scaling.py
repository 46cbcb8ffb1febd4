"""How long checking ownership takes, as functions get longer.

    python3 bench/ownership_scaling.py --kc build/kc

For several styles of code it prints the milliseconds of the pass `ownership` on one function of 625 to
10,000 statements, and how the last doubling changed them (2 is linear); then the same for 10,000 lines in
functions of twenty lines. The best of several runs counts.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

PRELUDE = """fn make(n: Int) -> Tensor[f32, ?]:
    return Tensor[f32](n)
fn consume(owned t: Tensor[f32, ?]):
    pass
fn scale(inout t: Tensor[f32, ?], k: f32):
    t[0] = t[0] * k
fn total(v: View[f32, ?]) -> f32:
    return v[0]
fn cond() -> Bool:
    return True
"""


def moves(count):
    """Tensors that are made, looked at and given away."""
    for i in range(count // 4):
        yield f"var t{i} = make({i})"
        yield f"scale(t{i}, 2.0)"
        yield f"print(total(t{i}))"
        yield f"consume(t{i}^)"


def views(count):
    """Windows onto one tensor, each used a little later."""
    yield "var t = make(64)"
    for i in range(count // 4):
        yield f"let a{i} = t.slice_mut(0, 32)"
        yield f"let b{i} = t.slice_mut(32, 64)"
        yield f"a{i}[0] = total(b{i})"
        yield f"t[{i % 64}] = 1.0"


def branches(count):
    """Moves on some paths, with the place filled again."""
    yield "var t = make(4)"
    for i in range(count // 5):
        yield "if cond():"
        yield "    consume(t^)"
        yield f"    t = make({i})"
        yield "else:"
        yield "    scale(t, 3.0)"


def loops(count):
    """Loops with locals of their own, and a view that goes around."""
    yield "var t = make(4)"
    yield "var v = t.view()"
    for i in range(count // 5):
        yield f"for i{i} in 0..8:"
        yield "    print(total(v))"
        yield f"    var u = make(i{i})"
        yield "    scale(u, 2.0)"
        yield "    v = t.view()"


def crowd(count):
    """Everything is alive at once: half the statements make tensors, the others use them all."""
    for i in range(count // 2):
        yield f"var t{i} = make({i})"
    for i in range(count // 2):
        yield f"scale(t{i}, 2.0)"


STYLES = [moves, views, branches, loops, crowd]


def function(name, lines):
    return f"fn {name}():\n" + "".join(f"    {line}\n" for line in lines)


def milliseconds(kc, text, runs):
    """Of the pass `ownership`."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x.k")
        with open(path, "w") as file:
            file.write(text)
        command = [kc, "build", path, "--emit=kir", "--stop-after=ownership", "--time-passes",
                   "-o", os.path.join(folder, "x.kir")]
        best = None
        for _ in range(runs):
            done = subprocess.run(command, capture_output=True, text=True)
            found = re.search(r"^ *([0-9.]+) .* ownership$", done.stdout + done.stderr, re.M)
            if done.returncode != 0 or not found:
                sys.exit(f"failed: {' '.join(command)}\n{done.stderr[:2000]}")
            time = float(found.group(1))
            best = time if best is None else min(best, time)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kc", default="build/kc")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    sizes = [625, 1250, 2500, 5000, 10000]
    print("statements".ljust(12) + "".join(f"{size:>9}" for size in sizes) + "   last doubling")
    for style in STYLES:
        times = [milliseconds(options.kc, PRELUDE + function("f", style(size)), options.runs)
                 for size in sizes]
        print(style.__name__.ljust(12) + "".join(f"{time:9.2f}" for time in times)
              + f"{times[-1] / max(times[-2], 0.001):12.2f}")
    bodies = "".join(function(f"work{i}", STYLES[i % 4](20)) for i in range(480))
    lines = (PRELUDE + bodies).count("\n")
    print(f"{lines} lines in 480 functions: {milliseconds(options.kc, PRELUDE + bodies, options.runs):.2f} ms")


if __name__ == "__main__":
    main()
