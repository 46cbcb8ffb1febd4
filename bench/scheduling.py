"""The pool of libkcrt beside libgomp, libomp and oneTBB, with the same loops and tasks.

    python3 bench/scheduling.py --build build --rounds 5 [--threads 2]

Each library has a program of its own (bench/scheduling); the programs take turns, and the median over the
rounds counts. What is not installed (libomp-19-dev, libtbb-dev) is left out.
"""
import argparse
import os
import statistics
import subprocess
import sys

CASES = (
    ("hot", "fork-join, hot", "ns"),
    ("idle", "fork-join after 2 ms of idleness", "ns"),
    ("grain1", "1M empty iterations, grain 1, each", "ns"),
    ("nested", "nested, per inner loop of 64", "ns"),
    ("tasks", "1M empty tasks, each", "ns"),
    ("fib", "fib(27), per spawn", "ns"),
    ("axpy", "axpy, floats from which on threads pay", ""),
    ("triangular", "triangular work, speed-up", ""),
    ("compute", "even work, speed-up", ""),
    ("bandwidth", "axpy of 256 MB, speed-up", ""),
)
INCLUDES = ["-I.", "-Iruntime"]


def commands(build):
    """Library name to the command that builds its program, without its -o."""
    source = "bench/scheduling/"
    return {
        "kc": ["gcc", "-std=gnu11", "-O2", *INCLUDES, source + "kc.c",
               os.path.join(build, "libkcrt.a"), "-lpthread"],
        "libgomp": ["gcc", "-std=gnu11", "-O2", *INCLUDES, "-fopenmp", source + "openmp.c"],
        "libomp": ["clang-19", "-std=gnu11", "-O2", *INCLUDES, "-fopenmp=libomp", source + "openmp.c"],
        "oneTBB": ["g++", "-std=c++17", "-O2", *INCLUDES, source + "tbb.cpp", "-ltbb"],
    }


def build_all(build):
    programs = {}
    folder = os.path.join(build, "bench", "scheduling")
    os.makedirs(folder, exist_ok=True)
    for name, command in commands(build).items():
        program = os.path.join(folder, name)
        done = subprocess.run([*command, "-o", program], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            programs[name] = program
        else:
            print(f"{name} is left out: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
    return programs


def measure(program, threads):
    env = dict(os.environ)
    if threads:
        env.update(KC_NUM_THREADS=str(threads), OMP_NUM_THREADS=str(threads))
    out = subprocess.run([program], capture_output=True, text=True, check=True, env=env,
                         timeout=300).stdout
    return {name: float(value) for name, value in (row.split() for row in out.splitlines())}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()
    programs = build_all(options.build)
    results = {name: [] for name in programs}
    for _ in range(options.rounds):
        for name, program in programs.items():
            results[name].append(measure(program, options.threads))
    print(f"{'':42}" + "".join(f"{name:>10}" for name in programs))
    for case, text, unit in CASES:
        row = ""
        for name in programs:
            value = statistics.median(result[case] for result in results[name])
            row += f"{value:10.2f}" if value < 100 else f"{value:10.0f}"
        print(f"{text + (', ' + unit if unit else ''):42}{row}")


if __name__ == "__main__":
    main()
