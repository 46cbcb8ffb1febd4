"""Kinds ir and codegen: files that say in RUN lines what to run on them.

    # RUN: kc opt --pass=fold %s | FileCheck %s

%s is the file, %S its folder, %t a fresh path for outputs. The lines run in order, in one shell, from
the root of the repository, with kc, FileCheck and `not` on the PATH; any failure, also within a pipe,
fails the test. An IR file may instead say `# error: part of the message`, once or more: then
`kc opt --verify` must refuse it with those texts.
"""

import os

from runner.core import (ROOT, Test, directives, find_files, outcome, read, relative, run, shown,
                         test_name)


def script_of(text):
    """The RUN lines, those ending in a backslash joined with the next."""
    rows = directives(text, "RUN", leader="(?:#|;|//)")
    return "\n".join(rows).replace("\\\n", " ")


def run_script(settings, path, script):
    for mark, value in (("%s", relative(path)), ("%S", relative(os.path.dirname(path))),
                        ("%t", os.path.join(settings.temp_folder(), "t"))):
        script = script.replace(mark, value)
    ran = run(settings, ["bash", "-e", "-o", "pipefail", "-c", script], cwd=ROOT)
    return [] if ran.status == 0 else [script, ran.describe()]


def run_refusal(settings, path, texts):
    ran = run(settings, [settings.kc, "opt", "--verify", relative(path)])
    if ran.crashed or ran.status != 1:
        return ["expected to be refused with exit status 1: " + ran.describe()]
    return [f"the message does not contain `{text}`:\n{ran.err}"
            for text in texts if text not in ran.err]


def script_test(settings, path):
    def check():
        text = read(path)
        script, refusals = script_of(text), directives(text, "error", leader="(?:#|;|//)")
        problems = []
        if not script and not refusals:
            problems = ["the file has no RUN line"]
        if script:
            problems += run_script(settings, path, script)
        if refusals:
            problems += run_refusal(settings, path, refusals)
        return outcome(test_name(path), problems, shown(["tests/run.py", test_name(path)]))
    return Test(test_name(path), check)


def find_ir(settings):
    return [script_test(settings, path) for path in find_files("ir", ".kir", ".k")]


def find_codegen(settings):
    return [script_test(settings, path) for path in find_files("codegen", ".k", ".kir")]
