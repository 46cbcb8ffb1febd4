"""How long `kc build` takes beside `clang -O3 -c` of the same kernels in C, and for three targets beside one.

    python3 bench/compile_time.py [--runs N] [--csv FILE] [NAME...]

Files: bench/kernels/NAME.k and .c, examples/NAME.k and bench/examples/NAME.c. All commands about a file take turns;
the best of many runs counts, since a busy machine only ever makes a run slower. Ratios are of the time that passes and,
in the columns `CPU`, of the processors' time: kc uses several. The objects are checked to define the same functions
before anything is timed.
"""
import argparse
import csv
import glob
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from harness.build import C_ARCH  # noqa: E402

EXAMPLES = os.path.join(os.path.dirname(HERE), "examples")
THREE = "x86-64-v2,avx2,avx512"
COLUMNS = ["file", "functions", "kc_ms", "clang_ms", "clang_over_kc", "three_over_one", "clang_over_kc_cpu",
           "three_over_one_cpu", "kc_mib", "clang_mib", "kc_bytes", "clang_bytes"]

HEAD = """\
| file        | functs | kc, ms |  clang | clang / kc | three / one | CPU c/k | CPU 3/1 | MiB k/c |     bytes k / c |
| ----------- | -----: | -----: | -----: | ---------: | ----------: | ------: | ------: | ------: | --------------: |
"""


def run(command):
    """Seconds, seconds of the processors, and peak memory in KiB, of one run."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def best(commands, runs):
    """The shortest times and the peak memory of each command."""
    times, cpu, memory = {name: [] for name in commands}, {name: [] for name in commands}, {}
    for _ in range(runs):
        for name, command in commands.items():
            seconds, busy, memory[name] = run(command)
            times[name].append(seconds)
            cpu[name].append(busy)
    return *({name: min(values) for name, values in all.items()} for all in (times, cpu)), memory


def sources():
    """(name, .k, .c) of all kernels that exist in both languages."""
    pairs = [(os.path.splitext(os.path.basename(c))[0], os.path.join(EXAMPLES, os.path.basename(c)[:-2] + ".k"), c)
             for c in sorted(glob.glob(os.path.join(HERE, "examples", "*.c")))]
    for kernel in sorted(glob.glob(os.path.join(HERE, "kernels", "*.k"))):
        pairs.append((os.path.splitext(os.path.basename(kernel))[0], kernel, kernel[:-2] + ".c"))
    return pairs


def functions_of(path):
    """Names of the global functions that an object defines, without kc's own and those of single targets."""
    lines = subprocess.run(["nm", path], capture_output=True, text=True).stdout.splitlines()
    names = {line.split()[2] for line in lines if line.split()[-2:-1] == ["T"]}
    return {name for name in names if not name.startswith("kc_") and "__" not in name}


def commands_for(options, folder, kernel, source):
    def output(name):
        return os.path.join(folder, name + ".o")
    return {
        "kc": [options.kc, "build", kernel, f"-march={options.march}", "-o", output("kc")],
        "three": [options.kc, "build", kernel, f"-march={THREE}", "-o", output("three")],
        "clang": [options.clang, "-O3", *C_ARCH[options.march], "-c", source, "-o", output("clang")],
    }


def measure(options, folder, name, kernel, source):
    """One row of COLUMNS."""
    commands = commands_for(options, folder, kernel, source)
    for command in commands.values():
        run(command)
    defined = {key: functions_of(os.path.join(folder, key + ".o")) for key in commands}
    if not defined["kc"] or not defined["kc"] <= defined["clang"] or defined["kc"] != defined["three"]:
        sys.exit(f"{name}: the objects do not define the same functions")
    times, cpu, memory = best(commands, options.runs)
    size = {key: os.path.getsize(os.path.join(folder, key + ".o")) for key in commands}
    return [name, len(defined["kc"]), times["kc"] * 1e3, times["clang"] * 1e3, times["clang"] / times["kc"],
            times["three"] / times["kc"], cpu["clang"] / cpu["kc"], cpu["three"] / cpu["kc"], memory["kc"] / 1024,
            memory["clang"] / 1024, size["kc"], size["clang"]]


def print_row(row):
    name, functions, kc, clang, ratio, three, cpu, three_cpu, kc_memory, clang_memory, kc_size, clang_size = row
    print(f"| {name:11} | {functions:6} | {kc:6.1f} | {clang:6.1f} | {ratio:10.2f} | {three:11.2f} "
          f"| {cpu:7.2f} | {three_cpu:7.2f} | {kc_memory:2.0f}/{clang_memory:4.0f} | {kc_size:7} /{clang_size:6} |",
          flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", help="files (default: all)")
    parser.add_argument("--kc", default="build/kc")
    parser.add_argument("--clang", default="clang-19")
    parser.add_argument("--march", choices=list(C_ARCH), default="avx2", help="of the one target, for both compilers")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--csv", metavar="FILE", help="write the table to FILE as well")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    rows = []
    print(HEAD, end="")
    with tempfile.TemporaryDirectory() as folder:
        for name, kernel, source in sources():
            if not options.names or name in options.names:
                rows.append(measure(options, folder, name, kernel, source))
                print_row(rows[-1])
    if not rows:
        sys.exit("no such file")
    for what, kc, three in (("time", 4, 5), ("CPU", 6, 7)):
        print(f"\n{what}: clang / kc: geometric mean {statistics.geometric_mean([row[kc] for row in rows]):.2f}, least "
              f"{min(row[kc] for row in rows):.2f}; three targets / one: at most {max(row[three] for row in rows):.2f}")
    if options.csv:
        with open(options.csv, "w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows([COLUMNS, *rows])


if __name__ == "__main__":
    main()
