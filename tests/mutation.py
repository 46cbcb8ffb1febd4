#!/usr/bin/env python3
"""Switches off one rule of ownership after the other, and sees that the tests notice.

    tests/mutation.py [--jobs N] [--folder FOLDER] [--part I/N] [--list] [PATTERN...]

tests/mutations.toml holds the table: each mutation names the rule, what is wrong from then on, the file, a
snippet of it and what takes its place. They are made in a copy of the tree, which is built once; then each
is applied, what it changes is built again, the tests run up to the first that fails, and it is undone. What
no test fails for is a survivor: a rule that nobody would miss. So is one that does not compile: it shows
nothing. A snippet that is not there (exactly once) any more is reported as well, and has to be written anew.

`tests` are patterns of those that are most likely to fail: they run first. `--folder` keeps the copy, so that
the next run builds only what is new.
"""

import argparse
import fnmatch
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TABLE = os.path.join(ROOT, "tests", "mutations.toml")
UNITS = ["test_index_range", "test_ownership_flow", "test_ownership_graph", "test_poly"]
# Kinds and folders, in the order in which they run; then the unit tests, which have to be linked.
ROUNDS = [["ui/ownership/", "ui/effects/"],
          ["run/ownership/*@interp", "run/ownership/*@O0"],
          ["run/ownership/*@object"]]
LIMIT = 20  # seconds for one program: a mutation may keep the compiler from ending
# Nobody keeps this compiler: what counts is how soon it is there.
BUILD = ["OPT=-O1", "LDFLAGS=-fuse-ld=lld"] if shutil.which("ld.lld") else ["OPT=-O1"]

CAUGHT, SURVIVED, STALE, BROKEN = "caught", "SURVIVED", "DOES NOT APPLY", "DOES NOT COMPILE"


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def tracked_files():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True,
                            capture_output=True, check=True)
    return [name for name in listed.stdout.splitlines() if os.path.isfile(os.path.join(ROOT, name))]


def copy_tree(folder):
    """Files that differ get a new time, so that make sees which."""
    for name in tracked_files():
        source, target = os.path.join(ROOT, name), os.path.join(folder, name)
        with open(source, "rb") as file:
            wanted = file.read()
        if os.path.exists(target):
            with open(target, "rb") as file:
                if file.read() == wanted:
                    continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(wanted)
        shutil.copymode(source, target)


class Tree:
    """A copy of the project that may be broken."""

    def __init__(self, folder, jobs):
        self.folder, self.jobs = folder, jobs

    def path(self, name):
        return os.path.join(self.folder, name)

    def make(self, *targets):
        """What went wrong, or ""."""
        done = subprocess.run(["make", f"-j{self.jobs}", *BUILD, *targets], cwd=self.folder,
                              text=True, capture_output=True)
        return "" if done.returncode == 0 else done.stderr.strip() or done.stdout.strip()

    def make_units(self):
        return self.make("TEST_ROOMS=ir support", *(f"build/tests/{unit}" for unit in UNITS))

    def run(self, patterns):
        """The name of a test that fails, "" if all pass."""
        kinds = ",".join(sorted({pattern.split("/")[0] for pattern in patterns}))
        command = [sys.executable, "tests/run.py", "--stop", "--jobs", str(self.jobs),
                   "--timeout", str(LIMIT), f"--only={kinds}", *patterns]
        done = subprocess.run(command, cwd=self.folder, text=True, capture_output=True)
        for row in done.stdout.splitlines():
            if row.startswith("FAILED "):
                return row.split()[1]
        if done.returncode != 0 and " 0 failed" not in done.stdout:
            raise SystemExit(f"the tests did not run: {done.stderr.strip()}")
        return ""

    def first_failure(self, first):
        """The name of a test that fails, or "": first the likely ones, then all."""
        for patterns in [first] * bool(first) + ROUNDS:
            failed = self.run(patterns)
            if failed:
                return failed
        problem = self.make_units()
        return problem or self.run([f"unit/{unit}" for unit in UNITS])


def apply(tree, mutation):
    """The text of the file as it was; None if the snippet is not there once."""
    path = tree.path(mutation["file"])
    text = read(path) if os.path.exists(path) else ""
    if text.count(mutation["old"]) != 1:
        return None
    write(path, text.replace(mutation["old"], mutation["new"]))
    return text


def judge(tree, mutation):
    """(verdict, a word about it)"""
    text = apply(tree, mutation)
    if text is None:
        return STALE, mutation["file"]
    try:
        problem = tree.make("all")
        if problem:
            return BROKEN, problem
        failed = tree.first_failure(mutation.get("tests", []))
        return (CAUGHT, failed) if failed else (SURVIVED, "")
    finally:
        write(tree.path(mutation["file"]), text)


def matches(mutation, patterns):
    title = f"{mutation['rule']}: {mutation['what']} {mutation['file']}"
    return not patterns or any(fnmatch.fnmatch(title, f"*{pattern}*") for pattern in patterns)


def run_all(tree, mutations):
    counts = {}
    for number, mutation in enumerate(mutations, 1):
        began = time.monotonic()
        verdict, word = judge(tree, mutation)
        counts.setdefault(verdict, []).append(mutation)
        print(f"{number:3}/{len(mutations)} {verdict}: {mutation['rule']}: {mutation['what']}"
              f" – {word} ({time.monotonic() - began:.1f} s)", flush=True)
    return counts


def check(tree, mutations, trust):
    problem = tree.make("all") or ("" if trust else tree.first_failure([]))
    if problem:
        print(f"before any mutation: {problem}")
        return 1
    counts = run_all(tree, mutations)
    problem = tree.make("all")
    bad = [(verdict, m) for verdict in (SURVIVED, STALE, BROKEN) for m in counts.get(verdict, [])]
    for verdict, mutation in bad:
        print(f"{verdict}: {mutation['file']}: {mutation['what']}")
    print(f"{len(mutations)} mutations, {len(counts.get(CAUGHT, []))} caught, {len(bad)} not")
    return 1 if bad or problem else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", help="where the copy is, and stays")
    parser.add_argument("--trust", action="store_true",
                        help="that all tests pass before any mutation: they have just been run")
    parser.add_argument("--part", default="1/1", help="2/3: the second of three parts")
    parser.add_argument("--list", action="store_true", help="list the mutations, run none")
    parser.add_argument("pattern", nargs="*", help="part of a rule, of what is wrong, or of a file name")
    options = parser.parse_args()
    with open(TABLE, "rb") as file:
        mutations = [m for m in tomllib.load(file)["mutation"] if matches(m, options.pattern)]
    part, parts = map(int, options.part.split("/"))
    mutations = mutations[part - 1::parts]
    if options.list:
        for mutation in mutations:
            print(f"{mutation['file']}: {mutation['rule']}: {mutation['what']}")
        return 0
    folder = options.folder or tempfile.mkdtemp(prefix="kc-mutation-")
    try:
        copy_tree(folder)
        return check(Tree(folder, options.jobs), mutations, options.trust)
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
