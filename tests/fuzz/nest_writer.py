"""Writes kernels: arrays, loops, and what may stand in them. nest_patterns.py has the shapes that passes look for.

Dimensions have names, and an index is made from a variable of a loop over that dimension, so most accesses
are in range by construction; a few are not, since a check that fails is an outcome as well.
"""

import contextlib
from dataclasses import dataclass

INTS = ("i8", "i16", "i32", "i64", "u8", "u16", "u32")
FLOATS = ("f32", "f64")


@dataclass(frozen=True)
class Array:
    name: str
    elem: str
    dims: tuple
    is_written: bool
    holder: str = "Tensor"   # or View, MutView, Strided

    @property
    def parameter(self):
        inout = "inout " if self.is_written and self.holder == "Tensor" else ""
        return f"{inout}{self.name}: {self.holder}[{self.elem}, {', '.join(self.dims)}]"


@dataclass(frozen=True)
class Variable:
    """Of a loop: from `low` to the dimension's size - 1 - `high`."""
    name: str
    dim: str
    low: int = 0
    high: int = 0


@dataclass
class Apart:
    """A loop whose iterations share nothing that is written: what they write, they write at their own place."""
    variable: Variable
    written: set


@dataclass
class Line:
    """The elements of an array along one dimension, `text` around the index."""
    array: Array
    before: str
    after: str

    def at(self, index):
        return f"{self.before}{index}{self.after}"


@dataclass
class Scalar:
    """A variable or, where it is none, a name for a value."""
    name: str
    elem: str
    is_var: bool
    aparts: int  # loops around it whose iterations share nothing: these may not change it


class Writer:
    """One kernel under construction."""

    def __init__(self, rng, arrays, elem, functions):
        self.rng, self.arrays, self.elem, self.functions = rng, arrays, elem, functions
        self.lines, self.indent, self.counter = [], 1, 0
        self.variables, self.aparts, self.scalars = [], [], []
        self.in_lanes = False

    # ---- text ----

    def put(self, text):
        self.lines.append("    " * self.indent + text)

    def fresh(self, prefix):
        self.counter += 1
        return f"{prefix}{self.counter}"

    def chance(self, share):
        return self.rng.random() < share

    @contextlib.contextmanager
    def block(self, head=None):
        """What is written inside stands below `head`; names that are declared there end with it."""
        if head:
            self.put(head)
        scalars, variables = len(self.scalars), len(self.variables)
        self.indent += 1
        start = len(self.lines)
        yield
        if len(self.lines) == start:
            self.put("pass")
        self.indent -= 1
        del self.scalars[scalars:], self.variables[variables:]

    # ---- loops ----

    def head(self, dim, kind="for"):
        """(text, variable) of a loop over a dimension: all of it, a part, backwards, in steps."""
        rng, name = self.rng, self.fresh("it")
        low, high = (rng.choice([0, 0, 1, 2]) for _ in range(2))
        form = rng.choice(["all"] * 4 + ["part"] * 5 + ["down", "step", "down step", "from", "outer"])
        if form == "all":
            low = high = 0
            text = f"range({dim})"
        elif form == "down":
            text = f"range({self.minus(dim, 1 + high)}, {low - 1}, -1)"
        elif form == "step":
            text = f"range({low}, {self.minus(dim, high)}, {rng.choice([2, 3, 4])})"
        elif form == "down step":
            text = f"range({self.minus(dim, 1 + high)}, {low - 1}, -{rng.choice([2, 3])})"
        elif form == "from":
            text = f"range({rng.choice(['m', dim + ' // 2', 'm + 1'])}, {self.minus(dim, high)})"
            low = 0
        elif form == "outer" and (others := [v for v in self.variables if v.dim == dim]):
            other = rng.choice(others)
            text, low, high = rng.choice([(f"range({other.name})", 0, 0),
                                          (f"range({other.name} + 1, {dim})", 0, 0)])
        else:
            text = rng.choice([f"range({low}, {self.minus(dim, high)})", f"{low}..{self.minus(dim, high)}"])
        return f"{kind} {name} in {text}", Variable(name, dim, low, high)

    @staticmethod
    def minus(dim, number):
        return f"{dim} - {number}" if number else dim

    @contextlib.contextmanager
    def loop(self, dim, kind="for"):
        """A loop in any form; `while` counts by itself."""
        if kind == "while":
            variable = Variable(self.fresh("it"), dim, 0, self.rng.choice([0, 1]))
            self.put(f"var {variable.name} = 0")
            with self.block(f"while {variable.name} < {self.minus(dim, variable.high)}:"):
                self.variables.append(variable)
                yield variable
                self.put(f"{variable.name} += {self.rng.choice([1, 1, 2])}")
            return
        text, variable = self.head(dim, kind)
        with self.block(text + ":"):
            self.variables.append(variable)
            yield variable

    @contextlib.contextmanager
    def apart(self, variable):
        """Below, iterations of the variable's loop write at their own place only."""
        able = [a for a in self.arrays if a.is_written and variable.dim in a.dims and self.may_write(a)]
        written = {a.name for a in self.rng.sample(able, min(len(able), self.rng.choice([1, 2, 3])))}
        self.aparts.append(Apart(variable, written))
        yield
        self.aparts.pop()

    # ---- elements ----

    def may_write(self, array):
        return array.is_written and all(array.name in apart.written for apart in self.aparts)

    def bound(self, array):
        """The places of the array's index that are settled: {position: text}."""
        settled = {}
        for apart in self.aparts:
            if array.name in apart.written:
                free = [p for p, dim in enumerate(array.dims) if dim == apart.variable.dim and p not in settled]
                if free:
                    settled[free[0]] = apart.variable.name
        return settled

    def index(self, dim):
        """An index of a dimension from the loops around, or None."""
        rng = self.rng
        if dim.isdigit():
            return str(rng.randrange(int(dim)))
        mine = [v for v in self.variables if v.dim == dim]
        if not mine:
            return self.crossed(dim) if self.variables and self.chance(0.15) else None
        v = rng.choice(mine)
        form = rng.random()
        if form < 0.1:
            return self.moved(f"{self.minus(dim, 1)} - {v.name}", -v.high, v.low)
        if form < 0.16 and (from_memory := self.from_memory(dim)):
            return from_memory
        if form < 0.2:
            return rng.choice([f"({v.name} + m) % {dim}", f"{v.name} // 2", f"max({v.name} - 1, 0)",
                               f"min({v.name} + 1, {dim} - 1)", f"{v.name} % m", "0", f"{dim} - 1"])
        if form < 0.203:
            return rng.choice([f"{v.name} + {v.high + 1}", f"{v.name} - {v.low + 1}", f"2 * {v.name}"])
        return self.moved(v.name, -v.low, v.high)

    def moved(self, text, least, most):
        by = 0 if self.chance(0.4) else self.rng.randint(least, most)
        return text if by == 0 else f"{text} {'+' if by > 0 else '-'} {abs(by)}"

    def crossed(self, dim):
        """An index made from a loop over another dimension."""
        v = self.rng.choice(self.variables)
        if dim == "n":
            return self.rng.choice([v.name, f"2 * {v.name}", f"2 * {v.name} + 1", v.name]) if v.dim != "n" else v.name
        return self.rng.choice([f"min({v.name}, {dim} - 1)", f"{v.name} % {dim}"])

    def from_memory(self, dim):
        able = [a for a in self.arrays if a.name.startswith("k") and a.dims == (dim,)]
        mine = [v for v in self.variables if v.dim == dim]
        return f"{able[0].name}[{self.rng.choice(mine).name}]" if able and mine else None

    def element(self, array):
        """An element of an array, or None where the loops around give no index."""
        settled = self.bound(array)
        places = [settled.get(p) or self.index(dim) for p, dim in enumerate(array.dims)]
        return None if None in places else f"{array.name}[{', '.join(places)}]"

    def some_element(self, elem, to_write=False):
        able = [a for a in self.arrays if a.elem == elem and (self.may_write(a) if to_write else True)
                and not a.name.startswith("k")]
        self.rng.shuffle(able)
        return next((text for a in able if (text := self.element(a))), None)

    def line(self, dim, elem, to_write=False):
        """Elements along a dimension, the others settled by the loops around; or None."""
        able = [a for a in self.arrays if a.elem == elem and dim in a.dims and len(a.dims) <= 2
                and (self.may_write(a) if to_write else True) and not a.name.startswith("k")]
        self.rng.shuffle(able)
        for array in able:
            settled = self.bound(array)
            free = [p for p, d in enumerate(array.dims) if d == dim and p not in settled]
            if not free:
                continue
            places = [settled.get(p) or (None if p == free[-1] else self.index(d)) for p, d in enumerate(array.dims)]
            if places.count(None) == 1:
                before = "".join(p + ", " for p in places[:free[-1]])
                after = "".join(", " + p for p in places[free[-1] + 1:])
                return Line(array, f"{array.name}[{before}", f"{after}]")
        return None

    # ---- expressions ----

    def literal(self, elem):
        rng = self.rng
        if elem in FLOATS:
            return rng.choice(["0.5", "1.0", "2.0", "0.25", "3.0", "-1.5", "0.1"])
        number = rng.choice([0, 1, 2, 3, 5, 7, 100, 127])
        return str(number) if elem[0] == "u" or self.chance(0.7) else f"-{number}"

    def value(self, elem, depth=2):
        """An expression of a type."""
        rng = self.rng
        if depth <= 0 or self.chance(0.2):
            return self.leaf(elem)
        a, b = self.value(elem, depth - 1), self.value(elem, depth - 1)
        common = [f"({a} + {b})", f"({a} - {b})"] * 3 + [f"min({a}, {b})", f"max({a}, {b})", f"({a} * {b})",
                  f"abs({a})", f"-{a}" if a[0] != "-" else a, f"({a} if {self.condition(1)} else {b})", self.converted(elem)]
        if elem in FLOATS:
            own = [f"({a} * 0.5)", f"({a} * {self.literal(elem)} + {b})", f"({a} / ({b} * {b} + 1.0))", f"{a} ** 2"]
        else:
            own = [f"({a} >> {rng.randint(0, 5)})", f"({a} << {rng.randint(0, 4)})", f"({a} & {b})", f"({a} ^ {b})",
                   f"({a} | {b})", f"({a} // {rng.choice([2, 3, 4, 7])})", f"({a} % {rng.choice([2, 3, 8, 10])})"]
        called = [f"{name}({a}, {b})" for name, of in self.functions if of == elem]
        return rng.choice(common + own + called)

    def leaf(self, elem):
        rng = self.rng
        if self.chance(0.7) and (text := self.some_element(elem)):
            return text
        names = [s.name for s in self.scalars if s.elem == elem]
        if names and self.chance(0.6):
            return rng.choice(names)
        if self.variables and self.chance(0.25):
            return f"{elem}({rng.choice(self.variables).name})"
        return f"{elem}({self.literal(elem)})"

    def converted(self, elem):
        others = sorted({a.elem for a in self.arrays if a.elem != elem})
        other = self.rng.choice(others)
        text = self.some_element(other)
        return f"{elem}({text})" if text else self.leaf(elem)

    def condition(self, depth=1):
        rng = self.rng
        elem = rng.choice([self.elem, self.elem, "other"])
        if elem == "other":
            elem = rng.choice(sorted({a.elem for a in self.arrays}))
        compared = f"{self.value(elem, depth - 1)} {rng.choice(['<', '<=', '>', '>=', '==', '!='])} {self.value(elem, depth - 1)}"
        if self.variables and self.chance(0.15):
            v = rng.choice(self.variables)
            compared = rng.choice([f"{v.name} < m", f"{v.name} == 0", f"{v.name} % 2 == 1", f"{v.name} >= {v.dim} // 2",
                                   f"{v.name} + 1 < {v.dim}"])
        if self.chance(0.12):
            compared = f"{compared} {rng.choice(['and', 'or'])} {self.condition(0)}"
        return compared

    # ---- statements ----

    def store(self):
        elem = self.elem if self.chance(0.75) else self.rng.choice(sorted({a.elem for a in self.arrays}))
        target = self.some_element(elem, to_write=True)
        if target:
            self.put(f"{target} {self.rng.choice(['=', '=', '+=', '-='])} {self.value(elem, 2)}")

    def declare(self, elem=None, is_var=None):
        elem = elem or self.elem
        is_var = self.chance(0.6) if is_var is None else is_var
        name, value = self.fresh("s"), self.value(elem, 2)
        self.put(f"{'var' if is_var else 'let'} {name}: {elem} = {value}")
        self.scalars.append(Scalar(name, elem, is_var, len(self.aparts)))

    def assign(self):
        able = [s for s in self.scalars if s.is_var and s.aparts == len(self.aparts)]
        if not able:
            self.store()
            return
        scalar = self.rng.choice(able)
        form = self.rng.choice(["+=", "+=", "-=", "=", "max", "min"])
        value = self.value(scalar.elem, 1)
        if form in ("max", "min"):
            self.put(f"{scalar.name} = {form}({scalar.name}, {value})")
        else:
            self.put(f"{scalar.name} {form} {value}")

    def branch(self):
        with self.block(f"if {self.condition()}:"):
            self.simple()
            if self.chance(0.3):
                self.simple()
        if self.chance(0.5):
            with self.block("else:"):
                self.simple()

    def both_ways(self):
        """One element that both ways of an if store."""
        target = self.some_element(self.elem, to_write=True)
        if target:
            self.put(f"if {self.condition()}:")
            self.put(f"    {target} = {self.value(self.elem, 1)}")
            self.put("else:")
            self.put(f"    {target} = {self.value(self.elem, 1)}")

    def simple(self):
        """A statement without a loop."""
        self.rng.choice([self.store, self.store, self.store, self.assign, self.declare, self.both_ways])()
