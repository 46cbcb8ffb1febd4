"""Kernels of kc beside the same kernels in C, in one process, taking turns, results compared.

    python3 bench/kernels.py [--quick] [--march=avx2] [--csv FILE] [NAME...]

NAME is a kernel, a group, or a regular expression for names. bench/README.md says how to read the table and
how to add a kernel.
"""
import argparse
import multiprocessing
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from harness import build, catalogue, measure, memory, report, vectors  # noqa: E402

try:
    import numpy
except ImportError:
    numpy = None


class Bench:
    def __init__(self, options):
        self.options = options
        self.builder = build.Builder(options, ["gcc"] if options.check else build.OTHERS)
        self.support = self.builder.build_support()
        self.functions, self.built = {}, {}

    def libraries(self, kernel, kernels):
        """What is built of the kernel's file, with glue for all `kernels` in it; None if that fails."""
        file = kernel.file
        if file not in self.built:
            try:
                self.built[file] = self.builder.build(file, [k for k in kernels if k.file == file])
            except build.BuildError as error:
                self.built[file] = None
                report.print_failure(file, str(error))
        return self.built[file]

    def vectors_of(self, kernel, built):
        """What became of the kernel's loops, by competitor, and what clang says about that."""
        def bits(name):
            path = built.libraries_of(kernel)[name]
            if path not in self.functions:
                self.functions[path] = vectors.disassembly(path)
            return vectors.width_of_function(self.functions[path], kernel.function)
        with open(os.path.join(build.KERNELS, kernel.file + ".c"), encoding="utf-8") as file:
            remark, reason = vectors.remarks_of_function(built.remarks, file.read(), kernel.function)
        return {**{name: bits(name) for name in ("kc", "gcc fast", "clang fast")}, "remark": remark, "reason": reason}

    def measure(self, kernel, built):
        """Samples, and who computes something else. Runs in a process of its own."""
        runner = measure.Runner(kernel, built, self.support, numpy)
        wrong = runner.differences()
        runner.add_streams()
        options = self.options
        return measure.samples(runner, options.rounds, options.bursts, options.burst), wrong

    def row(self, kernel, built):
        """The kernel's row, or None and a complaint: a kernel that stops the process stops only its own."""
        result = in_child(lambda: self.measure(kernel, built))
        if isinstance(result, str):
            report.print_failure(kernel.name, result)
            return None
        row = report.Row(kernel, *result, self.vectors_of(kernel, built))
        report.print_row(row)
        return row if row.is_right() else None


def in_child(work):
    """The result of `work`, done in a fork of this process; or text that says how it ended."""
    context = multiprocessing.get_context("fork")
    receive, send = context.Pipe(False)
    child = context.Process(target=lambda: send.send(work()))
    child.start()
    send.close()
    try:
        result = receive.recv()
    except EOFError:
        result = None
    child.join()
    return result if result is not None else f"the process ended with status {child.exitcode}"


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*",
                        help="kernels or groups of kernels.toml, or regular expressions (default: all)")
    parser.add_argument("--list", action="store_true", help="name the kernels, and end")
    parser.add_argument("--check", action="store_true", help="compare kc's results with gcc's, and measure nothing")
    parser.add_argument("--quick", action="store_true", help="few rounds: a minute, and wider spreads")
    parser.add_argument("--march", choices=list(build.C_ARCH), default="native")
    parser.add_argument("--csv", metavar="FILE", help="write the table to FILE as well")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--kc", default="build/kc")
    parser.add_argument("--cc", default="gcc")
    parser.add_argument("--cxx", default="g++")
    parser.add_argument("--clang", default="clang-19")
    parser.add_argument("--runtime", help="libkcrt.a (default: beside kc)")
    parser.add_argument("--out", default="build/bench", help="folder for what is built")
    options = parser.parse_args()
    options.runtime = options.runtime or os.path.join(os.path.dirname(options.kc), "libkcrt.a")
    options.rounds = options.rounds or (5 if options.quick else 15)
    options.bursts, options.burst = (2, 1e-4) if options.quick else (3, 3e-4)
    return options


def run(bench, kernels):
    """A row for each kernel, None for those that could not be measured."""
    rows, group = [], None
    for kernel in kernels:
        if kernel.group is not group:
            group = kernel.group
            report.print_group_head(group)
        built = bench.libraries(kernel, kernels)
        rows.append(bench.row(kernel, built) if built else None)
    return rows


def check(bench, kernels):
    """Compares results only, of what works on small arrays; the exit status."""
    kernels = [kernel for kernel in kernels if kernel.size_of_arrays < measure.OUT_OF_CACHE]
    failures = 0
    for kernel in kernels:
        built = bench.libraries(kernel, kernels)
        wrong = in_child(lambda: measure.Runner(kernel, built, bench.support, None).differences()) if built else {}
        if wrong:
            report.print_failure(kernel.name, wrong if isinstance(wrong, str) else wrong["kc"])
        failures += bool(wrong) or built is None
    print(f"{len(kernels) - failures} of {len(kernels)} kernels give gcc's results")
    return 1 if failures else 0


def main():
    options = parse_options()
    kernels = catalogue.select(catalogue.load(os.path.join(HERE, "kernels.toml")), options.names)
    if options.list:
        for kernel in kernels:
            print(f"{kernel.group.name:12} {kernel.name:22} {kernel.call}")
        return 0
    bench = Bench(options)
    if options.check:
        return check(bench, kernels)
    report.print_streams(memory.Streams(bench.support).rates(options.rounds))
    rows = run(bench, kernels)
    good = [row for row in rows if row]
    if good:
        report.print_summary(good)
        report.print_worst(good, min(10, len(good)))
    if options.csv:
        report.write_csv(options.csv, good)
    return 1 if None in rows else 0


if __name__ == "__main__":
    sys.exit(main())
