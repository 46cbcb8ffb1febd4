"""Random well-typed programs, to compare the ways of running them.

    progen.py --kc build/kc --count 1000 --seed 1

Each program is a main() that calls a few random functions and prints what they give. The interpreter, -O0
and -O3 must print the same. A program on which they differ is kept (--keep FOLDER) and its seed printed.
"""
import random
import sys

from comparing import fuzz, fuzz_arguments

INTS = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"]
FLOATS = ["f32", "f64", "f16", "bf16"]
NUMBERS = INTS + FLOATS[:2] * 3 + FLOATS[2:]


def bits_of(t):
    return int("".join(c for c in t if c.isdigit()))


def literal(rng, t):
    if t == "bool":
        return rng.choice(["True", "False"])
    if t in FLOATS:
        return rng.choice(["0.0", "1.0", "0.5", "3.25", "100.0", "0.1", "7.0"])
    low, high = (0, 2 ** bits_of(t) - 1) if t[0] == "u" else (-2 ** (bits_of(t) - 1), 2 ** (bits_of(t) - 1) - 1)
    value = rng.choice([0, 1, 2, 3, 7, high, low, rng.randint(low, high), rng.randint(0, 100)])
    value = max(low, min(high, value))
    # A literal has no sign of its own, and the most negative value has no positive twin.
    return str(value) if value >= 0 else f"({-(-value - 1) if value == low else -(-value)} - {1 if value == low else 0})"


class Function:
    """One function under construction: `scope` maps a type to the names that have it."""

    def __init__(self, rng, name, callables):
        self.rng, self.name, self.callables = rng, name, callables
        self.lines, self.names, self.mutable = [], {}, {}
        self.counter, self.indent, self.loops = 0, 1, 0
        self.arrays = []      # (name, element type, writable)
        self.sizes = {}       # by array: which size it has

    def fresh(self, prefix):
        self.counter += 1
        return f"{prefix}{self.counter}"

    def put(self, text):
        self.lines.append("    " * self.indent + text)

    def declare(self, name, t, writable=False):
        self.names.setdefault(t, []).append(name)
        if writable:
            self.mutable.setdefault(t, []).append(name)

    # ---- expressions ----

    def expr(self, t, depth):
        rng = self.rng
        if depth <= 0 or rng.random() < 0.15:
            return self.leaf(t)
        return rng.choice(self.forms(t))(t, depth - 1)

    def leaf(self, t):
        names = self.names.get(t, [])
        if names and self.rng.random() < 0.75:
            return self.rng.choice(names)
        arrays = [a for a in self.arrays if a[1] == t]
        if arrays and self.rng.random() < 0.6:
            return self.element(self.rng.choice(arrays)[0])
        return f"{t}({literal(self.rng, t)})" if t != "bool" else literal(self.rng, t)

    def element(self, array):
        index = self.expr("i64", 1)
        return f"{array}[({index}) % len({array})]"

    def forms(self, t):
        common = [self.conditional, self.call]
        if t == "bool":
            return common + [self.comparison] * 4 + [self.logic] * 2
        if t in FLOATS:
            return common + [self.float_op] * 5 + [self.minmax, self.conversion, self.absolute]
        return common + [self.int_op] * 5 + [self.minmax, self.conversion, self.shift, self.division, self.absolute]

    def conditional(self, t, depth):
        return f"({self.expr(t, depth)} if {self.expr('bool', depth)} else {self.expr(t, depth)})"

    def call(self, t, depth):
        fits = [c for c in self.callables if c[1] == t]
        if not fits:
            return self.leaf(t)
        name, _, params = self.rng.choice(fits)
        return f"{name}({', '.join(self.expr(p, min(depth, 1)) for p in params)})"

    def comparison(self, _, depth):
        t = self.rng.choice(NUMBERS)
        op = self.rng.choice(["==", "!=", "<", "<=", ">", ">="])
        if self.rng.random() < 0.2:
            return f"({self.expr(t, depth)} <= {self.expr(t, depth)} < {self.expr(t, depth)})"
        return f"({self.expr(t, depth)} {op} {self.expr(t, depth)})"

    def logic(self, t, depth):
        if self.rng.random() < 0.3:
            return f"(not {self.expr(t, depth)})"
        return f"({self.expr(t, depth)} {self.rng.choice(['and', 'or'])} {self.expr(t, depth)})"

    def float_op(self, t, depth):
        op = self.rng.choice(["+", "-", "*", "/", "//", "%", "neg", "square"])
        if op == "neg":
            return f"(-{self.expr(t, depth)})"
        if op == "square":
            return f"({self.expr(t, depth)} ** {self.rng.choice([2, 3])})"
        return f"({self.expr(t, depth)} {op} {self.expr(t, depth)})"

    def int_op(self, t, depth):
        op = self.rng.choice(["+", "-", "*", "&", "|", "^", "~"])
        if op == "~":
            return f"(~{self.expr(t, depth)})"
        return f"({self.expr(t, depth)} {op} {self.expr(t, depth)})"

    def shift(self, t, depth):
        return f"({self.expr(t, depth)} {self.rng.choice(['<<', '>>'])} ({self.expr(t, depth)} & {t}(7)))"

    def division(self, t, depth):
        return f"({self.expr(t, depth)} {self.rng.choice(['//', '%'])} ({self.expr(t, depth)} | {t}(1)))"

    def minmax(self, t, depth):
        return f"{self.rng.choice(['min', 'max'])}({self.expr(t, depth)}, {self.expr(t, depth)})"

    def absolute(self, t, depth):
        return f"abs({self.expr(t, depth)})"

    def conversion(self, t, depth):
        return f"{t}({self.expr(self.rng.choice(NUMBERS + ['bool']), depth)})"

    # ---- statements ----

    def statement(self, depth):
        rng = self.rng
        rng.choice([self.binding, self.binding, self.assignment, self.assignment, self.branch, self.loop,
                    self.store, self.whole_array, self.reduction, self.neighbours])(depth)

    def block(self, depth, count):
        saved = {t: list(names) for t, names in self.names.items()}
        saved_mutable = {t: list(names) for t, names in self.mutable.items()}
        self.indent += 1
        for _ in range(count):
            self.statement(depth)
        self.put("pass")
        self.indent -= 1
        self.names, self.mutable = saved, saved_mutable

    def binding(self, _):
        t = self.rng.choice(NUMBERS + ["bool"])
        name = self.fresh("v")
        is_var = self.rng.random() < 0.5
        value = self.expr(t, 3)
        self.put(f"{'var' if is_var else 'let'} {name}: {t} = {value}")
        self.declare(name, t, is_var)

    def assignment(self, depth):
        choices = [(t, n) for t, names in self.mutable.items() for n in names]
        if not choices:
            return self.binding(depth)
        t, name = self.rng.choice(choices)
        op = "" if t == "bool" or self.rng.random() < 0.5 else self.rng.choice("+-*")
        self.put(f"{name} {op}= {self.expr(t, 3)}")

    def branch(self, depth):
        if depth <= 0:
            return self.binding(depth)
        self.put(f"if {self.expr('bool', 2)}:")
        self.block(depth - 1, 2)
        if self.rng.random() < 0.5:
            self.put("else:")
            self.block(depth - 1, 2)

    def loop(self, depth):
        if depth <= 0 or self.loops >= 2:
            return self.binding(depth)
        self.loops += 1
        name = self.fresh("it")
        self.put(f"for {name} in range({self.rng.randint(0, 6)}):")
        saved = {t: list(n) for t, n in self.names.items()}
        self.declare(name, "i64")
        self.indent += 1
        if self.rng.random() < 0.4:
            self.put(f"if {self.expr('bool', 1)}: {self.rng.choice(['break', 'continue'])}")
        self.indent -= 1
        self.block(depth - 1, 3)
        self.names = saved
        self.loops -= 1

    def store(self, depth):
        arrays = [a for a in self.arrays if a[2]]
        if not arrays:
            return self.assignment(depth)
        name, t, _ = self.rng.choice(arrays)
        self.put(f"{self.element(name)} = {self.expr(t, 3)}")

    def array_expr(self, t, depth, names):
        if depth <= 0 or self.rng.random() < 0.25:
            return self.rng.choice(names) if self.rng.random() < 0.7 else self.leaf(t)
        op = self.rng.choice(["+", "-", "*"] + (["min", "max"] if self.rng.random() < 0.5 else []))
        a, b = self.array_expr(t, depth - 1, names), self.array_expr(t, depth - 1, names)
        return f"{op}({a}, {b})" if op.isalpha() else f"({a} {op} {b})"

    def whole_array(self, depth):
        arrays = [a for a in self.arrays if a[2]]
        if not arrays:
            return self.assignment(depth)
        name, t, _ = self.rng.choice(arrays)
        names = [a[0] for a in self.arrays if a[1] == t]
        if self.rng.random() < 0.3:
            shift = self.rng.choice([(f"{name}[1:]", f"{name}[:-1]"), (f"{name}[:-1]", f"{name}[1:]")])
            self.put(f"{shift[0]} = {shift[1]} + {self.leaf(t)}")
            return
        self.put(f"{name} = {name} + {self.array_expr(t, 3, names)}")

    def neighbours(self, depth):
        """Statements over arrays of one size, in a row: what fusion works on."""
        groups = {}
        for name, t, writable in self.arrays:
            groups.setdefault((t, self.sizes[name]), []).append((name, writable))
        t, _ = key = self.rng.choice(sorted(groups)) if groups else (None, None)
        written = [name for name, writable in groups.get(key, []) if writable]
        if not written:
            return self.assignment(depth)
        names = [name for name, _ in groups[key]]
        if self.rng.random() < 0.4:
            names.append(self.own_array(t, names))
            written.append(names[-1])
        for _ in range(self.rng.randint(2, 5)):
            self.neighbour(t, names, written)

    def own_array(self, t, names):
        name = self.fresh("own")
        self.put(f"var {name} = {self.rng.choice(names)} * {self.leaf(t)}")
        return name

    def neighbour(self, t, names, written):
        rng = self.rng
        target, a, b = rng.choice(written), rng.choice(names), rng.choice(names)
        form = rng.choice(["whole", "whole", "update", "chosen", "window", "loop", "loop", "sum", "element"])
        if form == "whole":
            self.put(f"{target} = {a} {rng.choice('+-*')} {b}")
        elif form == "update":
            self.put(f"{target} {rng.choice('+-*')}= {self.rng.choice([a, self.leaf(t)])}")
        elif form == "chosen":
            self.put(f"{target} = where({a} > {b}, {a}, {b} + {self.leaf(t)})")
        elif form == "window":
            windows = rng.choice([("[1:]", "[:-1]"), ("[:-1]", "[1:]"), ("[1:]", "[1:]"), ("[:-1]", "[:-1]")])
            self.put(f"{target}{windows[0]} = {a}{windows[1]} {rng.choice('+-*')} {b}{windows[0]}")
        elif form == "loop":
            self.by_hand(t, target, a, b)
        elif form == "sum":
            name = self.fresh("r")
            self.put(f"let {name}: {t} = {rng.choice(['sum', 'max', 'min'])}({a} * {b})")
            self.declare(name, t)
        else:
            self.put(f"{self.element(target)} = {self.leaf(t)}")

    def by_hand(self, t, target, a, b):
        i, low, high = self.fresh("k"), self.rng.choice([0, 1]), self.rng.choice([0, 1])
        near = [i] + [f"{i} - 1"] * low + [f"{i} + 1"] * high
        value = f"{a}[{self.rng.choice(near)}] {self.rng.choice('+-*')} {b}[{self.rng.choice(near)}]"
        self.put(f"for {i} in range({low}, len({target}) - {high}):")
        self.put(f"    {target}[{self.rng.choice(near)}] = {value}")

    def reduction(self, depth):
        if not self.arrays:
            return self.binding(depth)
        t = self.rng.choice(self.arrays)[1]
        names = [a[0] for a in self.arrays if a[1] == t]
        array = self.rng.choice(names)
        kind = self.rng.choice(["sum", "min", "max", "argmax", "argmin", "generator"])
        name = self.fresh("r")
        value = f"{kind}({array} + {self.array_expr(t, 2, names)})"
        if kind == "generator":
            k = self.fresh("k")
            condition = f" if {array}[{k}] > {self.leaf(t)}" if self.rng.random() < 0.5 else ""
            value = f"sum({array}[{k}] for {k} in range(len({array})){condition})"
        result = "i64" if kind.startswith("arg") else t
        self.put(f"let {name}: {result} = {value}")
        self.declare(name, result)


def make_function(rng, index, callables):
    f = Function(rng, f"f{index}", callables)
    params, values = [], []
    for _ in range(rng.randint(1, 4)):
        t, name = rng.choice(NUMBERS + ["bool"]), f.fresh("p")
        params.append((f"{name}: {t}", t))
        f.declare(name, t)
    array_types = [rng.choice(NUMBERS) for _ in range(rng.choice([0, 1, 1, 2]))]
    for k, t in enumerate(array_types):
        for writable in rng.choice([[True], [True, False], [True, True, False]]):
            name = f.fresh("a")
            params.append((f"{'inout ' if writable else ''}{name}: Tensor[{t}, n{k}]", (t, k, writable)))
            f.arrays.append((name, t, writable))
            f.sizes[name] = k
    result = rng.choice(NUMBERS + ["bool"])
    for _ in range(rng.randint(2, 6)):
        f.statement(2)
    f.put(f"return {f.expr(result, 3)}")
    head = f"fn {f.name}({', '.join(p for p, _ in params)}) -> {result}:"
    return head, f.lines, [t for _, t in params], result


def make_program(seed):
    rng = random.Random(seed)
    text, callables, main = [], [], []
    for index in range(rng.randint(1, 4)):
        head, lines, params, result = make_function(rng, index, callables)
        text += ([rng.choice(["@inline", "@noinline"])] if rng.random() < 0.3 else []) + [head] + lines + [""]
        if all(isinstance(p, str) for p in params):
            callables.append((f"f{index}", result, params))
        for call in range(2):
            arguments = []
            sizes = {}
            for p, t in enumerate(params):
                if isinstance(t, str):
                    arguments.append(f"{t}({literal(rng, t)})" if t != "bool" else literal(rng, t))
                    continue
                elem, k, _ = t
                size = sizes.setdefault(k, rng.choice([1, 2, 3, 7, 8, 17]))
                name = f"t{index}_{call}_{p}"
                main += [f"    var {name} = Tensor[{elem}]({size})",
                         f"    for i in range({size}):",
                         f"        {name}[i] = {elem}({elem}(i) * {elem}({rng.randint(1, 5)}) - {elem}({rng.randint(0, 9)}))"]
                arguments.append(name)
            main.append(f"    print({', '.join([f'f{index}({chr(44).join(arguments)})'] + [a for a in arguments if a.startswith('t')])})")
    return "\n".join(text + ["def main():"] + main) + "\n"


def ways(text, _):
    """Those with the same -march form FMA in the same places. Sums of floats that are declared may be taken in
    any order, unless the mode promises one."""
    mode = "--fp=reproducible" if "sum(" in text else "--fp=contract"
    portable, native = ["--engine=interp", mode], ["--engine=interp", "-march=native", mode]
    return [[portable, ["-O0", mode], ["-O3", mode]], [native, ["-O3", "-march=native", mode]]]


def main():
    return fuzz(fuzz_arguments(__doc__).parse_args(), make_program, ways)


if __name__ == "__main__":
    sys.exit(main())
