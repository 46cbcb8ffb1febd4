"""Kind layers: the shape of the source tree. Which room includes which, and what is found nowhere.

The table is docs/architecture.md's. A room may include itself and those listed.
"""

import glob
import os
import re

from runner.core import ROOT, Test, have, outcome, read, relative, run

ROOMS = {
    "support": (),
    "lexer": ("support",),
    "parser": ("support", "lexer"),
    "sema": ("support", "lexer", "parser"),
    "ir": ("support", "kc"),
    "ir/lower": ("support", "lexer", "parser", "sema", "ir"),
    "ir/analysis": ("support", "ir"),
    "ir/ownership": ("support", "ir", "ir/analysis"),
    "ir/passes": ("support", "ir", "ir/analysis", "ir/ownership"),
    "codegen": ("support", "ir", "ir/analysis", "kc"),
    "driver": ("support", "lexer", "parser", "sema", "ir", "ir/lower", "ir/analysis", "ir/ownership",
               "ir/passes", "codegen", "runtime", "kc"),
    "runtime": ("kc",),
}

# What only some rooms may do: (what, pattern, rooms).
RESERVED = (
    ("includes llvm-c", re.compile(r"#\s*include\s*<llvm-c/"), ("codegen",)),
    ("includes ffi.h", re.compile(r"#\s*include\s*<ffi\.h>"), ("driver",)),
    ("reads the environment", re.compile(r"\b(?:secure_)?getenv\s*\("), ("driver", "runtime")),
    ("reads argv", re.compile(r"\bargv\b"), ("driver",)),
)

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"", re.DOTALL)
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
LONGEST_FILE = 600
LONGEST_FUNCTION = 80


def room_of(path):
    """The room that a path like ir/passes/fold.c is in."""
    folder = os.path.dirname(path)
    while folder and folder not in ROOMS and folder != "kc":
        folder = os.path.dirname(folder)
    return folder


def sources():
    found = []
    for room in {name.split("/")[0] for name in ROOMS}:
        for ending in ("c", "h", "l", "y", "def"):
            found += glob.glob(os.path.join(ROOT, room, "**", "*." + ending), recursive=True)
    return sorted(relative(path) for path in found)


def without_comments(text):
    return COMMENT.sub(lambda match: match.group(0) if match.group(0)[0] == '"' else " ", text)


def check_includes(path, text):
    room = room_of(path)
    problems = []
    for included in INCLUDE.findall(text):
        other = room_of(included)
        if not other:
            problems.append(f'{path}: "{included}" does not name its room')
        elif other != room and other not in ROOMS.get(room, ("kc",)):
            problems.append(f'{path}: {room} may not include "{included}"')
    code = without_comments(text)
    for what, pattern, rooms in RESERVED:
        if pattern.search(code) and room not in rooms and room != "kc":
            problems.append(f"{path}: {room} {what}; only {' and '.join(rooms)} may")
    return problems


def check_length(path, text):
    problems = []
    rows = text.split("\n")
    if len(rows) > LONGEST_FILE + 1:
        problems.append(f"{path}: {len(rows) - 1} lines; a file has one subject and at most "
                        f"{LONGEST_FILE}")
    start = 0
    for number, row in enumerate(rows, 1):
        if re.match(r"[A-Za-z_].*\)\s*\{$", row) or (row == "{" and path.endswith(".c")):
            start = number
        if row == "}" and start:
            if number - start > LONGEST_FUNCTION:
                problems.append(f"{path}:{start}: a function of {number - start} lines; at most "
                                f"{LONGEST_FUNCTION}")
            start = 0
    if UNFINISHED.search(text):
        problems.append(f"{path}: unfinished: {UNFINISHED.search(text).group(0)}")
    return problems


def check_passes():
    """Each pass has a contract in its file, and a row in the pages' table that says at which level it starts."""
    problems = []
    table = read(os.path.join(ROOT, "ir/passes/passes.def"))
    page = read(os.path.join(ROOT, "docs/passes.md"))
    texts = [read(os.path.join(ROOT, path)) for path in sources() if path.startswith("ir/")]
    for kind, name, function in re.findall(r'^PASS\((\w+), "([\w-]+)", (\w+),', table, re.MULTILINE):
        level = min(re.findall(rf"^STEP\({kind}, (\d),", table, re.MULTILINE), default="?")
        if not re.search(rf"^\| `{name}` \|[^|]*\|[^|]*\| -O{level} \|$", page, re.MULTILINE):
            problems.append(f"docs/passes.md: no row `{name}` that ends with -O{level}")
        homes = [text for text in texts if re.search(rf"^void {function}\([^;]*\) {{$", text, re.MULTILINE)]
        if not homes or not all(f" * {word}:" in home for home in homes for word in ("Requires", "Establishes", "Breaks")):
            problems.append(f"{name}: the file of {function} does not begin with its contract")
    return problems


def written_data(settings):
    """Objects of the compiler that hold writable data: several compilations share one process."""
    problems = []
    if settings.sanitize or not have("readelf"):
        return []
    for path in sorted(glob.glob(os.path.join(settings.build, "obj", "**", "*.o"), recursive=True)):
        room = os.path.relpath(path, os.path.join(settings.build, "obj"))
        if room.startswith(("runtime", "gen")):
            continue
        listing = run(settings, ["readelf", "-SW", path]).out
        for name, size in re.findall(r"\] (\.(?:data|bss)(?:\.[\w.]+)?) +\w+ +\w+ \w+ (\w+)",
                                     listing):
            if not name.startswith(".data.rel.ro") and int(size, 16) > 0:
                problems.append(f"{room}: {int(size, 16)} bytes of {name}; file-scope data is const")
    return problems


def find(settings):
    def whole(name, check):
        def collect():
            return [row for path in sources() for row in check(path, read(os.path.join(ROOT, path)))]
        return Test(name, lambda: outcome(name, collect(), f"tests/run.py {name}"))
    data, passes = "layers/data", "layers/passes"
    return [
        whole("layers/includes", check_includes),
        whole("layers/style", check_length),
        Test(passes, lambda: outcome(passes, check_passes(), f"tests/run.py {passes}")),
        Test(data, lambda: outcome(data, written_data(settings), f"tests/run.py {data}")),
    ]
