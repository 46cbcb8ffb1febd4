"""The command line, and the loop that runs everything."""

import argparse
import concurrent.futures
import fnmatch
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import traceback

from runner import abi, cli, coverage, docs, filecheck, golden, layers, run_cases, ui, unit
from runner.core import FAILED, PASSED, ROOT, SKIPPED, Result, Settings

KINDS = {
    "unit": unit.find,
    "layers": layers.find,
    "lex": golden.find_lex,
    "parse": golden.find_parse,
    "fmt": golden.find_fmt,
    "ui": ui.find,
    "ir": filecheck.find_ir,
    "codegen": filecheck.find_codegen,
    "run": run_cases.find,
    "abi": abi.find,
    "cli": cli.find,
    "docs": docs.find,
    "coverage": coverage.find,
}


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(
        prog="tests/run.py", description="Runs kc's tests. Exit status 0 if all pass.",
        epilog="A pattern matches a test if it is part of its name (ui/names/unknown) or, with * or "
               "?, all of it. Kinds: " + ", ".join(KINDS))
    parser.add_argument("--build", default=os.path.join(ROOT, "build"), help="the build folder")
    parser.add_argument("--kc", help="the compiler (default: kc in the build folder)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--timeout", type=int, default=120, help="seconds for one program")
    parser.add_argument("--bless", action="store_true",
                        help="write golden files from what the compiler prints now")
    parser.add_argument("--only", default="", help="kinds, with commas between")
    parser.add_argument("--list", action="store_true", help="list the tests, run none")
    parser.add_argument("--stop", action="store_true", help="end at the first failure")
    parser.add_argument("pattern", nargs="*")
    options = parser.parse_args(arguments)
    options.kinds = [kind for kind in options.only.split(",") if kind] or list(KINDS)
    for kind in options.kinds:
        if kind not in KINDS:
            parser.error(f"no kind of test is called `{kind}`; there are {', '.join(KINDS)}")
    return options


def llvm_bin():
    config = os.environ.get("LLVM_CONFIG", "llvm-config-19")
    try:
        asked = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True)
        return asked.stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "/usr/lib/llvm-19/bin"


def make_settings(options, temp):
    build = os.path.abspath(options.build)
    return Settings(
        kc=os.path.abspath(options.kc) if options.kc else os.path.join(build, "kc"),
        build=build,
        cc=shlex.split(os.environ.get("CC") or "cc"),
        cxx=shlex.split(os.environ.get("CXX") or "c++"),
        sanitize=shlex.split(os.environ.get("SANITIZE") or ""),
        llvm_bin=llvm_bin(), bless=options.bless, temp=temp, timeout=options.timeout)


def matches(name, patterns):
    def one(pattern):
        if any(c in pattern for c in "*?["):
            return fnmatch.fnmatch(name, pattern)
        if pattern.startswith("tests/"):
            pattern = os.path.splitext(pattern[len("tests/"):])[0]
        return pattern in name
    return not patterns or any(one(pattern) for pattern in patterns)


def run_one(test):
    try:
        return test.run()
    except Exception:  # the runner's own mistake must not look like a pass
        return [Result(test.name, FAILED, traceback.format_exc())]


def show_failure(result):
    print(f"FAILED {result.name}")
    for row in result.message.splitlines():
        print(f"    {row}".rstrip())
    if result.repeat:
        print(f"    repeat: {result.repeat}")
    print(flush=True)


def run_all(tests, jobs, stop):
    """Failures are shown as they come; returns all results, with `stop` those up to the first failure."""
    results = []
    live = sys.stdout.isatty()
    with concurrent.futures.ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        waiting = [pool.submit(run_one, test) for test in tests]
        for done, future in enumerate(concurrent.futures.as_completed(waiting), 1):
            results += future.result()
            for result in future.result():
                if result.state == FAILED:
                    show_failure(result)
            if live:
                print(f"\r{done}/{len(tests)} ", end="", flush=True)
            if stop and any(result.state == FAILED for result in future.result()):
                pool.shutdown(wait=False, cancel_futures=True)
                break
    if live:
        print("\r          \r", end="")
    return results


def summarise(results):
    counts = {state: sum(r.state == state for r in results) for state in (PASSED, FAILED, SKIPPED)}
    reasons = {}
    for result in results:
        if result.state == SKIPPED:
            reasons.setdefault(result.message, []).append(result.name)
    for reason, names in sorted(reasons.items()):
        print(f"skipped {len(names)}: {reason}")
    by_kind = {}
    for result in results:
        kind = result.name.split("/")[0]
        by_kind[kind] = by_kind.get(kind, 0) + (result.state == PASSED)
    print("passed by kind: " + ", ".join(f"{kind} {n}" for kind, n in sorted(by_kind.items())))
    line = f"{counts[PASSED]} passed, {counts[FAILED]} failed"
    if counts[SKIPPED]:
        line += f", {counts[SKIPPED]} skipped"
    print(line)
    return 1 if counts[FAILED] or not results else 0


def main(arguments=None):
    options = parse_arguments(arguments)
    temp = tempfile.mkdtemp(prefix="kc-tests-")
    try:
        settings = make_settings(options, temp)
        tests = [test for kind in options.kinds for test in KINDS[kind](settings)
                 if matches(test.name, options.pattern)]
        if options.list:
            print("\n".join(test.name for test in tests))
            return 0
        return summarise(run_all(tests, options.jobs, options.stop))
    finally:
        shutil.rmtree(temp, ignore_errors=True)
