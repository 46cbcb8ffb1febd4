#!/usr/bin/env python3
"""Runs the fuzzers: libFuzzer programs for the front end and the IR reader, then random programs.

    tests/fuzz.py --fuzzers build/fuzz/fuzz --kc build/kc --seconds 60

Each fuzzer starts from the examples and tests, knows the words of the language, and must neither crash
nor leak, nor take ten seconds or 4 GiB for one input. What broke it is kept in build/fuzz/found.
Then tests/fuzz/progen.py writes well-typed programs and tests/fuzz/nestgen.py nests of loops, each for half the
time, and compare the interpreter with -O0 and -O3. Closes with the totals.
"""

import argparse
import concurrent.futures
import glob
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LARGEST_SEED = 20000
MOST_IR_SEEDS = 150
GENERATORS = ("progen", "nestgen")


def words_in(path):
    """The quoted texts and the names in the rows of a .def table."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.DOTALL)
    return re.findall(r'"((?:[^"\\]|\\.)+)"', text)


def write_dictionary(path):
    """The words of the language and of the IR, in libFuzzer's form."""
    words = [word for table in ("lexer/tokens.def", "ir/ops.def", "ir/checks.def")
             for word in words_in(table)]
    words += ["Tensor[f32, n]", "range(", "0x", "1e-3", "    "]
    with open(path, "w", encoding="utf-8") as file:
        file.write('"\\x0a    "\n')
        for word in dict.fromkeys(words):
            if re.fullmatch(r'(?:[ -!#-\[\]-~]|\\["\\])+', word):
                file.write(f'"{word}"\n')


def sources():
    paths = [path for part in ("examples", "stdlib", "tests")
             for path in glob.glob(os.path.join(ROOT, part, "**", "*.k"), recursive=True)]
    return [path for path in sorted(paths) if os.path.getsize(path) <= LARGEST_SEED]


def copy_seeds(folder):
    os.makedirs(folder)
    for number, path in enumerate(sources()):
        shutil.copy(path, os.path.join(folder, str(number)))


def write_ir_seeds(folder, kc):
    """The IR of the examples and tests, as it comes from lowering and as it is after the passes."""
    copied = glob.glob(os.path.join(ROOT, "tests", "**", "*.kir"), recursive=True)
    os.makedirs(folder)
    for number, path in enumerate(sorted(copied)):
        shutil.copy(path, os.path.join(folder, f"{number}"))
    for number, path in enumerate(sources()[:MOST_IR_SEEDS]):
        for level in ("--stop-after=lower", "-O3"):
            subprocess.run([kc, "build", "--emit=kir", level, path, "-o",
                            os.path.join(folder, f"{number}{level}")],
                           stdin=subprocess.DEVNULL, capture_output=True, check=False)


def run_fuzzer(program, options, temp):
    """(name, passed, text)"""
    name = os.path.basename(program)
    corpus = os.path.join(temp, name)
    if name == "fuzz_kir":
        write_ir_seeds(corpus, options.kc)
    else:
        copy_seeds(corpus)
    found = os.path.join(ROOT, "build", "fuzz", "found", "")
    os.makedirs(found, exist_ok=True)
    command = [program, f"-max_total_time={options.seconds}", "-timeout=10", "-rss_limit_mb=4096",
               f"-dict={os.path.join(temp, 'words')}", f"-max_len={LARGEST_SEED}",
               f"-artifact_prefix={found}{name}-", "-print_final_stats=1", "-verbosity=0", corpus]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, errors="replace",
                             stdin=subprocess.DEVNULL, timeout=options.seconds + 120)
    except subprocess.TimeoutExpired:
        return name, False, "it did not end in time"
    runs = re.search(r"number_of_executed_units: (\d+)", ran.stderr)
    text = f"{runs.group(1) if runs else '?'} inputs in {options.seconds} s"
    if ran.returncode != 0:
        text += "\n" + "\n".join(ran.stderr.splitlines()[-60:])
    return name, ran.returncode == 0, text


def run_generator(name, options, keep):
    """(name, passed, text) of a writer of random programs."""
    command = [sys.executable, os.path.join(ROOT, "tests", "fuzz", name + ".py"), "--kc", options.kc,
               "--seconds", str(options.seconds / len(GENERATORS)), "--count", "1000000", "--seed", str(options.seed),
               "--keep", keep]
    ran = subprocess.run(command, capture_output=True, text=True, errors="replace",
                         stdin=subprocess.DEVNULL, cwd=ROOT)
    text = "\n".join((ran.stdout + ran.stderr).strip().splitlines()[-60:])
    return f"{name} from seed {options.seed}", ran.returncode == 0, text


def run_generators(options):
    """One after the other: together they take as long as one fuzzer does."""
    keep = os.path.join(ROOT, "build", "fuzz", "found")
    os.makedirs(keep, exist_ok=True)
    return [run_generator(name, options, os.path.join(keep, name)) for name in GENERATORS]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--fuzzers", required=True, help="the folder of the fuzz_* programs")
    parser.add_argument("--kc", required=True)
    parser.add_argument("--seconds", type=int, default=60, help="time for each")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=random.randrange(1, 10**9),
                        help="of the first random program")
    options = parser.parse_args()
    programs = sorted(path for path in glob.glob(os.path.join(options.fuzzers, "fuzz_*"))
                      if os.access(path, os.X_OK))
    failed = 0
    with tempfile.TemporaryDirectory(prefix="kc-fuzz-") as temp:
        write_dictionary(os.path.join(temp, "words"))
        with concurrent.futures.ThreadPoolExecutor(max_workers=max(1, options.jobs)) as pool:
            work = [pool.submit(run_fuzzer, program, options, temp) for program in programs]
            generated = pool.submit(run_generators, options)
            results = [task.result() for task in work] + generated.result()
    for name, passed, text in results:
        failed += not passed
        print(f"{'ok' if passed else 'FAILED'} {name}: {text}")
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
