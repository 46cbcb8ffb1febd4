"""Kinds lex, parse and fmt: what the compiler prints for a file equals a file beside it.

    tests/lex/X.k     X.tokens    kc build --emit=tokens -o - X.k
    tests/parse/X.k   X.ast       kc build --emit=ast -o - X.k
    tests/fmt/X.k     X.fmt       kc fmt --stdout X.k, and formatting that again changes nothing

Messages to standard error follow the output in the golden file, after a line of dashes.
"""

import os

from runner.core import (Test, compare_golden, diff, find_files, flags_of, outcome, relative, run,
                         shown, test_name, write)


def transcript(ran):
    if not ran.err:
        return ran.out
    return ran.out + "---- messages ----\n" + ran.err


def check_golden(settings, path, command, ending):
    ran = run(settings, command)
    problem = ran.describe() if ran.crashed or ran.status > 1 else ""
    if not problem:
        golden = os.path.splitext(path)[0] + ending
        problem = compare_golden(settings, golden, transcript(ran))
    return ran, [problem]


def emit_test(settings, path, what, ending):
    command = [settings.kc, "build", f"--emit={what}", "-o", "-", *flags_of(path), relative(path)]

    def check():
        _, problems = check_golden(settings, path, command, ending)
        return outcome(test_name(path), problems, shown(command))
    return Test(test_name(path), check)


def fmt_test(settings, path):
    command = [settings.kc, "fmt", "--stdout", *flags_of(path), relative(path)]

    def check():
        ran, problems = check_golden(settings, path, command, ".fmt")
        if ran.status == 0:
            again_path = os.path.join(settings.temp_folder(), os.path.basename(path))
            write(again_path, ran.out)
            again = run(settings, [settings.kc, "fmt", "--stdout", again_path])
            if again.status != 0 or again.out != ran.out:
                problems.append("formatting the result again changes it:\n" +
                                (diff(ran.out, again.out, "first", "second") or again.describe()))
        return outcome(test_name(path), problems, shown(command))
    return Test(test_name(path), check)


def find_lex(settings):
    return [emit_test(settings, path, "tokens", ".tokens") for path in find_files("lex", ".k")]


def find_parse(settings):
    return [emit_test(settings, path, "ast", ".ast") for path in find_files("parse", ".k")]


def find_fmt(settings):
    return [fmt_test(settings, path) for path in find_files("fmt", ".k")]
