"""Whether a loop was vectorised: from clang's remarks about the C, and from the instructions of an object."""
import re
import subprocess

HEAD = re.compile(r"^[0-9a-f]+ <(\S+)>:$")
LINE = re.compile(r"^\s*([0-9a-f]+):\s+(?:\{\w+\}\s+)?([a-z][a-z0-9.]*)\s*(.*)$")
TARGET = re.compile(r"^([0-9a-f]+)\b")
CALLED = re.compile(r"<([^>+@]+)(?:@plt)?>")
REMARK = re.compile(r"^(.*?\.c):(\d+):\d+: remark: (.*?)(?: \[-R.*)?$")
# What only vectorised loops do on a register of 128 bits. Moves and logic serve scalars as well, as do comparisons.
PACKED = re.compile(r"^v?(add|sub|mul|div|sqrt|min|max|f[nm]*(add|sub)\w*|round|rndscale|hadd)p[sd]x?$"
                    r"|^v?p(add|sub|mul\w*|min|max|abs|avg|madd\w*|sll|srl|sra|sh)[a-z]*\d*$"
                    r"|^v?p?(gather|scatter|compress|expand)\w*$")
FILL = re.compile(r"^v?mov.*\)$|^vp?broadcast")
SCALAR_FLOAT = re.compile(r"^v?(add|sub|mul|div|sqrt|min|max|f[nm]*(add|sub)\w*|ucomi|comi)s[sd]$")


def disassembly(path):
    """Instructions by symbol: (address, mnemonic, operands)."""
    text = subprocess.run(["objdump", "-d", "--no-show-raw-insn", path], capture_output=True, text=True).stdout
    functions, body = {}, []
    for line in text.splitlines():
        head = HEAD.match(line)
        if head:
            body = functions.setdefault(head[1], [])
            continue
        match = LINE.match(line)
        if match:
            body.append((int(match[1], 16), match[2], match[3]))
    return functions


def innermost_loops(body):
    """The instructions of each loop that has no loop inside: what lies between a jump backwards and its target."""
    spans = []
    for address, mnemonic, operands in body:
        target = TARGET.match(operands)
        if mnemonic.startswith("j") and target and body[0][0] <= int(target[1], 16) <= address:
            spans.append((int(target[1], 16), address))
    inner = [s for s in spans if not any(o != s and s[0] <= o[0] and o[1] <= s[1] for o in spans)]
    return [[i for i in body if low <= i[0] <= high] for low, high in inner]


def register_width(operands):
    return 512 if "zmm" in operands else 256 if "ymm" in operands else 128 if "xmm" in operands else 0


def width_of_loop(loop):
    """Bits of the widest register that the loop computes with; 0 if all is scalar. A loop without any arithmetic on
    floats may copy or compare by vectors; one that has some moves structs in large registers. Mere stores are a loop
    that clears something."""
    packed = [register_width(o) for _, m, o in loop if PACKED.match(m)]
    wide = [register_width(o) for _, m, o in loop if ("ymm" in o or "zmm" in o) and not FILL.search(m + " " + o)]
    is_scalar = any(SCALAR_FLOAT.match(m) for _, m, _ in loop)
    return max(packed + ([] if is_scalar else wide), default=0)


def reached_from(functions, name):
    """`name` and what it calls in the same library, and what they were split into (`name.part.0`)."""
    wanted, found = [name], {}
    while wanted:
        name = wanted.pop()
        for symbol, body in functions.items():
            if symbol.split(".")[0] == name and symbol not in found:
                found[symbol] = body
                wanted += [c[1] for _, m, o in body if m.startswith(("call", "jmp")) and (c := CALLED.search(o))]
    return found.values()


def width_of_function(functions, name):
    """The widest innermost loop that `name` runs."""
    return max((width_of_loop(loop) for body in reached_from(functions, name) if body
                for loop in innermost_loops(body)), default=0)


def functions_of_source(source):
    """First and last line, and text, of functions that start at the margin and end with `}` there."""
    found, lines, first = {}, source.splitlines(), None
    for number, text in enumerate(lines, 1):
        head = re.match(r"^\w[^;=]*?\b(\w+)\(", text)
        if first is None and head:
            name, first = head[1], number
        if first is not None and (text.startswith("}") or (text.endswith("}") and number == first)):
            found[name] = (first, number, "\n".join(lines[first - 1:number]))
            first = None
    return found


def with_callees(functions, name):
    """Line ranges of a function and of those that it calls."""
    wanted, seen = [name], set()
    while wanted:
        name = wanted.pop()
        if name in functions and name not in seen:
            seen.add(name)
            wanted += re.findall(r"\b(\w+)\(", functions[name][2])
    return [functions[name][:2] for name in seen]


def remarks_of_function(text, source, name):
    """What clang says about a function's loops: `loop`, `slp` (straight code packed) or `no`, and why not."""
    ranges = with_callees(functions_of_source(source), name)
    messages = [m[3] for m in map(REMARK.match, text.splitlines())
                if m and any(first <= int(m[2]) <= last for first, last in ranges)]
    if any(m.startswith("vectorized loop") for m in messages):
        return "loop", ""
    if any("SLP vectorized" in m or "Vectorized horizontal" in m for m in messages):
        return "slp", ""
    reasons = [m for m in messages if m.startswith("loop not vectorized:")]
    return "no", reasons[0].removeprefix("loop not vectorized: ") if reasons else ""
