"""Kind run: programs that say what they compute.

    # run: saxpy(2.0, [1,2], [3,4]) == [5,8]
    # run: main() prints "hello"
    # run: f(12) panics "index out of range"

The compiler reads these lines (`kc run --cases`) and compares. The same answers must come from the
interpreter, plain and under the oracle of ownership, from -O0 and -O3, at every SIMD width that this processor has, and from objects linked into
a C program: here, and for other machines under qemu. `# flags:` adds flags everywhere, and
`# not on: aarch64 riscv64` leaves configurations out.
"""

import os

from runner.core import (FAILED, ROOT, SKIPPED, Result, Test, asan_options, directives, environment,
                         find_files, flags_of, outcome, read, relative, run, shown, test_name)
from runner.toolchains import CROSSES, cross_runtime, is_more_than_widths, runnable_widths

# Tests of loops over vectors, whose code differs where a processor has more than its width: few, since they cost time.
VECTORS = ("run/loops/", "run/simd/", "run/spmd/")


def environment_for(settings, path):
    """A failed check leaves a kernel by longjmp, and with it what the kernel had allocated: where one is
    expected, leaks are not counted."""
    env = environment(settings)
    if any(" panics " in row for row in directives(read(path), "run")):
        env["ASAN_OPTIONS"] = asan_options(leaks=False)
    return env


def engine_check(settings, path, name, arguments):
    command = [settings.kc, "run", "--cases", relative(path), *arguments, *flags_of(path)]
    ran = run(settings, command, env=environment_for(settings, path))
    bad = [row for row in ran.out.splitlines() if row.startswith("FAIL")]
    problem = "" if ran.status == 0 and not bad else ran.describe()
    return outcome(name, [problem], shown(command))


def build_cases(settings, path, folder, arguments):
    """Compiles to an object and a C program that holds the cases: (object, program, problem)."""
    stem = os.path.splitext(os.path.basename(path))[0]
    target = os.path.join(folder, stem + ".o")
    command = [settings.kc, "build", "--emit=obj,header,cases", "-o", target, *arguments,
               *flags_of(path), relative(path)]
    ran = run(settings, command)
    problem = "" if ran.status == 0 else shown(command) + "\n" + ran.describe()
    return target, os.path.join(folder, stem + ".cases.c"), problem


def linked_check(settings, path, name, compiler, arguments, library, emulator=()):
    folder = settings.temp_folder()
    target, program, problem = build_cases(settings, path, folder, arguments)
    repeat = shown(["tests/run.py", name])
    if problem or (settings.sanitize and emulator):  # a sanitized compiler's objects are those of the plain one
        return outcome(name, [problem], repeat)
    binary = os.path.join(folder, "cases")
    steps = [
        [*compiler, "-std=c11", "-O1", "-D_POSIX_C_SOURCE=200809L", "-I" + folder,
         "-I" + os.path.join(ROOT, "runtime"), "-c", program, "-o", binary + ".o"],
        [*compiler, *settings.sanitize, binary + ".o", target, library, "-Wl,-u,kc_panic", "-lm", "-o", binary],
        [*emulator, binary],
    ]
    for command in steps:
        ran = run(settings, command, cwd=folder, env=environment_for(settings, path))
        if ran.status != 0:
            break
    problem = "" if ran.status == 0 else shown(command) + "\n" + ran.describe()
    return outcome(name, [problem], repeat)


def cross_check(settings, path, name, cross):
    if cross.missing:
        return [Result(name, SKIPPED, f"{cross.name}: no {cross.missing}")]
    library, problem = cross_runtime(settings, cross)
    if problem:
        return [Result(name, FAILED, problem)]
    arguments = [f"--target={cross.triple}"] + ([f"-march={cross.march}"] if cross.march else [])
    return linked_check(settings, path, name, [cross.gcc, "-static"], arguments, library,
                        cross.qemu)


def native_check(settings, path, name):
    library = os.path.join(settings.build, "libkcrt.a")
    return linked_check(settings, path, name, settings.cc, [], library)


def configurations(settings):
    """(name, check) pairs; check takes the file and the test's name."""
    def engine(*arguments):
        return lambda path, name: engine_check(settings, path, name, arguments)

    def cross(machine):
        return lambda path, name: cross_check(settings, path, name, machine)

    yield "interp", engine("--engine=interp")
    yield "oracle", engine("--engine=oracle")
    yield "O0", engine("--engine=jit", "-O0")
    widths = runnable_widths(settings)
    if not widths:
        yield "O3", engine("--engine=jit", "-O3")
    for width in widths:
        yield width, engine("--engine=jit", "-O3", f"-march={width}")
    if is_more_than_widths():
        yield "native", engine("--engine=jit", "-O3", "-march=native")
    yield "object", lambda path, name: native_check(settings, path, name)
    for machine in CROSSES:
        yield machine.name, cross(machine)


def find(settings):
    tests = []
    paths = find_files("run", ".k")
    all_configurations = list(configurations(settings)) if paths else []
    for path in paths:
        text, name = read(path), test_name(path)
        if not directives(text, "run"):
            complaint = Result(name, FAILED, "the file has no `# run:` line")
            tests.append(Test(name, lambda complaint=complaint: [complaint]))
            continue
        left_out = {word for row in directives(text, "not on") for word in row.split()}
        for configuration, check in all_configurations:
            if configuration in left_out or (configuration == "native" and not name.startswith(VECTORS)):
                continue
            full = f"{name}@{configuration}"
            tests.append(Test(full, lambda c=check, p=path, n=full: c(p, n)))
    return tests
