"""What the writers of random programs share: running one in several ways, comparing, keeping what differs.

A writer has a function that makes the text of a program from a seed, and one that says in which ways it
is to be run. `fuzz` is the command line around both.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

TIMEOUT_S = 60
REFUSED, DIFFERENT = "refused", "outcomes differ"
SMALLER_S = 5  # for what is made smaller: a loop whose counter is gone does not end
SHOWN = 1500  # characters of what a program complains of


def arguments(description, count):
    """The parser of the options that all writers have, `count` programs unless told otherwise."""
    parser = argparse.ArgumentParser(description=description.split("\n", maxsplit=1)[0])
    parser.add_argument("--kc", default="build/kc")
    parser.add_argument("--count", type=int, default=count)
    parser.add_argument("--seed", type=int, default=1)
    return parser


def fuzz_arguments(description):
    """The same of `fuzz`: the seed is that of the first program, and the next program has the next."""
    parser = arguments(description, 100)
    parser.add_argument("--seconds", type=float, default=0, help="stop after this long")
    parser.add_argument("--keep", help="folder for programs that fail")
    parser.add_argument("--shrink", action="store_true", help="make programs that fail smaller")
    return parser


def seeds(options):
    """The seeds of the programs that there are to be, until the time is up."""
    end = time.monotonic() + options.seconds if options.seconds else None
    for seed in range(options.seed, options.seed + options.count):
        if end and time.monotonic() > end:
            return
        yield seed


# ---- Running ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What a program printed, how it ended, and what it complained of."""
    printed: str
    status: str
    complaint: str = ""

    @property
    def is_refused(self):
        return "error[" in self.complaint

    @property
    def is_panic(self):
        return self.status == "panic"

    def __str__(self):
        lines = len(self.printed.splitlines())
        return f"status {self.status} after {lines} lines {self.complaint.strip()[:SHOWN]}".rstrip()

    def agrees(self, other):
        return (self.printed, self.status) == (other.printed, other.status)


def run(kc, path, flags, timeout=TIMEOUT_S):
    """A panic is one whatever it complains of: which of two checks that fail is reported is not promised."""
    try:
        done = subprocess.run([kc, "run", path, *flags], capture_output=True, text=True, errors="replace",
                              stdin=subprocess.DEVNULL, timeout=timeout)
    except subprocess.TimeoutExpired:
        return Outcome("", "timeout")
    is_panic = re.match(r"\S+:\d+: in ", done.stderr)
    return Outcome(done.stdout, "panic" if is_panic else str(done.returncode), done.stderr)


def compare(kc, path, groups, timeout=TIMEOUT_S):
    """(problem or None, [(flags, outcome)]). Each group is a list of flags that must agree; the first of the
    first tells whether the program is one at all. After a panic, what is not checked may do anything."""
    oracle = run(kc, path, groups[0][0], timeout)
    outcomes = [(groups[0][0], oracle)]
    if oracle.is_refused:
        return REFUSED, outcomes
    if oracle.status not in ("0", "panic"):
        return "the program was not accepted", outcomes
    for group in groups:
        first = None
        for flags in group:
            if oracle.is_panic and "--checks=none" in flags:
                continue
            outcome = oracle if flags == groups[0][0] else run(kc, path, flags, timeout)
            first = first or outcome
            if flags != groups[0][0]:
                outcomes.append((flags, outcome))
            if outcome.is_refused:  # what loops promise is only looked at where they are made vectors
                return REFUSED, outcomes
            if not outcome.agrees(first):
                return DIFFERENT, outcomes
    return None, outcomes


# ---- Making it smaller -----------------------------------------------------------------------------


def block_end(lines, at):
    """Behind the lines that are indented deeper than line `at`."""
    depth = len(lines[at]) - len(lines[at].lstrip())
    end = at + 1
    while end < len(lines) and len(lines[end]) - len(lines[end].lstrip()) > depth:
        end += 1
    return end


def smaller(text, still_fails):
    """The text without the statements, or the heads of blocks, that the failure does not need."""
    lines, at = text.splitlines(), 0
    while at < len(lines):
        end = block_end(lines, at)
        body = [line[4:] for line in lines[at + 1:end]]
        for instead in ([], body) if body else ([],):
            rest = lines[:at] + instead + lines[end:]
            if still_fails("\n".join(rest) + "\n"):
                lines = rest
                break
        else:
            at += 1
    return "\n".join(lines) + "\n"


def shrink(kc, path, problem, outcomes):
    """Writes the program smaller, as long as the same two ways of running it differ."""
    groups = [[outcomes[0][0], outcomes[-1][0]]]

    def still_fails(text):
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return compare(kc, path, groups, SMALLER_S)[0] == problem

    with open(path, encoding="utf-8") as file:
        text = before = file.read()
    if still_fails(text):
        while (text := smaller(before, still_fails)) != before:
            before = text
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)


# ---- The command line ------------------------------------------------------------------------------


def difference(outcome, oracle):
    """Where an outcome leaves that of the oracle."""
    for mine, other in zip(outcome.printed.splitlines(), oracle.printed.splitlines()):
        if mine != other:
            return f"`{mine}`, not `{other}`"
    return f"ends with {outcome}, not {oracle}"


def report(seed, problem, outcomes):
    print(f"seed {seed}: {problem}")
    for flags, outcome in outcomes:
        oracle = outcomes[0][1]
        same = "" if outcome is oracle or not outcome.agrees(oracle) else "the same"
        print(f"  {' '.join(flags)}: {same or (outcome if outcome is oracle else difference(outcome, oracle))}")
    sys.stdout.flush()


def fuzz(options, make_program, ways, may_refuse=""):
    """Compares the programs of all seeds; the exit status. `ways(text, seed)` gives the groups of `compare`;
    `may_refuse` is a pattern of the errors with which kc may refuse a program."""
    if options.keep:
        os.makedirs(options.keep, exist_ok=True)
    agree = refused = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds(options):
            path = os.path.join(options.keep or folder, f"p{seed}.k")
            text = make_program(seed)
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)
            problem, outcomes = compare(options.kc, path, ways(text, seed))
            if problem == REFUSED and may_refuse and re.search(may_refuse, outcomes[-1][1].complaint):
                problem, refused = None, refused + 1
            if problem:
                failed += 1
                report(seed, problem, outcomes)
                if options.shrink and problem == DIFFERENT:
                    shrink(options.kc, path, problem, outcomes)
            else:
                agree += 1
                os.remove(path)
    agree -= refused
    print(f"{agree} programs agree, {failed} do not" + (f", {refused} are refused" if refused else ""))
    return 1 if failed else 0
