"""Kind ui: the messages people read.

A file announces what it must be told, at the place:

    y = foo + 1          #~ ERROR K0201 no name `foo`
    #~^ WARNING K0301 part of the message     (one line up; `#~^^` is two)
    #~? ERROR K0001 part of the message       (a message without a line)

Each of these must be met by a diagnostic of that line, severity and code whose message contains the
text, and no other error or warning may appear. The plain rendering is compared with X.stderr. Both, so
that blessing cannot hide a mistake. In the first lines, `# flags:` adds flags, and `# fixed` asks that
the file be free of errors once its automatic fixes are applied; the result is compared with X.fixed.
"""

import json
import os
import re
import shutil

from runner.core import (ROOT, Test, compare_golden, find_files, flags_of, outcome, read, relative,
                         run, shown, test_name)

ANNOTATION = re.compile(r"#~(\^*|\?)[ \t]+(ERROR|WARNING|NOTE)[ \t]+(K\d{4})[ \t]*(.*?)[ \t\r]*$")
HEAD_LINES = 5


def annotations_in(path):
    """(file, line or None, severity, code, text) for each annotation; also what is malformed."""
    wanted, problems = [], []
    for number, row in enumerate(read(path).split("\n"), 1):
        for part in re.split(r"(?=#~)", row)[1:]:
            match = ANNOTATION.match(part)
            if not match:
                problems.append(f"line {number}: not an annotation: {part}")
                continue
            up, severity, code, text = match.groups()
            line = None if up == "?" else number - len(up)
            wanted.append((relative(path), line, severity.lower(), code, text))
    return wanted, problems


def normalised(file):
    if not file:
        return None
    return os.path.relpath(os.path.join(ROOT, file), ROOT)


def match_annotations(path, found):
    """Pairs diagnostics with annotations, in the test's file and in any other they are about."""
    files = {relative(path)} | {normalised(d["file"]) for d in found if d["file"]}
    wanted, problems = [], []
    for file in sorted(files):
        if os.path.exists(os.path.join(ROOT, file)):
            more, bad = annotations_in(os.path.join(ROOT, file))
            wanted += more
            problems += bad
    left = list(found)
    for file, line, severity, code, text in wanted:
        for diagnostic in left:
            place_fits = diagnostic["line"] is None if line is None else (
                normalised(diagnostic["file"]) == file and diagnostic["line"] == line)
            if place_fits and diagnostic["severity"] == severity and \
                    diagnostic["code"] == code and text in diagnostic["message"]:
                left.remove(diagnostic)
                break
        else:
            problems.append(f"{file}:{line or '-'}: expected {severity} {code} {text}".rstrip())
    for diagnostic in left:
        if diagnostic["severity"] != "note":
            problems.append(f"{diagnostic['file'] or '-'}:{diagnostic['line'] or '-'}: unexpected "
                            f"{diagnostic['severity']} {diagnostic['code']}: "
                            f"{diagnostic['message']}")
    return problems


def diagnostics_of(settings, path, flags):
    """What `kc check --json` says: (diagnostics, problem)."""
    ran = run(settings, [settings.kc, "check", "--json", *flags, relative(path)])
    if ran.crashed or ran.status > 1:
        return [], ran.describe()
    try:
        found = json.loads(ran.out)
    except ValueError as error:
        return [], f"--json prints no JSON: {error}"
    errors = sum(d["severity"] == "error" for d in found)
    if (errors > 0) != (ran.status == 1):
        return found, f"exit status {ran.status} with {errors} errors"
    return found, ""


def check_fixed(settings, path, flags):
    """Applies the automatic fixes to a copy; what is left must hold no error."""
    folder = os.path.join(settings.temp_folder(), "copy")
    shutil.copytree(os.path.dirname(path), folder)
    copy = os.path.join(folder, os.path.basename(path))
    run(settings, [settings.kc, "check", "--fix", *flags, copy])
    again = run(settings, [settings.kc, "check", *flags, copy])
    problems = []
    if again.status != 0:
        problems.append("after the automatic fixes:\n" + again.describe())
    golden = os.path.splitext(path)[0] + ".fixed"
    problems.append(compare_golden(settings, golden, read(copy)))
    return problems


def ui_test(settings, path):
    def check():
        flags = flags_of(path)
        command = [settings.kc, "check", *flags, relative(path)]
        found, problem = diagnostics_of(settings, path, flags)
        problems = [problem] if problem else match_annotations(path, found)
        plain = run(settings, command)
        if not plain.crashed:
            golden = os.path.splitext(path)[0] + ".stderr"
            problems.append(compare_golden(settings, golden, plain.err, keep_empty=False))
        head = read(path).split("\n")[:HEAD_LINES]
        if any(row.strip() == "# fixed" for row in head):
            problems += check_fixed(settings, path, flags)
        return outcome(test_name(path), problems, shown(command))
    return Test(test_name(path), check)


def find(settings):
    return [ui_test(settings, path) for path in find_files("ui", ".k")]
