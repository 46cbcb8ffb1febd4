"""The shapes that the passes of stage LOOP look for, each with random parts.

A pattern of PATTERNS takes the writer and the dimension that it runs along, for any place in a nest. It writes
nothing where the arrays and loops around give it no lines of elements to work on. One of NESTS takes the writer.
"""

from nest_writer import FLOATS, Variable

PATTERNS = []
NESTS = []  # those that bring all their loops along


class Lines:
    """A line to write and two to read along a dimension, mostly of other arrays; false where there are none."""

    def __init__(self, w, dim):
        self.to = w.line(dim, w.elem, to_write=True)
        self.a, self.b = (self.to and self.other(w, dim) for _ in range(2))

    def other(self, w, dim):
        """Another line than the one that is written, or in one of four cases any."""
        line = w.line(dim, w.elem)
        for _ in range(3):
            if line and line.array is self.to.array and w.chance(0.75):
                line = w.line(dim, w.elem)
        return line

    def __bool__(self):
        return bool(self.to and self.a and self.b)


def along(function):
    """A pattern that is given `Lines`, and is not one where there are none."""
    def run(w, dim):
        lines = Lines(w, dim)
        if lines:
            function(w, dim, lines)
    PATTERNS.append(run)
    return run


def counted(w, dim, low=0, high=0, down=0.15):
    """(head of a loop, its variable), mostly forwards."""
    v = Variable(w.fresh("p"), dim, low, high)
    if w.chance(down):
        return f"for {v.name} in range({w.minus(dim, 1 + high)}, {low - 1}, -1):", v
    return f"for {v.name} in range({low}, {w.minus(dim, high)}):", v


def mixed(w, text):
    """A value of what is given and something else."""
    return w.rng.choice([text, f"{text} + {w.value(w.elem, 1)}", f"{w.value(w.elem, 1)} - {text}",
                         f"max({text}, {w.value(w.elem, 1)})", f"{text} * {w.elem}(2)"])


def body(w, head, v, *rows):
    """The loop with the rows, now and then with another statement before or behind them."""
    with w.block(head):
        w.variables.append(v)
        if w.chance(0.2):
            w.simple()
        for row in rows:
            w.put(row)
        if w.chance(0.15):
            w.simple()


# ---- Counters: laps, counters, split ---------------------------------------------------------------


@along
def wraps(w, dim, lines):
    """A counter that starts again."""
    rng, t, step = w.rng, w.fresh("t"), w.rng.randint(1, 5)
    w.put(f"var {t} = {rng.choice(['0', '0', 'm', '1'])}")
    head, v = counted(w, dim)
    end = rng.choice([dim, "m", f"{dim} - 1"])
    reading = lines.a.at(t) if w.chance(0.8) else f"{lines.a.at(t)} + {lines.b.at(t)}"
    target = lines.to.at(v.name) if w.chance(0.85) else lines.to.at(t)
    again = rng.choice([[f"{t} += {step}", f"if {t} >= {end}:", f"    {t} -= {end}"],
                        [f"{t} += {step}", f"if {t} >= {end}:", f"    {t} = 0"],
                        [f"{t} = {t} + {step} if {t} + {step} < {end} else 0"],
                        [f"{t} = ({t} + {step}) % {end}"],
                        [f"{t} -= {step}", f"if {t} < 0:", f"    {t} += {end}"]])
    body(w, head, v, f"{target} = {mixed(w, reading)}", *again)
    if w.chance(0.4) and (text := w.some_element(w.elem, to_write=True)):
        w.put(f"{text} += {w.elem}({t})")


@along
def remainders(w, dim, lines):
    head, v = counted(w, dim)
    index = w.rng.choice([f"{v.name} % m", f"({v.name} + m) % {dim}", f"({v.name} * 2) % {dim}", f"{v.name} // 3",
                          f"{v.name} % 4", f"({v.name} + 3) % m"])
    body(w, head, v, f"{lines.to.at(v.name)} = {mixed(w, lines.a.at(index))}")


@along
def splits(w, dim, lines):
    head, v = counted(w, dim)
    p, a, b = v.name, lines.a, lines.b
    value = w.rng.choice([
        f"{a.at(p)} if {p} < m else {b.at(p)}", f"{a.at(f'max({p} - 1, 0)')} + {b.at(f'min({p} + 1, {dim} - 1)')}",
        f"{a.at(f'{p} + 1 if {p} + 1 < {dim} else 0')} - {b.at(p)}", f"{b.at(p)} if {p} == 0 else {a.at(p)}",
        f"{a.at(f'abs({p} - m) % {dim}')}", f"{a.at(p)} if {p} >= 2 and {p} < {dim} - 2 else {b.at(p)}"])
    body(w, head, v, f"{lines.to.at(p)} = {value}")


@along
def strides(w, dim, lines):
    """Several elements in a step; also what was unrolled by hand."""
    k = w.rng.choice([2, 2, 3, 4])
    v = Variable(w.fresh("p"), dim)
    unrolled = w.chance(0.5)
    head = f"for {v.name} in range(0, {dim} - {k - 1}, {k}):" if unrolled else f"for {v.name} in range({dim} // {k}):"
    at = (lambda j: f"{v.name} + {j}" if j else v.name) if unrolled else \
        (lambda j: f"{k} * {v.name} + {j}" if j else f"{k} * {v.name}")
    if w.chance(0.4):
        rows = [f"{lines.to.at(v.name)} = {' + '.join(lines.a.at(at(j)) for j in range(k))}"]
    else:
        other = w.chance(0.3)
        rows = [f"{lines.to.at(at(j))} = {lines.a.at(at(j))} * {w.elem}(3) + {lines.b.at(at(k - 1 - j if other else j))}"
                for j in range(k)]
    with w.block(head):
        for row in rows:
            w.put(row)


# ---- Iterations that need each other: abreast, chains, scans ----------------------------------------


@along
def distances(w, dim, lines):
    """What another iteration wrote, or will write, near or far."""
    rng = w.rng
    far = rng.choice(["m", "m", "1", "2", "3", "4", "8", "16", "17", "33"])
    v = Variable(w.fresh("p"), dim)
    p, to = v.name, lines.to
    forms = [(f"range({far}, {dim})", f"{p} - {far}"), (f"range({dim} - {far})", f"{p} + {far}"),
             (f"range({dim} // 2)", f"{p} + {dim} // 2"), (f"range({dim})", f"{dim} - 1 - {p}"),
             (f"range({dim} - 1, {far} - 1, -1)", f"{p} - {far}"), (f"range(0, {dim} // 2)", f"2 * {p} + 1")]
    where, index = rng.choice(forms)
    if "//" in where or where == f"range({dim})":
        far = "1"
    value = rng.choice([f"{to.at(index)} + {lines.a.at(p)}", f"{lines.a.at(p)} - {to.at(index)}",
                        f"min({to.at(index)}, {lines.a.at(p)}) + {lines.b.at(p)}"])
    rows = [f"{to.at(p)} = {value}"]
    if w.chance(0.25) and (other := w.line(dim, w.elem, to_write=True)):
        rows.append(f"{other.at(p)} = {to.at(p)} + {lines.b.at(p)}")
    with w.block(f"for {p} in {where}:"):
        for row in rows:
            w.put(row)


@along
def recurrences(w, dim, lines):
    head, v = counted(w, dim, 1, down=0)
    p, to = v.name, lines.to
    half = "* 0.5" if w.elem in FLOATS else "// 2"
    before = to.at(f"{p} - 1")
    body(w, head, v, f"{to.at(p)} = " + w.rng.choice(
        [f"{before} {half} + {lines.a.at(p)}", f"{before} + {lines.a.at(p)}", f"max({before}, {lines.a.at(p)})",
         f"min({before}, {lines.a.at(p)}) + {lines.b.at(p)}", f"{before} - {lines.a.at(p)} * {lines.b.at(p)}"]))


@along
def scans(w, dim, lines):
    """A value that travels through all elements, stored on the way or used at the end."""
    rng, s = w.rng, w.fresh("s")
    w.put(f"var {s}: {w.elem} = {w.leaf(w.elem)}")
    head, v = counted(w, dim)
    a = lines.a.at(v.name)
    half = f"{s} * 0.5 + {a}" if w.elem in FLOATS else f"{s} // 2 + {a}"
    step = rng.choice([f"{s} += {a}", f"{s} = max({s}, {a})", f"{s} = min({s}, {a})", f"{s} = {half}",
                       f"{s} -= {a} * {lines.b.at(v.name)}", f"{s} += {a} * {lines.b.at(v.name)}"])
    if w.chance(0.3):
        step = f"if {w.condition()}: {step}" if w.chance(0.5) else f"if {a} > {w.leaf(w.elem)}: {step}"
    rows = [step]
    if w.chance(0.6):
        rows.insert(rng.choice([0, 1]), f"{lines.to.at(v.name)} = {mixed(w, s)}")
    body(w, head, v, *rows)
    if text := w.some_element(w.elem, to_write=True):
        w.put(f"{text} += {s}")


@along
def handed_on(w, dim, lines):
    """Values of the iterations before."""
    s, t = w.fresh("s"), w.fresh("s")
    w.put(f"var {s} = {w.elem}({w.literal(w.elem)})")
    w.put(f"var {t} = {s}")
    head, v = counted(w, dim)
    rows = [f"{lines.to.at(v.name)} = {s} + {t} - {lines.a.at(v.name)}", f"{t} = {s}", f"{s} = {lines.a.at(v.name)}"]
    if w.chance(0.3):
        rows[1] = f"{t} = -{t}" if w.elem in FLOATS else f"{t} = {t} + {w.elem}(1)"
    body(w, head, v, *rows)


@along
def whole_lines(w, dim, lines):
    """Statements over windows, which loops are made of: neighbours that may be one loop."""
    for _ in range(w.rng.randint(1, 3)):
        to, a, b = lines.to, w.rng.choice([lines.a, lines.to]), lines.b
        w.put(w.rng.choice([
            f"{to.at(':')} = {a.at(':')} + {b.at(':')}", f"{to.at('1:')} = {a.at(':-1')} + {b.at('1:')}",
            f"{to.at('::2')} = {b.at('::2')} - {w.elem}(1)", f"{to.at(':')} = cummax({a.at(':')})",
            f"{to.at(':-1')} = {a.at('1:')} * {b.at(':-1')}", f"{to.at(':')} += {b.at(':')}",
            f"{to.at(':')} = cumsum({b.at(':')})"]))


@along
def neighbours(w, dim, lines):
    """Loops over one range, one after the other."""
    low, high = (w.rng.choice([0, 1]) for _ in range(2))
    for _ in range(w.rng.randint(2, 3)):
        head, v = counted(w, dim, low, high, down=0)
        index = w.moved(v.name, -low, high)
        part, other = Lines(w, dim), w.rng.choice([lines.to, lines.a])
        if part:
            body(w, head, v, f"{part.to.at(v.name)} = {other.at(index)} - {part.a.at(v.name)}")


# ---- Through memory: inspect, pairs, tables, packing -------------------------------------------------


@along
def through_memory(w, dim, lines):
    rng, head, v = w.rng, *counted(w, dim)
    k = next((a.name for a in w.arrays if a.name.startswith("k") and a.dims == (dim,)), None)
    if not k:
        return
    at, p = f"{k}[{v.name}]", v.name
    form = rng.choice(["gather", "gather", "pair", "scatter", "count", "sum", "where", "twice"])
    to, a, b = lines.to, lines.a, lines.b
    if form == "sum":
        s = w.fresh("s")
        w.put(f"var {s}: {w.elem} = {w.leaf(w.elem)}")
        body(w, head, v, f"{s} += {a.at(p)} * {b.at(at)}")
        if text := w.some_element(w.elem, to_write=True):
            w.put(f"{text} = {s}")
        return
    row = {"gather": f"{to.at(p)} = {mixed(w, a.at(at))}", "pair": f"{to.at(p)} = {a.at(at)} - {a.at(f'{k}[{p}] + 1')}",
           "scatter": f"{to.at(at)} = {mixed(w, a.at(p))}", "count": f"{to.at(at)} += {w.elem}(1)",
           "where": f"if {b.at(p)} > {w.leaf(w.elem)}: {to.at(p)} = {a.at(at)} + {b.at(at)}",
           "twice": f"{to.at(p)} = {a.at(f'int({k}[{k}[{p}]])')}"}[form]
    body(w, head, v, row)


@along
def from_table(w, dim, lines):
    """Elements of a small array, chosen by bits or by a byte."""
    rng, head, v = w.rng, *counted(w, dim)
    table = next(a for a in w.arrays if a.name == "levels")
    codes = w.line(dim, next(a.elem for a in w.arrays if a.name == "c"))
    code = rng.choice([codes, lines.a] if w.elem not in FLOATS and codes else [codes] if codes else [lines.a])
    most = int(table.dims[0]) - 1
    index = rng.choice([f"int({code.at(v.name)}) & {most}", f"int({code.at(v.name)}) & {most // 2}",
                        f"(int({code.at(v.name)}) + {v.name}) & {most}"])
    row = f"{lines.to.at(v.name)} = {w.elem}({table.name}[{index}])"
    if w.chance(0.3):
        row += f" + {w.elem}({table.name}[(int({code.at(v.name)}) & {most // 2}) + 1])"
    elif w.chance(0.15):
        row = f"{lines.to.at(v.name)} = {w.elem}({table.name}[int({code.at(v.name)})])"
    body(w, head, v, row)


@along
def bytes_mixed(w, dim, lines):
    """Averages and the like, which few bits hold."""
    head, v = counted(w, dim, 1, 1, down=0)
    a, b, p = lines.a.at(v.name), lines.b.at(v.name), v.name
    wide = "i32" if w.elem in ("u8", "i8", "u16", "i16") else w.elem
    shift = "* 0.5" if wide in FLOATS else ">> 2"
    value = w.rng.choice([f"({wide}({a}) * {wide}(3) + {wide}({b}) + {wide}(2)) {shift}",
                          f"({wide}({lines.a.at(f'{p} - 1')}) + {wide}({a}) + {wide}({a}) + {wide}({lines.a.at(f'{p} + 1')})) {shift}",
                          f"min(max({wide}({a}) - {wide}({b}), {wide}(0)), {wide}(99))", f"abs({wide}({a}) - {wide}({b}))",
                          f"({wide}({a}) * {wide}({b})) // {wide}(7) % {wide}(50)" if wide not in FLOATS else f"{a} - {b}"])
    body(w, head, v, f"{lines.to.at(p)} = {w.elem}({value})")


@along
def packs(w, dim, lines):
    """What meets a condition, side by side; or spread over where it is met."""
    rng, t = w.rng, w.fresh("t")
    w.put(f"var {t} = {rng.choice(['0', '0', '0', '-1'])}")
    head, v = counted(w, dim)
    p, to, a, b = v.name, lines.to, lines.a, lines.b
    condition = rng.choice([f"{a.at(p)} > {w.elem}(2)", f"{a.at(p)} != {b.at(p)}", w.condition()])
    store = rng.choice([f"{to.at(t)} = {a.at(p)}", f"{to.at(t)} = {w.elem}({p})", f"{to.at(p)} = {b.at(t)}",
                        f"{to.at(t)} = {a.at(p)} + {b.at(p)}"])
    rows = [f"if {condition}:", f"    {store}", f"    {t} += 1"]
    if w.chance(0.25):
        rows[1:] = [f"    {t} += 1", f"    {store}"]
    if w.chance(0.3):
        rows += ["else:", f"    {to.at(p)} = {b.at(p)}"] if w.chance(0.5) else ["else:", f"    {t} += 1"]
    body(w, head, v, *rows)
    if w.chance(0.5) and (text := w.some_element(w.elem, to_write=True)):
        w.put(f"{text} = {w.elem}({t})")


@along
def latest(w, dim, lines):
    """What only some iterations set, looked at by all."""
    s = w.fresh("s")
    w.put(f"var {s}: {w.elem} = {w.leaf(w.elem)}")
    head, v = counted(w, dim)
    p = v.name
    rows = [f"if {lines.a.at(p)} > {lines.b.at(p)}: {s} = {w.rng.choice([lines.a.at(p), f'{w.elem}({p})'])}"]
    if w.chance(0.6):
        rows.insert(w.rng.choice([0, 1]), f"{lines.to.at(p)} = {mixed(w, s)}")
    body(w, head, v, *rows)
    if text := w.some_element(w.elem, to_write=True):
        w.put(f"{text} = {s}")


@along
def searches(w, dim, lines):
    """Where something is found first; what is stored until then."""
    t = w.fresh("t")
    w.put(f"var {t} = {w.rng.choice(['-1', '0'])}")
    head, v = counted(w, dim)
    p, a = v.name, lines.a
    found = w.rng.choice([f"{a.at(p)} > {w.elem}(5)", f"{a.at(p)} == {lines.b.at(p)}", w.condition()])
    rows = [f"if {found}:", f"    {t} = {p}", "    break"]
    if w.chance(0.5):
        rows.insert(w.rng.choice([0, 3]), f"{lines.to.at(p)} = {mixed(w, lines.b.at(p))}")
    body(w, head, v, *rows)
    if text := w.some_element(w.elem, to_write=True):
        w.put(f"{text} += {w.elem}({t})")


@along
def extremes(w, dim, lines):
    """The largest and where it is."""
    s, t = w.fresh("s"), w.fresh("t")
    w.put(f"var {s} = {w.elem}({w.literal(w.elem)})")
    w.put(f"var {t} = -1")
    head, v = counted(w, dim)
    a = lines.a.at(v.name)
    a = f"abs({a})" if w.chance(0.2) else a
    body(w, head, v, f"if {a} {w.rng.choice(['>', '<', '>=', '<='])} {s}:", f"    {s} = {a}",
         *([f"    {t} = {v.name}"] if w.chance(0.8) else []))
    if text := w.some_element(w.elem, to_write=True):
        w.put(f"{text} = {s} + {w.elem}({t})")


@along
def declared(w, dim, lines):
    """What is said to be a sum, a product, the smallest or the largest."""
    s, op = w.fresh("s"), w.rng.choice(["+", "+", "*", "min", "max"])
    a, b = lines.a, lines.b
    if w.chance(0.3):
        head, v = counted(w, dim)
        condition = w.rng.choice(["", f" if {a.at(v.name)} > {w.elem}(2)"])
        where = head[head.index("in "):-1]
        w.put(f"let {s}: {w.elem} = sum({a.at(v.name)} * {b.at(v.name)} for {v.name} {where}{condition})")
    else:
        kind = "simd" if w.indent > 1 else w.rng.choice(["simd", "parallel", "simd parallel"])
        head, v = counted(w, dim)
        w.put(f"var {s}: {w.elem} = {w.leaf(w.elem)}")
        value = w.rng.choice([a.at(v.name), f"({a.at(v.name)} - {b.at(v.name)})", f"{a.at(v.name)} * {b.at(v.name)}"])
        row = f"{s} = {op}({s}, {value})" if op in ("min", "max") else f"{s} {op}= {value}"
        if w.chance(0.3):
            row = f"if {a.at(v.name)} != {b.at(v.name)}: {row}"
        with w.block(head if w.in_lanes else f"{kind} {head[:-1]} reduce({op}: {s}):"):
            w.put(row)
    if text := w.some_element(w.elem, to_write=True):
        w.put(f"{text} = {s}")


# ---- Lanes that part: spmd, twins, stagger, pairs ----------------------------------------------------


@along
def marches(w, dim, lines):
    """Each iteration walks through cells of another line until it has enough."""
    rng, (x, s, k) = w.rng, (w.fresh("s") for _ in range(3))
    head, v = counted(w, dim, down=0)
    p, a = v.name, lines.a
    is_apart = lines.to.array not in (lines.a.array, lines.b.array)
    simd = rng.choice(["", "simd "]) if is_apart and not w.in_lanes else ""
    with w.block(simd + head):
        w.put(f"var {x} = {'0' if w.chance(0.5) else f'int({lines.b.at(p)}) % 3'}")
        w.put(f"var {s}: {w.elem} = {w.elem}({w.literal(w.elem)})")
        w.put(f"var {k}: {rng.choice(['int', 'i32'])} = 0")
        with w.block(f"while {x} < {dim} and {k} < {rng.choice(['9', '20'])}:"):
            if w.chance(0.6):
                cell = w.fresh("t")
                w.put(f"let {cell} = max(0, min({x}, {dim} - 2))")
                w.put(f"{s} += {a.at(cell)}" + (f" - {a.at(cell + ' + 1')}" if w.chance(0.6) else ""))
            else:
                w.put(f"{s} = {s} + {w.elem}({x})")
            if w.chance(0.4):
                w.put(f"if {s} > {w.elem}(40): break")
            w.put(f"{k} += 1")
            if w.chance(0.3):
                w.put(f"if {s} < {w.elem}(3):")
                w.put(f"    {x} += 2")
                w.put("    continue")
            w.put(f"{x} += {rng.choice(['1', '2', f'int({k})'])}")
        w.put(f"{lines.to.at(p)} = {s} + {w.elem}({rng.choice([x, k])})")


@along
def ways(w, dim, lines):
    """Nested ifs, `continue`, errors that are handled."""
    head, v = counted(w, dim, down=0)
    p, to, a, b = v.name, lines.to, lines.a, lines.b
    form = w.rng.choice(["skip", "nested", "chain", "error"])
    if form == "skip":
        rows = [f"if {a.at(p)} < {b.at(p)}:", "    continue", f"{to.at(p)} = {mixed(w, b.at(p))}"]
    elif form == "nested":
        rows = [f"if {a.at(p)} > {w.elem}(1):", f"    if {b.at(p)} > {w.elem}(2):", f"        {to.at(p)} += {b.at(p)}",
                f"    {to.at(p)} = {to.at(p)} - {a.at(p)}"]
    elif form == "chain":
        rows = [f"if {a.at(p)} > {w.elem}(7):", f"    {to.at(p)} = {a.at(p)}", f"elif {b.at(p)} > {w.elem}(3):",
                f"    {to.at(p)} = {b.at(p)}", "else:", f"    {to.at(p)} += {w.elem}(1)"]
    else:
        rows = ["try:", f"    if {a.at(p)} > {w.elem}(6):", '        raise Error("large")', f"    {to.at(p)} = {b.at(p)}",
                "except:", f"    {to.at(p)} = {a.at(p)} - {w.elem}(2)"]
    body(w, head, v, *rows)


# ---- Nests: jam, slide, unroll, tiles, split ---------------------------------------------------------


@along
def filters(w, dim, lines):
    """A line from several near it, written out or in a loop of a few iterations."""
    reach, (v, k) = w.rng.choice([1, 2, 4]), (w.fresh("p") for _ in range(2))
    a = lines.a
    with w.block(f"for {v} in range({reach}, {dim} - {reach}):"):
        if w.chance(0.7):
            taps = [f"{a.at(w.moved(v, j, j) if j else v)}" for j in range(-reach, reach + 1)]
            w.put(f"{lines.to.at(v)} = {' + '.join(taps)}")
        else:
            with w.block(f"for {k} in range({min(4, 2 * reach + 1)}):"):
                w.put(f"{lines.to.at(v)} += {a.at(f'{v} + {k} - {reach}')} * {w.elem}({k} + 1)")


def nest(w, order, inner, around=0.5):
    """Loops over (variable, dimension) pairs, one in the other, with statements beside the inner ones."""
    if not order:
        w.put(inner)
        return
    (name, dim), *rest = order
    with w.block(f"for {name} in range({dim}):"):
        w.variables.append(Variable(name, dim))
        if rest and w.chance(around):
            w.simple()
        nest(w, rest, inner, around)
        if rest and w.chance(around):
            w.simple()


def outermost(function):
    """A pattern that stands in no other loop. It is given names for its own."""
    def run(w):
        function(w, w.fresh("p"), w.fresh("p"), w.fresh("p"))
    NESTS.append(run)
    return run


@outermost
def products(w, i, k, j):
    """Of matrices, their loops in any order."""
    order = [(i, "h"), (k, "h"), (j, "w")]
    w.rng.shuffle(order)
    left = w.rng.choice([f"e[{i}, {k}]", f"e[{k}, {i}]", f"x[{i} + {k}]", "x[m]"])
    nest(w, order, f"o[{i}, {j}] {w.rng.choice(['+=', '-='])} {left} * b[{k}, {j}]", 0.3)


@outermost
def transposed(w, i, j, _):
    """Rows become columns."""
    value = w.rng.choice([f"q[{j}, {i}]", f"q[{j}, {i}] + a[{i}, {j}]", f"q[{j}, {i}] * {w.elem}(2) - q[{j}, {i}]"])
    inner = w.rng.choice([f"o[{i}, {j}] {w.rng.choice(['=', '+='])} {value}",
                          f"q[{j}, {i}] {w.rng.choice(['=', '+='])} a[{i}, {j}]"])
    order = [(i, "h"), (j, "w")] if w.chance(0.7) else [(j, "w"), (i, "h")]
    nest(w, order, inner)


@outermost
def folded(w, i, j, _):
    """A number for each row or each column."""
    s, down = w.fresh("s"), w.chance(0.5)
    (outer, over), (inner, along_it) = ((j, "w"), (i, "h")) if down else ((i, "h"), (j, "w"))
    head, v = counted(w, along_it)
    with w.block(f"for {outer} in range({over}):"):
        w.variables.append(Variable(outer, over))
        if w.chance(0.3):
            w.simple()
        w.put(f"var {s}: {w.elem} = {w.rng.choice(['0', f'{w.elem}(y[{outer}])'])}")
        element = f"a[{v.name}, {outer}]" if down else f"a[{outer}, {v.name}]"
        body(w, head, v, w.rng.choice([f"{s} += {element}", f"{s} += {element} * x[{v.name}]", f"{s} = max({s}, {element})",
                                       f"if {element} > {w.elem}(3): {s} += {element}"]))
        w.put(f"y[{outer}] {w.rng.choice(['=', '+='])} {s}")
        if w.chance(0.3):
            w.simple()


@outermost
def shared(w, i, k, j):
    """Each iteration reads one element of a row that it changes."""
    order = [(k, "h"), (i, "h"), (j, "h")]
    value = w.rng.choice([f"min(e[{i}, {j}], e[{i}, {k}] + e[{k}, {j}])", f"e[{i}, {j}] - e[{i}, {k}]",
                          f"max(e[{i}, {j}], e[{k}, {j}])"])
    nest(w, order if w.chance(0.7) else order[1:] + order[:1], f"e[{i}, {j}] = {value}", 0.15)


@outermost
def kept(w, i, j, _):
    """Elements at one place in all iterations of a loop, and others that come near them."""
    rng, along_it = w.rng, w.rng.choice(["w", "h"])
    places = rng.sample(["y[0]", "y[m]", f"v[{i}]", f"v[{i} // 2]", f"o[{i}, 0]", f"o[{i}, m]", f"e[{i}, {i}]", "rgb[0, 1]"], 2)
    near = [f"v[{j}]", f"e[{i}, {j}]", f"y[{j}]"] if along_it == "h" else [f"o[{i}, {j}]", f"o[{j} % h, {j}]", f"y[{j} + 1]"]
    head = rng.choice([f"range({along_it})"] * 3 + ["range(m)", "range(3)", f"range({i} + 1, {along_it})"])
    if along_it == "h":
        head = rng.choice([head, f"range({i})", f"range({i} + 1, h)"])
    with w.block(f"for {i} in range(h):"):
        w.variables.append(Variable(i, "h"))
        if w.chance(0.3):
            w.simple()
        with w.block(f"for {j} in {head}:"):
            w.variables.append(Variable(j, along_it))
            for _ in range(rng.randint(1, 3)):
                place = rng.choice(places)
                value = rng.choice(near) if w.chance(0.3) else w.value(w.elem, 1)
                w.put(rng.choice([f"{place} += {value}"] * 3 + [f"{place} = max({place}, {value})", f"{place} = {value}",
                                  f"if {w.condition()}: {place} -= {value}", f"{rng.choice(near)} = {place}"]))
            if w.chance(0.25):
                w.put(f"if {w.condition()}: {rng.choice(['break', 'continue', 'return'])}")
        if w.chance(0.3):
            w.simple()


@outermost
def sampled(w, i, t, s):
    """Lanes walk over a grid, whose cells they compute from where they are."""
    rng = w.rng
    real = w.elem if w.elem in FLOATS else "f32"
    grid = (lambda r, c: f"{real}(a[{r}, {c}])") if w.chance(0.5) else (lambda r, c: f"{real}(q[{c}, {r}])")
    row, column = w.fresh("t"), w.fresh("t")
    with w.block(f"{rng.choice(['simd ', 'simd ', ''])}for {i} in range({rng.choice(['w', 'h', 'n'])}):"):
        w.put(f"var {t} = {real}({i} % 7) * {real}({rng.choice(['0.125', '0.5', '0.0'])})")
        w.put(f"var {s} = {real}(0.0)")
        with w.block(f"while {t} < {rng.choice(['3.0', '1.0', f'min({real}(y[{i}]), 4.0)'])} and {t} > -1.0:"):
            w.put(f"let {column} = max(0, min(int(({t} * {t} + 0.25) * {real}(w - 1)), w - 2))")
            w.put(f"let {row} = max(0, min(int(({t} + 0.5) * {real}(h - 1)), h - {rng.choice([1, 2])}))")
            w.put(f"{s} += {grid(row, column)} * 0.5 - {grid(row, f'{column} + 1')}")
            if w.chance(0.6):
                w.put(f"{s} = {s} - {grid(f'{row} + 1', column)} + {grid(f'{row} + 1', f'{column} + 1')}")
            if w.chance(0.3):
                w.put(f"if {s} > 40.0: break")
            w.put(f"{t} += {rng.choice(['0.25', '0.5', f'{real}({i} % 3 + 1) * 0.25'])}")
        w.put(f"z[{i}] = {w.elem}({s})")


# ---- Other places for elements: cells, fields, lanes -------------------------------------------------


@outermost
def points(w, p, _, __):
    """Fields of elements, and short rows."""
    rows = [f"ps[{p}].x += x[{p}]", f"ps[{p}].y = ps[{p}].y + c[{p}]", f"rgb[{p}, 1] = rgb[{p}, 0] + rgb[{p}, 2]",
            f"y[{p}] = rgb[{p}, 0] - ps[{p}].x", f"ps[{p}] = P(rgb[{p}, 2], c[{p}])",
            f"if ps[{p}].x > rgb[{p}, 1]: rgb[{p}, 2] = ps[{p}].x"]
    with w.block(f"for {p} in range(n):"):
        w.variables.append(Variable(p, "n"))
        for row in w.rng.sample(rows, w.rng.randint(1, 3)):
            w.put(row)


@outermost
def windows(w, i, j, s):
    """Rows and strided windows with names of their own."""
    if w.chance(0.5):
        with w.block(f"for {i} in range(h):"):
            w.put(f"let {s} = a.row({i})")
            w.put(f"for {j} in range(w):")
            w.put(f"    o[{i}, {j}] {w.rng.choice(['=', '+='])} {s}[{j}] - {s}[w - 1 - {j}]")
    else:
        w.put(f"let {s} = {w.rng.choice(['x[::2]', 'x[1::3]', 'x[1:]', 'x[:-1]'])}")
        with w.block(f"for {j} in range({s}.len()):"):
            w.put(f"y[{j}] {w.rng.choice(['=', '+='])} {s}[{j}] + {s}[{s}.len() - 1 - {j}]")


@outermost
def simd_values(w, p, _, __):
    """Functions of numbers over vectors."""
    names = [name for name, elem in w.functions if elem == w.elem]
    x = next(a.name for a in w.arrays if a.name in ("x", "y") and a.holder != "Strided")
    call = f"{names[0]}({x}.load[4](4 * {p}), {w.elem}(3))" if names else f"{x}.load[4](4 * {p}) * {w.elem}(3)"
    with w.block(f"for {p} in range(n // 4):"):
        w.put(f"y.store(4 * {p}, {call} + y.load[4](4 * {p}))")
