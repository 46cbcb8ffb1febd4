"""What all kinds of tests share: settings, running a program, outcomes.

A kind is a module with `find(settings)`, which returns Tests. A Test runs on a worker thread and
returns a list of Results, mostly one.
"""

import difflib
import os
import re
import shlex
import shutil
import subprocess
import threading
from dataclasses import dataclass, field

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
LONGEST_DIFF = 40
TIMED_OUT = 124


@dataclass
class Result:
    name: str
    state: str
    message: str = ""  # why it failed or was skipped
    repeat: str = ""  # the command that shows it again


@dataclass
class Test:
    name: str  # kind/folder/stem, what patterns are matched against
    run: object  # callable without arguments, returns a list of Results


@dataclass
class Settings:
    kc: str
    build: str  # the build folder, absolute
    cc: list
    cxx: list
    sanitize: list  # flags that host programs need to link with our libraries
    llvm_bin: str
    bless: bool
    temp: str
    timeout: int
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _once: dict = field(default_factory=dict)
    _next: int = 0

    def temp_folder(self):
        """A fresh folder, gone when the runner ends."""
        with self._lock:
            self._next += 1
            path = os.path.join(self.temp, str(self._next))
        os.makedirs(path)
        return path

    def once(self, key, make):
        """The value of make(), made by whoever asks first."""
        with self._lock:
            slot = self._once.setdefault(key, [threading.Lock(), False, None])
        with slot[0]:
            if not slot[1]:
                slot[1:] = [True, make()]
        return slot[2]


@dataclass
class Ran:
    command: list
    status: int
    out: str
    err: str

    @property
    def crashed(self):
        """Killed, timed out, or stopped by an internal error or a sanitizer."""
        return self.status < 0 or self.status in (70, TIMED_OUT) or self.status > 125

    def describe(self):
        text = f"exit status {self.status}"
        if self.status == TIMED_OUT:
            text = "it did not end in time"
        elif self.status < 0:
            text = f"killed by signal {-self.status}"
        shown = (self.err + self.out).strip()
        return text + ("\n" + shorten(shown) if shown else "")


def shorten(text, lines=LONGEST_DIFF):
    rows = text.splitlines()
    if len(rows) <= lines:
        return text
    return "\n".join(rows[:lines] + [f"... {len(rows) - lines} more lines"])


def asan_options(leaks=True):
    """Freed memory of 16 MiB is watched: more is what LLVM frees, and costs a sixth of the time in page faults."""
    return f"detect_leaks={int(leaks)}:exitcode=99:quarantine_size_mb=16"


def environment(settings):
    env = dict(os.environ, NO_COLOR="1", LC_ALL="C.UTF-8", KC=settings.kc, ROOT=ROOT)
    env["PATH"] = os.pathsep.join([os.path.dirname(settings.kc), settings.llvm_bin, env["PATH"]])
    env.setdefault("ASAN_OPTIONS", asan_options())
    env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1")
    for name in ("KC_ARCH", "KC_NUM_THREADS"):
        env.pop(name, None)
    return env


def run(settings, command, cwd=ROOT, env=None, patience=1):
    """Runs a program to its end, but no longer than `patience` times the usual timeout; bytes that are
    not UTF-8 show as replacement characters."""
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, stdin=subprocess.DEVNULL,
                              timeout=settings.timeout * patience,
                              env=env or environment(settings))
    except subprocess.TimeoutExpired as late:
        return Ran(command, TIMED_OUT, text_of(late.stdout), text_of(late.stderr))
    except OSError as error:
        return Ran(command, 127, "", f"{command[0]}: {error.strerror}")
    return Ran(command, done.returncode, text_of(done.stdout), text_of(done.stderr))


def text_of(data):
    return (data or b"").decode("utf-8", "replace")


def shown(command):
    return " ".join(shlex.quote(relative(word)) for word in command)


def relative(path):
    return os.path.relpath(path, ROOT) if path.startswith(ROOT + os.sep) else path


def diff(expected, actual, expected_name, actual_name="what it printed"):
    rows = list(difflib.unified_diff(expected.splitlines(), actual.splitlines(), expected_name,
                                     actual_name, lineterm="", n=2))
    return shorten("\n".join(rows))


def read(path):
    with open(path, encoding="utf-8", errors="replace", newline="") as file:
        return file.read()


def write(path, text):
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)


def compare_golden(settings, path, actual, keep_empty=True):
    """Compares with a golden file, or writes it when blessing. Returns what differs, or ""."""
    exists = os.path.exists(path)
    if settings.bless:
        if actual or keep_empty:
            if not exists or read(path) != actual:
                write(path, actual)
        elif exists:
            os.remove(path)
        return ""
    if not exists:
        if not actual and not keep_empty:
            return ""
        return f"{relative(path)} does not exist (`make bless` writes it); it would hold\n" + \
            shorten(actual)
    expected = read(path)
    return "" if expected == actual else diff(expected, actual, relative(path))


def find_files(folder, *endings):
    """Files below tests/`folder`, sorted; folders called `inputs` hold what tests read, not tests."""
    found = []
    for base, folders, files in os.walk(os.path.join(ROOT, "tests", folder)):
        folders[:] = [name for name in folders if name not in ("inputs", "__pycache__")]
        found += [os.path.join(base, name) for name in files if name.endswith(endings)]
    return sorted(found)


def test_name(path):
    return os.path.splitext(os.path.relpath(path, os.path.join(ROOT, "tests")))[0]


def directives(text, word, leader="#"):
    """The rests of the lines `<leader> word: rest`."""
    pattern = rf"^[ \t]*{leader}[ \t]*{word}:[ \t]*(.*?)[ \t\r]*$"
    return re.findall(pattern, text, re.MULTILINE)


def flags_of(path, text=None, leader="#"):
    """The words of `# flags:` lines; %S is the file's folder."""
    rows = directives(text if text is not None else read(path), "flags", leader)
    folder = os.path.relpath(os.path.dirname(path), ROOT)
    return [word.replace("%S", folder) for row in rows for word in shlex.split(row)]


def outcome(name, problems, repeat):
    """One Result out of a list of problems."""
    problems = [problem for problem in problems if problem]
    if problems:
        return [Result(name, FAILED, "\n".join(problems), repeat)]
    return [Result(name, PASSED)]


def have(program):
    return shutil.which(program) is not None
