"""How long `kc build` takes beside `clang -O3 -c` of the same kernel in C, and how much memory.

    python3 bench/compile_time.py --kc build/kc --clang clang-19

The two take turns; the best of many runs counts, since a busy machine only ever makes a run slower. The
objects are checked to define the function before anything is timed.
"""
import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def run(command):
    """Seconds, and peak memory in KiB, of one run."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return time.perf_counter() - start, usage.ru_maxrss


def best(commands, runs):
    times = {name: [] for name in commands}
    memory = {}
    for _ in range(runs):
        for name, command in commands.items():
            seconds, memory[name] = run(command)
            times[name].append(seconds)
    return {name: min(t) for name, t in times.items()}, memory


def defines_saxpy(path):
    return " T saxpy" in subprocess.run(["nm", path], capture_output=True, text=True).stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kc", default="build/kc")
    parser.add_argument("--clang", default="clang-19")
    parser.add_argument("--march", default="avx2")
    parser.add_argument("--runs", type=int, default=40)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as folder:
        mine, theirs = os.path.join(folder, "kc.o"), os.path.join(folder, "clang.o")
        commands = {
            "kc build": [options.kc, "build", os.path.join(HERE, "..", "examples", "saxpy.k"),
                         f"-march={options.march}", "-o", mine],
            "clang -O3 -c": [options.clang, "-O3", f"-m{options.march}", "-c",
                             os.path.join(HERE, "saxpy.c"), "-o", theirs],
        }
        for name, command in commands.items():
            run(command)
        if not (defines_saxpy(mine) and defines_saxpy(theirs)):
            sys.exit("an object does not define saxpy")
        times, memory = best(commands, options.runs)
        for name in commands:
            print(f"{name:14} {times[name] * 1e3:7.1f} ms   {memory[name] / 1024:6.1f} MiB")
        print(f"clang / kc     {times['clang -O3 -c'] / times['kc build']:7.2f}")
        sizes = [os.path.getsize(p) for p in (mine, theirs)]
        print(f"object         {sizes[0]} bytes (clang: {sizes[1]}); kc itself "
              f"{os.path.getsize(options.kc) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
