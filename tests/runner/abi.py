"""Kind abi: C and C++ programs that call kernels as any host does.

tests/abi/X.c or X.cpp is built with the kernels of X.k beside it, or with those of a line
`// kernels: a.k b.k`, at the highest warning level, linked with libkcrt, and run: the exit status must
be 0 (or that of `// exit: N`; a signal is 128 and its number) and the output that of X.out, if that
exists. `// flags:` adds compiler flags, `# flags:` in the kernel adds flags for kc, and `// no runtime`
leaves libkcrt out. Every generated header is also compiled alone, as C11 and as C++17.
"""

import os

from runner.core import (ROOT, Test, compare_golden, directives, find_files, flags_of, outcome,
                         read, relative, run, shown, test_name, write)

STRICT = ["-Wall", "-Wextra", "-Werror", "-pedantic"]


def compiler_of(settings, path):
    if path.endswith(".cpp"):
        return [*settings.cxx, "-std=c++17"]
    return [*settings.cc, "-std=c11"]


def build_kernels(settings, host, folder):
    """Compiles the host's kernels: (objects, problem)."""
    named = directives(read(host), "kernels", leader="//")
    names = [name for row in named for name in row.split()]
    names = names or [os.path.splitext(os.path.basename(host))[0] + ".k"]
    objects = []
    for name in names:
        path = os.path.join(os.path.dirname(host), name)
        target = os.path.join(folder, os.path.splitext(os.path.basename(name))[0] + ".o")
        command = [settings.kc, "build", relative(path), "-o", target, *flags_of(path)]
        ran = run(settings, command)
        if ran.status != 0:
            return [], shown(command) + "\n" + ran.describe()
        objects.append(target)
    return objects, ""


def check_headers(settings, objects, folder):
    problems = []
    for target in objects:
        header = os.path.splitext(os.path.basename(target))[0] + ".h"
        if not os.path.exists(os.path.join(folder, header)):
            continue
        for ending in (".c", ".cpp"):
            alone = os.path.join(folder, "alone" + ending)
            write(alone, f'#include "{header}"\nint kc_test_nothing(void);\n')
            ran = run(settings, [*compiler_of(settings, alone), *STRICT, "-fsyntax-only", alone])
            if ran.status != 0:
                problems.append(f"{header} alone as {ending[1:]}: {ran.describe()}")
    return problems


def build_host(settings, host, objects, folder):
    text = read(host)
    binary = os.path.join(folder, "host")
    command = [*compiler_of(settings, host), "-O1", *STRICT, *settings.sanitize, "-I" + folder,
               "-I" + os.path.join(ROOT, "runtime"), *flags_of(host, text, leader="//"), host,
               *objects]
    if "// no runtime" not in text:
        command += ["-Wl,-u,kc_panic", os.path.join(settings.build, "libkcrt.a")]
    command += ["-lm", "-lpthread", "-o", binary]
    ran = run(settings, command)
    return binary, "" if ran.status == 0 else shown(command) + "\n" + ran.describe()


def check_run(settings, host, binary, folder):
    ran = run(settings, [binary], cwd=folder)
    wanted = directives(read(host), "exit", leader="//")
    expected = int(wanted[0]) if wanted else 0
    status = ran.status if ran.status >= 0 else 128 - ran.status
    problems = []
    if status != expected:
        problems.append(f"expected exit status {expected}: " + ran.describe())
    golden = os.path.splitext(host)[0] + ".out"
    if os.path.exists(golden):
        problems.append(compare_golden(settings, golden, ran.out))
    return problems


def abi_test(settings, host):
    name = relative(host)[len("tests/"):].replace(".", "-")

    def check():
        folder = settings.temp_folder()
        objects, problem = build_kernels(settings, host, folder)
        problems = [problem]
        if not problem:
            problems = check_headers(settings, objects, folder)
            binary, problem = build_host(settings, host, objects, folder)
            problems.append(problem)
            if not problem:
                problems += check_run(settings, host, binary, folder)
        return outcome(name, problems, shown(["tests/run.py", name]))
    return Test(name, check)


def find(settings):
    return [abi_test(settings, path) for path in find_files("abi", ".c", ".cpp")]
