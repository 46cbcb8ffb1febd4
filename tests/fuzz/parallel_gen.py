#!/usr/bin/env python3
"""Random parallel loops, and whether the compiler is right about them.

    tests/fuzz/parallel_gen.py --kc build/kc --count 10000 --seed 1

Each loop writes and reads elements of two arrays through random indices. The compiler says whether its
iterations are independent; here each loop is run for all small numbers, and all elements are written down.

- A loop that is accepted must have no two iterations that share a written element. One such is a bug.
- A loop that is rejected with a witness must have one: the two iterations and the element of the message.
- Rejected loops without a conflict are counted: how often the rules are stricter than needed.
"""

import itertools
import json
import os
import random
import re
import subprocess
import sys
import tempfile

from comparing import arguments

NUMBERS = (-1, 0, 1, 2, 3, 4, 5, 8)  # that are tried for n, k and m
ROW_SIZE = 10
LOOPS_A_FILE = 100
PRELUDE = """fn fill(v: MutView[f32, ?]):
    for e in 0..v.len():
        v[e] = 1.0
"""


# ---- Expressions: text for the compiler, a function of the environment for us ----------------------

class Expr:
    """`compute` of a dictionary of numbers; text in brackets where it needs them."""

    def __init__(self, text, compute, is_sum=False):
        self.text, self.compute, self.is_sum = text, compute, is_sum

    @property
    def factor(self):
        return f"({self.text})" if self.is_sum else self.text


def number(value):
    return Expr(str(value), lambda env: value)


def name(text):
    return Expr(text, lambda env: env[text])


def add(a, b):
    return Expr(f"{a.text} + {b.text}", lambda env: a.compute(env) + b.compute(env), True)


def sub(a, b):
    return Expr(f"{a.text} - {b.factor}", lambda env: a.compute(env) - b.compute(env), True)


def mul(a, b):
    return Expr(f"{a.factor} * {b.factor}", lambda env: a.compute(env) * b.compute(env))


def floordiv(a, by):
    return Expr(f"{a.factor} // {by}", lambda env: a.compute(env) // by, True)


def mod(a, by):
    return Expr(f"{a.factor} % {by}", lambda env: a.compute(env) % by, True)


def least(a, b):
    return Expr(f"min({a.text}, {b.text})", lambda env: min(a.compute(env), b.compute(env)))


# ---- Statements: lines of text, and the elements that they touch -----------------------------------

class Access:
    """view[indices] = 1.0, or a read of it."""

    def __init__(self, view, indices, is_write):
        self.view, self.indices, self.is_write = view, indices, is_write

    def lines(self, indent):
        place = f"{self.view}[{', '.join(index.text for index in self.indices)}]"
        yield indent + (f"{place} = 1.0" if self.is_write else f"s = {place}")

    def run(self, env, touch):
        at = tuple(index.compute(env) for index in self.indices)
        if min(at) >= 0:
            touch(self.view, at, self.is_write)


class Fill:
    """fill(v.slice_mut(lo, hi))"""

    def __init__(self, lo, hi):
        self.lo, self.hi = lo, hi

    def lines(self, indent):
        yield f"{indent}fill(v.slice_mut({self.lo.text}, {self.hi.text}))"

    def run(self, env, touch):
        lo, hi = self.lo.compute(env), self.hi.compute(env)
        for at in range(lo, hi) if lo >= 0 else ():
            touch("v", (at,), True)


class FillRow:
    """fill(w.row_mut(i))"""

    def __init__(self, row):
        self.row = row

    def lines(self, indent):
        yield f"{indent}fill(w.row_mut({self.row.text}))"

    def run(self, env, touch):
        row = self.row.compute(env)
        for at in range(ROW_SIZE) if row >= 0 else ():
            touch("w", (row, at), True)


class Let:
    def __init__(self, variable, value):
        self.variable, self.value = variable, value

    def lines(self, indent):
        yield f"{indent}let {self.variable} = {self.value.text}"

    def run(self, env, touch):
        env[self.variable] = self.value.compute(env)


class For:
    def __init__(self, variable, lo, hi, step, body, head="for"):
        self.variable, self.lo, self.hi, self.step = variable, lo, hi, step
        self.body, self.head = body, head

    def lines(self, indent):
        bounds = f"{self.lo.factor}..{self.hi.factor}"
        if self.step != 1:
            bounds = f"range({self.lo.text}, {self.hi.text}, {self.step})"
        yield f"{indent}{self.head} {self.variable} in {bounds}:"
        for statement in self.body:
            yield from statement.lines(indent + "    ")

    def indices(self, env):
        return range(self.lo.compute(env), self.hi.compute(env), self.step)

    def run(self, env, touch):
        for at in self.indices(env):
            inner = dict(env, **{self.variable: at})
            for statement in self.body:
                statement.run(inner, touch)


class If:
    def __init__(self, text, holds, body):
        self.text, self.holds, self.body = text, holds, body

    def lines(self, indent):
        yield f"{indent}if {self.text}:"
        for statement in self.body:
            yield from statement.lines(indent + "    ")

    def run(self, env, touch):
        if self.holds(env):
            for statement in self.body:
                statement.run(env, touch)


# ---- Writing a loop --------------------------------------------------------------------------------

class Writer:
    def __init__(self, rng):
        self.rng = rng
        self.variables = []  # of the loops around, innermost last

    def constant(self, low=0, high=4):
        return number(self.rng.randint(low, high))

    def symbol(self):
        return name(self.rng.choice(["n", "k", "m"]))

    def scale(self):
        return self.rng.choice([self.constant(1, 4), self.constant(2, 3), self.symbol(), self.symbol()])

    def term(self):
        variable = name(self.rng.choice(self.variables))
        shape = self.rng.randrange(8)
        if shape < 3:
            return variable
        if shape < 6:
            return mul(variable, self.scale())
        if shape == 6:
            return self.rng.choice([floordiv, mod])(variable, self.rng.randint(2, 3))
        return mul(mul(variable, self.scale()), self.symbol())

    def index(self):
        shape = self.rng.randrange(12)
        i, inner = name(self.variables[0]), name(self.variables[-1])
        if shape == 0:
            return i
        if shape == 1:
            return sub(sub(name("n"), number(1)), i)
        if shape in (2, 3):
            return add(mul(i, self.scale()), inner if inner.text != "i" else self.constant())
        if shape == 4:
            return add(i, self.rng.choice([self.constant(), self.symbol()]))
        if shape == 5 and self.rng.random() < 0.3:
            return self.rng.choice([self.constant(), self.symbol()])
        total = self.term()
        for _ in range(self.rng.randrange(3)):
            make = add if self.rng.random() < 0.8 else sub
            total = make(total, self.rng.choice([self.term, self.constant, self.symbol])())
        return total

    def access(self, is_write):
        if self.rng.random() < 0.7:
            return Access("v", [self.index()], is_write)
        return Access("w", [self.index(), self.index()], is_write)

    def range_fill(self):
        lo = self.index()
        size = self.rng.choice([self.constant(1, 3), self.symbol()])
        i = name("i")
        shape = self.rng.randrange(4)
        if shape == 0:
            return Fill(mul(i, size), mul(add(i, number(1)), size))
        if shape == 1:
            return Fill(mul(i, size), least(mul(add(i, number(1)), size), name("n")))
        return Fill(lo, add(lo, size))

    def inner_loop(self, depth):
        variable = "jl"[depth]
        i = name("i")
        lo, hi = self.rng.choice([
            lambda: (number(0), self.symbol()), lambda: (number(0), self.constant(1, 4)),
            lambda: (i, add(i, self.constant(1, 4))), lambda: (number(0), add(i, number(1))),
            lambda: (i, least(add(i, self.constant(1, 4)), self.symbol())),
            lambda: (self.constant(0, 2), self.symbol())])()
        self.variables.append(variable)
        loop = For(variable, lo, hi, self.rng.choice([1, 1, 1, 2, 3]), self.body(depth + 1))
        self.variables.pop()
        return loop

    def guarded(self, depth):
        by, left = self.rng.randint(2, 3), self.rng.randint(0, 1)
        return If(f"i % {by} == {left}", lambda env: env["i"] % by == left, self.body(depth))

    def statement(self, depth):
        shape = self.rng.random()
        if depth < 2 and shape < 0.3:
            return self.inner_loop(depth)
        if shape < 0.38:
            return self.guarded(depth + 1) if depth < 2 else self.access(True)
        if shape < 0.5:
            return self.range_fill()
        if shape < 0.56:
            return FillRow(self.index())
        return self.access(self.rng.random() < 0.75)

    def body(self, depth):
        return [self.statement(depth) for _ in range(self.rng.choice([1, 1, 1, 2, 2, 3]))]

    def loop(self):
        step = self.rng.choice([1, 1, 1, 1, 2, 3, 4])
        lo = self.rng.choice([number(0), number(0), number(0), number(1), name("m")])
        hi = self.rng.choice([name("n"), name("n"), name("n"), sub(name("n"), number(1)),
                              add(name("n"), name("k")), self.constant(3, 5)])
        self.variables = ["i"]
        body = self.body(0)
        if self.rng.random() < 0.2:
            value = self.index()
            self.variables.append("base")
            body = [Let("base", value), *self.body(0)]
            self.variables.pop()
        head = self.rng.choice(["parallel for", "parallel for", "simd for"])
        return For("i", lo, hi, step, body, head)


class Loop:
    def __init__(self, rng, number_of):
        self.name = f"loop{number_of}"
        self.loop = Writer(rng).loop()
        self.asserted = rng.choice([[], [], ["k"], ["m"], ["k", "m"]])

    def text(self):
        yield f"fn {self.name}(v: MutView[f32, ?], w: MutView[f32, ?, ?], n: Int, k: Int, m: Int):"
        for symbol in self.asserted:
            yield f"    assert {symbol} > 0"
        if any(row.strip().startswith("s = ") for row in self.loop.lines("")):
            rows = list(self.loop.lines("    "))
            yield rows[0]
            yield "        var s: f32 = 0.0"
            yield from rows[1:]
        else:
            yield from self.loop.lines("    ")

    def environments(self):
        for n, k, m in itertools.product(NUMBERS, repeat=3):
            env = {"n": n, "k": k, "m": m}
            if all(env[symbol] > 0 for symbol in self.asserted):
                yield env

    def touched(self, env):
        """For each iteration {(view, element): written}. An index below 0 ends the program, which is no
        matter here: that access is left out."""
        for at in self.loop.indices(env):
            elements = {}

            def touch(view, where, is_write, elements=elements):
                elements[view, where] = elements.get((view, where), False) or is_write
            inner = dict(env, i=at)
            for statement in self.loop.body:
                statement.run(inner, touch)
            yield at, elements

    def conflicts(self):
        """(iteration, iteration, view, element) for some numbers, one after the other."""
        for env in self.environments():
            seen = {}
            for at, elements in self.touched(env):
                for key, is_write in elements.items():
                    for before, was_write in seen.get(key, []):
                        if is_write or was_write:
                            yield before, at, *key
                    seen.setdefault(key, []).append((at, is_write))


# ---- Asking the compiler ---------------------------------------------------------------------------

def verdicts(kc, loops):
    """{number of the loop: its diagnostic} for those that are rejected; others have none."""
    rows, starts = PRELUDE.splitlines(), []
    for loop in loops:
        starts.append(len(rows) + 1)
        rows += loop.text()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "loops.k")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(rows) + "\n")
        done = subprocess.run([kc, "check", "--json", path], capture_output=True, text=True,
                              timeout=300)
    if done.returncode not in (0, 1):
        sys.exit(f"kc ends with {done.returncode}\n{done.stderr}\n" + "\n".join(rows))
    found = {}
    for diagnostic in json.loads(done.stdout):
        if diagnostic["severity"] == "error":
            at = max(index for index, start in enumerate(starts) if start <= diagnostic["line"])
            found.setdefault(at, diagnostic)
    return found


WITNESS = re.compile(r"iterations? (-?\d+) .*?`(\w)\[([^`]*)\]`(?:.* iteration (-?\d+))?")


def judged(kc, loops):
    """(the loops that compile so far, their verdicts): an index that is plainly wrong is found before."""
    while True:
        found = verdicts(kc, loops)
        wrong = {at for at, diagnostic in found.items() if diagnostic["code"] == "K0262"}
        if not wrong:
            return loops, found
        loops = [loop for at, loop in enumerate(loops) if at not in wrong]


def witness_is_true(message, conflicts):
    """Whether the conflict that the message shows is one."""
    pair = re.match(r"iterations (-?\d+) and (-?\d+)", message)
    single = WITNESS.match(message)
    if not single:
        return True  # about all of an array
    first, second = pair.groups() if pair else (single.group(1), single.group(4))
    wanted = sorted([int(first), int(second)])
    element = tuple(int(part) for part in single.group(3).split(","))
    return any(sorted([a, b]) == wanted and view == single.group(2) and at == element
               for a, b, view, at in conflicts)


def complain(what, loop, diagnostic=None):
    print(f"{what}:")
    print("\n".join(loop.text()))
    if diagnostic:
        print(f"{diagnostic['code']}: {diagnostic['message']}")
    print()


def main():
    options = arguments(__doc__, 1000)
    options.add_argument("--show", type=int, default=0, help="print so many needless rejections")
    chosen = options.parse_args()
    rng = random.Random(chosen.seed)
    count = accepted = witnessed = needless = bugs = 0
    for first in range(0, chosen.count, LOOPS_A_FILE):
        loops = [Loop(rng, first + i) for i in range(min(LOOPS_A_FILE, chosen.count - first))]
        loops, found = judged(chosen.kc, loops)
        count += len(loops)
        for number_of, loop in enumerate(loops):
            diagnostic = found.get(number_of)
            if diagnostic and diagnostic["code"] not in ("K0371", "K0372"):
                complain("not a loop that compiles", loop, diagnostic)
                bugs += 1
            elif diagnostic is None:
                accepted += 1
                for conflict in loop.conflicts():
                    complain(f"accepted, but there is a conflict: {conflict}", loop)
                    bugs += 1
                    break
            elif diagnostic["code"] == "K0371":
                witnessed += 1
                if not witness_is_true(diagnostic["message"], loop.conflicts()):
                    complain("the witness is none", loop, diagnostic)
                    bugs += 1
            elif next(loop.conflicts(), None) is None:
                needless += 1
                if needless <= chosen.show:
                    complain("rejected without need", loop, diagnostic)
    print(f"{count} loops: {accepted} accepted, {witnessed} rejected with a witness, "
          f"{count - accepted - witnessed} without; {needless} rejected without need; {bugs} bugs")
    sys.exit(1 if bugs else 0)


if __name__ == "__main__":
    main()
