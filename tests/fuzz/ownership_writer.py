"""Writes random functions about ownership for owngen.py; ownership_prelude.k declares what they use.

Each function is `tN(seed: int) -> f32`: it makes, moves, views, slices, lends, stores and drops values at random, in
branches and loops, through calls that may fail, in structs, lists, arenas and tasks. Conditions are coins, so that
every path is possible.
"""

import random

TENSOR, PAIR, BOX, VIEW, MUT, WIN, LIST, ARENA, NUM, TASK, GRID, NEST, PEN, INT = 'TPBVMWLANKGEDI'
SLICES = ((0, 2), (2, 4), (1, 3), (0, 4), (0, 1), (3, 4))


class Name:
    def __init__(self, text, kind, is_var):
        self.text, self.kind, self.is_var = text, kind, is_var


# What functions under test take: the declaration, its kind, whether it may be changed, and what their
# caller passes, which it makes before.
PARAMETERS = (
    ('inout x: Tensor[f32, ?]', TENSOR, True, 'x'),
    ('y: Tensor[f32, ?]', TENSOR, False, 'y'),
    ('owned z: Tensor[f32, ?]', TENSOR, True, 'z^'),
    ('v: View[f32, ?]', VIEW, False, 'y.view()'),
    ('v: View[f32, ?]', VIEW, False, 'y.slice(1, 3)'),
    ('m: MutView[f32, ?]', MUT, False, 'k.view_mut()'),
    ('inout p: Pair', PAIR, True, 'p'),
    ('q: Pair', PAIR, False, 'q'),
    ('inout l: List[Tensor[f32, ?]]', LIST, True, 'l'),
    ('inout a: Arena', ARENA, True, 'a'),
    ('b: Arena', ARENA, False, 'b'),
    ('w: Win', WIN, False, 'Win(y.view(), 1)'),
    ('d: Pen', PEN, False, 'Pen(k.slice_mut(0, 2), 1)'),
    ('inout e: Nest', NEST, True, 'e'),
    ('g: Tensor[f32, ?, ?]', GRID, False, 'g'),
    ('inout h: Tensor[f32, ?, ?]', GRID, True, 'h'),
    ('owned o: Box', BOX, True, 'o^'),
)
MADE = {'x': 'make(4)', 'y': 'make(4)', 'z': 'make(4)', 'k': 'make(4)', 'p': 'Pair(make(4), make(4))',
        'q': 'Pair(make(4), make(4))', 'l': 'List[Tensor[f32, ?]]()', 'a': 'Arena(4096)',
        'b': 'Arena(4096)', 'o': 'Box(make(4), 1)', 'e': 'Nest(Pair(make(4), make(4)), make(4))',
        'g': 'Tensor[f32](4, 4)', 'h': 'Tensor[f32](4, 4)'}
MADE_KINDS = {'p': PAIR, 'q': PAIR, 'l': LIST, 'a': ARENA, 'b': ARENA, 'o': BOX, 'e': NEST, 'g': GRID,
              'h': GRID}
RESULTS = {NUM: 'f32', TENSOR: 'Tensor[f32, ?]', VIEW: 'View[f32, ?]', MUT: 'MutView[f32, ?]',
           WIN: 'Win', PAIR: 'Pair'}


class Writer:
    """One function. `gone` says what was moved, as far as is easy to see: most statements keep away
    from that, so that most programs have one mistake or none."""

    def __init__(self, rng, head, result=NUM, parameters=(), raises=False):
        self.rng, self.lines, self.names, self.next = rng, [], [], 0
        self.gone, self.loops, self.tries, self.result_kind = set(), 0, 0, result
        self.is_def = rng.random() < 0.1
        self.tries = int(raises)
        self.raises = raises
        self.lines.append(f'{"def" if self.is_def else "fn"} {head}{" raises" if raises else ""} -> '
                          f'{RESULTS[result]}:')
        self.line(1, 'var s = seed')
        self.line(1, 'var acc: f32 = 0.0')
        for text, kind, is_var, _ in parameters:
            name = text.split(':')[0].split()[-1]
            self.names.append(Name(name, kind, is_var))

    def finish(self, declared, count):
        for _ in range(declared):
            self.declare(1)
        self.block(1, count)
        if self.raises:
            self.line(1, 'acc += risky(coin(s))')
        self.line(1, f'return {self.result()}')
        return self.lines

    def result(self):
        if self.result_kind == TENSOR:
            return self.some(TENSOR) if self.chance(0.4) and self.some(TENSOR) else self.tensor()
        if self.result_kind == VIEW:
            return self.view() or 'make(4).view()'
        if self.result_kind == MUT:
            return self.mutable() or 'make(4).view_mut()'
        if self.result_kind == WIN:
            return self.some(WIN) or f'Win({self.view() or "make(4).view()"}, 1)'
        if self.result_kind == PAIR:
            name = self.some(PAIR)
            return name if name and self.chance(0.5) else f'Pair({self.tensor()}, {self.tensor()})'
        return 'acc'

    def line(self, depth, text):
        self.lines.append('    ' * depth + text)

    def chance(self, p):
        return self.rng.random() < p

    # ---- Names ----

    def fresh(self, kind, is_var):
        self.next += 1
        name = Name(f'{kind.lower()}{self.next}', kind, is_var)
        self.names.append(name)
        return name.text

    def some(self, kinds, var=False):
        """The text of a name of one of these kinds, or None."""
        found = [n for n in self.names if n.kind in kinds and (n.is_var or not var or self.chance(0.03))]
        good = [n for n in found if n.text not in self.gone]
        if good and not self.chance(0.04):
            found = good
        if not found:
            return None
        # Those of late make for more conflicts than a choice among all.
        name = found[-1 - min(int(self.rng.expovariate(0.5)), len(found) - 1)]
        return name.text

    def tensor_place(self, var=False):
        kind = self.rng.choice((TENSOR,) * 6 + (PAIR, PAIR, BOX, LIST, NEST))
        name = self.some(kind, var)
        if name is None:
            return self.some(TENSOR, var)
        if kind == PAIR:
            return f'{name}.{self.rng.choice("ab")}'
        if kind == BOX:
            return f'{name}.t'
        if kind == NEST:
            return f'{name}.{self.rng.choice(("t", "p.a", "p.b"))}'
        return f'{name}[0]' if kind == LIST else name

    def take(self, place):
        """`place^`, and it is gone."""
        self.gone.add(place)
        return f'{place}^'

    # ---- Values ----

    def tensor(self):
        r, place = self.rng.random(), None
        if r < 0.25:
            place = self.tensor_place()
            if place and '[' not in place:
                return self.take(place)
        elif r < 0.35:
            place = self.tensor_place()
            if place:
                return f'{place}.copy()'
        elif r < 0.42:
            place = self.some(TENSOR)
            if place:
                return f'step({self.take(place)})'
        elif r < 0.50:
            place = self.some(ARENA)
            if place:
                return self.rng.choice((f'{place}.tensor[f32](4)', f'scratch({place}, 4)'))
        elif r < 0.55:
            place = self.some(LIST, var=True)
            if place:
                return f'{place}.take(0)'
        elif r < 0.62:
            place = self.tensor_place()
            if place:
                return f'{place} * 2.0'
        elif r < 0.66 and self.tries:
            return 'maybe(4, coin(s))'
        elif r < 0.69 and self.is_def:
            place = self.some(TENSOR)
            if place:
                return place
        return self.rng.choice(('make(4)', 'Tensor[f32](4)'))

    def cut(self):
        number = self.some(INT)
        if number and self.chance(0.4):
            return self.rng.choice((f'0, {number}', f'{number}, 4', f'{number}, {number} + 1',
                                    f'{number} + 1, {number} + 2'))
        return '%d, %d' % self.rng.choice(SLICES)

    def row(self):
        number = self.some(INT)
        return self.rng.choice(('0', '1', number or '1', f'{number} + 1' if number else '2'))

    def view(self):
        r = self.rng.random()
        if r < 0.15:
            name = self.some(VIEW)
            if name:
                return self.rng.choice((name, f'{name}.slice(0, 1)', f'head({name})'))
        elif r < 0.22:
            name = self.some(WIN)
            if name:
                return f'{name}.x'
        elif r < 0.30:
            a, b = self.some(TENSOR + VIEW), self.some(TENSOR + VIEW)
            if a and b:
                return self.rng.choice((f'pick({a}, {b}, coin(s))', f'left({a}, {b})'))
        elif r < 0.35:
            name = self.some(PAIR)
            if name:
                return f'look({name})'
        elif r < 0.39:
            name = self.some(MUT)
            if name:
                return f'head({name})'
        elif r < 0.42:
            return self.rng.choice(('make(4).view()', 'part(make(4))'))
        grid, nest = self.some(GRID), self.some(NEST)
        if grid and self.chance(0.3):
            return self.rng.choice((f'{grid}.row({self.row()})', f'{grid}[{self.row()}, :]',
                                    f'row_of({grid}, {self.row()})'))
        if nest and self.chance(0.2):
            return f'{nest}.inner()'
        place = self.tensor_place()
        if place is None:
            return None
        return self.rng.choice((f'{place}.view()', f'{place}.slice({self.cut()})', f'part({place})',
                                f'{place}.slice({self.cut()})'))

    def mutable(self):
        if self.chance(0.2):
            name = self.some(MUT)
            if name:
                return self.rng.choice((name, f'{name}.slice_mut(0, 1)'))
        grid, nest, pen = self.some(GRID, var=True), self.some(NEST, var=True), self.some(PEN)
        if grid and self.chance(0.4):
            return f'{grid}.row_mut({self.row()})'
        if nest and self.chance(0.2):
            return f'{nest}.open()'
        if pen and self.chance(0.2):
            return f'{pen}.m'
        place = self.tensor_place(var=True)
        if place is None:
            return None
        return self.rng.choice((f'{place}.view_mut()', f'{place}.slice_mut({self.cut()})',
                                f'{place}.slice_mut({self.cut()})', f'part_mut({place})'))

    def number(self):
        r = self.rng.random()
        if r < 0.35:
            name = self.some(VIEW + MUT + WIN)
            if name and name[0] == 'w':
                return self.rng.choice((f'{name}.x[0]', f'f32({name}.k)'))
            if name:
                return self.rng.choice((f'{name}[0]', f'{name}[0]', f'sumv({name})', f'f32({name}.len())'))
        elif r < 0.45:
            name = self.some(TENSOR)
            if name:
                return f'eat({self.take(name)})'
        elif r < 0.48:
            name = self.some(PAIR)
            if name:
                return f'eat_pair({self.take(name)})'
        elif r < 0.51:
            name = self.some(BOX)
            if name:
                return f'eat_box({self.take(name)})'
        elif r < 0.55 and self.tries:
            name = self.some(TENSOR)
            if name:
                return f'risky_eat({self.take(name)}, coin(s))'
        elif r < 0.57 and self.tries:
            return 'risky(coin(s))'
        elif r < 0.62:
            view = self.view()
            if view:
                return f'sumv({view})'
        grid, nest, pen = self.some(GRID), self.some(NEST), self.some(PEN)
        if grid and self.chance(0.3):
            return f'{grid}[{self.row()}, 1]'
        if nest and self.chance(0.2):
            return self.rng.choice((f'{nest}.first()', f'eat_pair({nest}.p^)'))
        if pen and self.chance(0.3):
            return f'{pen}.m[0]'
        place = self.tensor_place()
        if place is None:
            return '1.0'
        return self.rng.choice((f'{place}[{self.rng.randint(0, 3)}]', f'total({place})', f'{place}.sum()',
                                f'f32({place}.len())'))

    def condition(self):
        return self.rng.choice(('coin(s)',) * 4 + ('not coin(s)', 'coin(s) and coin(s)',
                                                   'coin(s) or coin(s)'))

    # ---- Statements ----

    def declare(self, depth):
        """A new name with a value."""
        is_var = self.chance(0.6)
        word = 'var' if is_var else 'let'
        kind = self.rng.choice((TENSOR,) * 6 + (VIEW,) * 5 + (MUT,) * 3 +
                               (PAIR, PAIR, BOX, WIN, LIST, ARENA, TASK, GRID, GRID, NEST, PEN, INT))
        if kind == TENSOR:
            if is_var and self.chance(0.06):
                self.line(depth, f'var {self.fresh(kind, True)}: Tensor[f32, ?]')
                return
            value = self.tensor()
        elif kind == PAIR:
            name = self.some(PAIR)
            value = self.take(name) if name and self.chance(0.2) else f'Pair({self.tensor()}, {self.tensor()})'
        elif kind == BOX:
            value = f'Box({self.tensor()}, 1)'
        elif kind == VIEW:
            value = self.view()
        elif kind == MUT:
            value = self.mutable()
        elif kind == WIN:
            view = self.view()
            value = view and self.rng.choice((f'Win({view}, 2)', f'window({view})'))
        elif kind == GRID:
            value = 'Tensor[f32](4, 4)'
        elif kind == NEST:
            value = f'Nest(Pair({self.tensor()}, make(4)), {self.tensor()})'
        elif kind == PEN:
            view = self.mutable()
            value = view and f'Pen({view}, 1)'
        elif kind == INT:
            is_var, word, value = False, 'let', self.rng.choice(('trips(s)', '1', '2', 'trips(s) + 1'))
        elif kind == MUT and self.chance(0.15):
            self.split(depth)
            return
        elif kind == LIST:
            is_var, word, value = True, 'var', 'List[Tensor[f32, ?]]()'
        elif kind == ARENA:
            is_var, word, value = True, 'var', 'Arena(4096)'
        else:
            self.spawn(depth)
            return
        if value is None:
            return
        name = self.fresh(kind, is_var)
        # Of any size, so that another one may follow.
        of_any = {VIEW: ': View[f32, ?]', MUT: ': MutView[f32, ?]'}.get(kind, '') if is_var else ''
        self.line(depth, f'{word} {name}{of_any} = {value}')
        if kind == LIST:
            for value in ('make(4)', 'make(4)', self.tensor()):
                self.line(depth, f'{name}.append({value})')

    def split(self, depth):
        place = self.some(TENSOR + MUT, var=True)
        if place:
            low, high = self.fresh(MUT, False), self.fresh(MUT, False)
            self.line(depth, f'let ({low}, {high}) = {place}.split_mut({self.row()})')

    def spawn(self, depth):
        place = self.some(TENSOR)
        if place is None:
            return
        name = self.fresh(TASK, False)
        call = self.rng.choice((f'total({place})', f'scale({place}, 2.0)', f'eat({place}^)'))
        if '^' in call:
            self.gone.add(place)
        self.line(depth, f'let {name} = spawn {call}')
        if self.chance(0.5):
            self.statement(depth)
        self.gone.add(name)
        self.line(depth, f'{name}.wait()' if 'scale' in call else f'acc += {name}.wait()')

    def assign(self, depth):
        kind = self.rng.choice((TENSOR, TENSOR, TENSOR, VIEW, VIEW, PAIR, MUT, WIN))
        if kind == TENSOR:
            place = self.tensor_place(var=True)
            value = self.tensor() if place else None
        elif kind == PAIR:
            place = self.some(PAIR, var=True)
            value = f'Pair({self.tensor()}, {self.tensor()})' if place else None
        elif kind == VIEW:
            place = self.some(VIEW, var=True)
            value = self.view() if place else None
        elif kind == WIN:
            place = self.some(WIN, var=True)
            view = self.view() if place else None
            value = view and f'Win({view}, 3)'
        else:
            place = self.some(MUT, var=True)
            value = self.mutable() if place else None
        if value is None:
            return
        self.line(depth, f'{place} = {value}')
        self.gone.discard(place)

    def write(self, depth):
        if self.chance(0.35):
            name = self.some(MUT)
            if name:
                self.line(depth, self.rng.choice((f'{name}[0] = acc', f'fill({name}, 2.0)',
                                                  f'{name}[0] += 1.0')))
                return
        grid, pen = self.some(GRID, var=True), self.some(PEN)
        if grid and self.chance(0.3):
            self.line(depth, self.rng.choice((f'{grid}[{self.row()}, 2] = {self.number()}',
                                              f'{grid}[{self.row()}, :] = 1.0')))
            return
        if pen and self.chance(0.4):
            self.line(depth, self.rng.choice((f'{pen}.m[0] = acc', f'draw({pen}, 1.0)')))
            return
        place = self.tensor_place(var=True)
        if place:
            self.line(depth, f'{place}[{self.rng.randint(0, 3)}] = {self.number()}')

    def call(self, depth):
        r, place = self.rng.random(), self.tensor_place(var=True)
        other = self.tensor_place(var=True)
        view, mutable = self.view(), self.mutable()
        pair, arena, items = self.some(PAIR, var=True), self.some(ARENA, var=True), self.some(LIST, var=True)
        grid, nest, texts = self.some(GRID, var=True), self.some(NEST, var=True), []
        if grid:
            texts += [f'copy_to({grid}.row_mut({self.row()}), {grid}.row({self.row()}))']
        if nest:
            texts += [f'{nest}.push({self.tensor()})', f'swap_t({nest}.t, {nest}.p.a)',
                      f'refill({nest}.p, coin(s))', f'{nest}.p = Pair(make(4), {self.tensor()})']
        if place:
            texts += [f'scale({place}, 2.0)', f'renew({place}, coin(s))', f'{place}.fill(1.0)',
                      f'scale({place}, total({place}))', f'{place}.swap(0, 1)', f'bump({place}[0], 1.0)',
                      f'{place} = {place} + 1.0']
        if place and other:
            texts += [f'swap_t({place}, {other})', f'add_into({place}, {other})',
                      f'bump({place}[0], {other}[1])']
        if mutable:
            texts += [f'fill({mutable}, 3.0)']
        if mutable and view:
            texts += [f'copy_to({mutable}, {view})']
        if pair:
            texts += [f'refill({pair}, coin(s))', f'swap_t({pair}.a, {pair}.b)']
            if view:
                texts += [f'both({pair}, {view})']
        if arena and r < 0.5:
            texts += [f'{arena}.reset()', f'fresh({arena})']
        if items and r < 0.6:
            texts += [f'{items}.append({self.tensor()})', f'add_to({items}, {self.tensor()})']
        if texts:
            self.line(depth, self.rng.choice(texts))

    def scope(self, depth, count):
        """A nested block: names made in it end with it."""
        kept = len(self.names)
        self.block(depth, count)
        del self.names[kept:]

    def branch(self, depth):
        before = set(self.gone)
        self.line(depth, f'if {self.condition()}:')
        self.scope(depth + 1, self.rng.randint(1, 3))
        after = self.gone
        self.gone = set(before)
        if self.chance(0.5):
            self.line(depth, 'else:')
            self.scope(depth + 1, self.rng.randint(1, 3))
        self.gone |= after

    def loop(self, depth):
        self.loops += 1
        place = self.some(TENSOR + VIEW)
        kind = self.rng.random()
        if kind < 0.2 and place:
            self.line(depth, f'for x{self.loops} in {place}:')
        elif kind < 0.5:
            self.line(depth, f'for i{self.loops} in range({self.rng.randint(1, 3)}):')
        elif kind < 0.8:
            self.line(depth, f'for i{self.loops} in range(trips(s)):')
        else:
            self.line(depth, 'while coin(s):')
        self.scope(depth + 1, self.rng.randint(1, 4))
        self.loops -= 1

    def attempt(self, depth):
        self.line(depth, 'try:')
        self.tries += 1
        self.scope(depth + 1, self.rng.randint(1, 3))
        if self.chance(0.5):
            self.line(depth + 1, 'acc += risky(coin(s))')
        self.tries -= 1
        self.line(depth, 'except:')
        self.scope(depth + 1, 1)

    def leave(self, depth):
        if depth == 1:
            return
        word = self.rng.choice(('break', 'continue', 'return') if self.loops else ('return',))
        if word == 'return':
            word = f'return {self.result()}'
        if self.tries and self.chance(0.5):
            word = 'raise Error("x")'
        self.line(depth, word)

    def statement(self, depth):
        r = self.rng.random()
        if r < 0.30:
            self.declare(depth)
        elif r < 0.42:
            self.assign(depth)
        elif r < 0.52:
            self.write(depth)
        elif r < 0.66:
            self.call(depth)
        elif r < 0.84 or depth > 3:
            self.line(depth, f'acc += {self.number()}')
        elif r < 0.92:
            self.branch(depth)
        elif r < 0.97:
            self.loop(depth)
        else:
            self.attempt(depth)

    def block(self, depth, count):
        start = len(self.lines)
        for _ in range(count):
            self.statement(depth)
        if self.chance(0.12):
            self.leave(depth)
        if len(self.lines) == start:
            self.line(depth, 'acc += 1.0')


# ---- Judging ---------------------------------------------------------------------------------------

def write_pair(rng, number):
    """A function with parameters of all kinds, `uN`, and its caller."""
    chosen = rng.sample(PARAMETERS, rng.randint(1, 4))
    taken = set()
    chosen = [p for p in chosen if not (p[0].split(':')[0] in taken or taken.add(p[0].split(':')[0]))]
    result = rng.choice((NUM, NUM, NUM, TENSOR, TENSOR, VIEW, VIEW, MUT, WIN, PAIR))
    raises = result == NUM and rng.random() < 0.4
    declared = ', '.join(['seed: int'] + [p[0] for p in chosen])
    callee = Writer(rng, f'u{number}({declared})', result, chosen, raises)
    lines = callee.finish(rng.randint(0, 2), rng.randint(1, 7))
    caller = Writer(rng, f't{number}(seed: int)')
    for letter in sorted({c for p in chosen for c in p[3].replace('view_mut', '')
                         .replace('view', '').replace('slice', '').replace('Pen', '').replace('Win', '')
                         if c in MADE}):
        caller.line(1, f'var {letter} = {MADE[letter]}')
        caller.names.append(Name(letter, MADE_KINDS.get(letter, TENSOR), True))
        if letter == 'l':
            caller.line(1, 'l.append(make(4))')
            caller.line(1, 'l.append(make(4))')
        if rng.random() < 0.3:
            caller.declare(1)
    caller.gone |= {p[3][:-1] for p in chosen if p[3].endswith('^')}
    call = f'u{number}({", ".join(["seed"] + [p[3] for p in chosen])})'
    if raises:
        caller.line(1, 'try:')
        caller.line(2, f'acc += {call}')
        caller.line(1, 'except:')
        caller.scope(2, 1)
    elif result == NUM:
        caller.line(1, f'acc += {call}')
    else:
        caller.line(1, f'let {caller.fresh(result, False)} = {call}')
    return lines + [''] + caller.finish(0, rng.randint(1, 5))


def write_programs(seed, count):
    rng, programs = random.Random(seed), []
    for number in range(count):
        if rng.random() < 0.5:
            lines = Writer(rng, f't{number}(seed: int)').finish(rng.randint(1, 3), rng.randint(2, 9))
        else:
            lines = write_pair(rng, number)
        programs.append('\n'.join(lines) + '\n')
    return programs
