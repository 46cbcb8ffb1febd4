"""Kind ui: the messages people read.

A file announces what it must be told, at the place:

    y = foo + 1          #~ ERROR K0201 no name `foo`
    #~^ WARNING W0232 part of the message     (one line up; `#~^^` is two)
    #~? ERROR K0001 part of the message       (a message without a line)
    #~ LABEL part of the label                (of a second place that some message shows here)
    #~ HELP part of the advice                (a note or fix of the message about this line)
    #~ FIX y = bar + 1                        (what the automatic fixes make of this line)
    #~ FIX+ var foo = 0                       (the line they put before this one)

Each of these must be met, and no other error or warning may appear. The plain rendering is compared with
X.stderr: both, so that blessing cannot hide a mistake.

Wherever a message has an automatic fix, `kc check --fix` is run on a copy until it changes nothing. No
message that had such a fix may be left; if all errors had one, the result must be free of errors. If the
file has FIX annotations, the result must be what they say, with no other line changed; with `# fixed` it
must equal X.fixed.

In the first lines, `# flags:` adds flags, and `# with: inputs/prelude.k` has the text of that file compiled
along, as if it stood at the end of this one.
"""

import json
import os
import re
import shutil
from collections import Counter

from runner.core import (ROOT, Test, compare_golden, diff, directives, find_files, flags_of, outcome,
                         read, relative, run, test_name, write)

KINDS = "ERROR|WARNING|NOTE|LABEL|HELP|FIX\\+?"
ANNOTATION = re.compile(rf"#~(\^*|\?)[ \t]+({KINDS})(?:[ \t]+(.*?))?[ \t\r]*$")
MESSAGE = re.compile(r"([KWN]\d{4})[ \t]*(.*)$")
HEAD_LINES = 5
MOST_ROUNDS = 6
NOT_COMPILED = "K0401"  # correct, but for a later version


class Annotation:
    def __init__(self, file, line, kind, code, text):
        self.file, self.line, self.kind, self.code, self.text = file, line, kind, code, text

    def __str__(self):
        words = [f"{self.file}:{self.line or '-'}: expected {self.kind}", self.code, self.text]
        return " ".join(word for word in words if word)


def annotations_in(file, text):
    """The annotations of a file, and what is malformed."""
    wanted, problems = [], []
    for number, row in enumerate(text.split("\n"), 1):
        for part in re.split(r"(?=#~)", row)[1:]:
            match = ANNOTATION.match(part)
            up, kind, rest = match.groups() if match else ("", "", "")
            code, rest = "", rest or ""
            if kind in ("ERROR", "WARNING", "NOTE"):
                message = MESSAGE.match(rest)
                code, rest = message.groups() if message else ("", None)
            if not match or rest is None:
                problems.append(f"{file}:{number}: not an annotation: {part}")
                continue
            line = None if up == "?" else number - len(up)
            wanted.append(Annotation(file, line, kind, code, rest))
    return wanted, problems


def normalised(file):
    if not file:
        return None
    return os.path.relpath(os.path.join(ROOT, file), ROOT)


def is_at(place, annotation):
    if annotation.line is None:
        return place["line"] is None
    return normalised(place["file"]) == annotation.file and place["line"] == annotation.line


def meets(diagnostic, annotation):
    """Whether it is the message that the annotation announces."""
    return is_at(diagnostic, annotation) and diagnostic["code"] == annotation.code and \
        diagnostic["severity"] == annotation.kind.lower() and \
        annotation.text in diagnostic["message"]


def labels_of(found):
    """Every second place, and the text beside the first."""
    for diagnostic in found:
        yield from diagnostic["labels"]
        if diagnostic["label"]:
            yield dict(diagnostic, message=diagnostic["label"])


def take(candidates, fits):
    """Removes the first that fits, and says whether there was one."""
    for candidate in candidates:
        if fits(candidate):
            candidates.remove(candidate)
            return True
    return False


def is_met(annotation, messages, labels, found):
    if annotation.kind == "LABEL":
        return take(labels, lambda label: is_at(label, annotation) and
                    annotation.text in label["message"])
    if annotation.kind == "HELP":
        return any(annotation.text in advice for d in found if is_at(d, annotation)
                   for advice in d["notes"] + [fix["message"] for fix in d["fixes"]])
    if annotation.kind.startswith("FIX"):
        return True
    return take(messages, lambda diagnostic: meets(diagnostic, annotation))


def match_annotations(path, found):
    """Pairs what was found with annotations, in the test's file and in any other it is about."""
    files = {relative(path)} | {normalised(d["file"]) for d in found if d["file"]}
    wanted, problems = [], []
    for file in sorted(files):
        if os.path.exists(os.path.join(ROOT, file)):
            more, bad = annotations_in(file, read(os.path.join(ROOT, file)))
            wanted += more
            problems += bad
    messages, labels = list(found), list(labels_of(found))
    problems += [str(annotation) for annotation in wanted
                 if not is_met(annotation, messages, labels, found)]
    for diagnostic in messages:
        if diagnostic["severity"] != "note":
            problems.append(f"{diagnostic['file'] or '-'}:{diagnostic['line'] or '-'}: unexpected "
                            f"{diagnostic['severity']} {diagnostic['code']}: "
                            f"{diagnostic['message']}")
    return problems


def check_json(settings, path, flags, cwd=ROOT):
    """What `kc check --json` says: (diagnostics, problem)."""
    ran = run(settings, [settings.kc, "check", "--json", *flags, path], cwd=cwd)
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


def is_fixable(diagnostic):
    return any(fix["automatic"] for fix in diagnostic["fixes"])


def fixed_text(path):
    """The file as its FIX annotations say, or None if it has none."""
    text = read(path)
    fixes = [a for a in annotations_in("", text)[0] if a.kind.startswith("FIX")]
    rows = text.split("\n")
    for fix in sorted(fixes, key=lambda a: -a.line):
        if fix.kind == "FIX+":
            rows.insert(fix.line - 1, fix.text)
        else:
            rows[fix.line - 1] = fix.text
    return "\n".join(rows) if fixes else None


def code_lines(text):
    """What counts when a fixed file is compared: no annotations, no indentation, no empty lines."""
    rows = [row.split("#~")[0].strip() for row in text.split("\n")]
    return "\n".join(row for row in rows if row) + "\n"


def check_left(before, left):
    """What must not be there once the automatic fixes are applied."""
    if all(is_fixable(d) for d in before if d["severity"] == "error"):
        bad = [d for d in left if d["severity"] == "error" and d["code"] != NOT_COMPILED]
    else:
        may_stay = Counter((d["code"], d["message"]) for d in before if not is_fixable(d))
        fixed = {(d["code"], d["message"]) for d in before if is_fixable(d)}
        may_stay.subtract((d["code"], d["message"]) for d in left)
        bad = [d for d in left if (d["code"], d["message"]) in fixed and
               may_stay[d["code"], d["message"]] < 0]
    return [f"after the automatic fixes: line {d['line']}: {d['code']}: {d['message']}" for d in bad]


def apply_fixes(settings, path, flags):
    """Runs `kc check --fix` until it changes nothing, as fixes of one place wait for each other:
    (what is then left, problem)."""
    for _ in range(MOST_ROUNDS):
        before = read(path)
        ran = run(settings, [settings.kc, "check", "--fix", *flags, path])
        if ran.crashed or ran.status > 1:
            return [], f"kc check --fix: {ran.describe()}"
        if read(path) == before:
            return check_json(settings, path, flags)
    return [], f"kc check --fix still changes the file the {MOST_ROUNDS}th time"


def check_fixed(settings, path, place, found):
    """Applies the automatic fixes to a copy and looks at what is left."""
    folder = os.path.join(settings.temp_folder(), "copy")
    shutil.copytree(os.path.dirname(os.path.join(*place)), folder)
    copy = os.path.join(folder, os.path.basename(path))
    left, problem = apply_fixes(settings, copy, flags_of(path))
    if problem:
        return [problem]
    problems = check_left(found, left)
    result, wanted = read(copy), fixed_text(path)
    if wanted is not None:
        along = "".join(read(file) for file in files_along(path))
        wanted, result = code_lines(wanted + "\n" + along), code_lines(result)
        problems.append("" if wanted == result else diff(wanted, result, "as FIX says", "fixed"))
    elif asks(path, "# fixed"):
        problems.append(compare_golden(settings, os.path.splitext(path)[0] + ".fixed", result))
    return problems


def asks(path, line):
    return any(row.strip() == line for row in read(path).split("\n")[:HEAD_LINES])


def files_along(path):
    """What `# with:` names: files compiled as if they stood at the end of this one."""
    folder = os.path.dirname(path)
    return [os.path.join(folder, word) for word in directives(read(path), "with")]


def place_of(settings, path):
    """(folder, name): where to compile the file, and how it is called there."""
    along = files_along(path)
    if not along:
        return ROOT, relative(path)
    folder = settings.temp_folder()
    os.makedirs(os.path.join(folder, os.path.dirname(relative(path))))
    write(os.path.join(folder, relative(path)), "".join(read(file) for file in [path, *along]))
    return folder, relative(path)


def ui_test(settings, path):
    def check():
        flags = flags_of(path)
        folder, file = place_of(settings, path)
        found, problem = check_json(settings, file, flags, folder)
        problems = [problem] if problem else match_annotations(path, found)
        plain = run(settings, [settings.kc, "check", *flags, file], cwd=folder)
        if not plain.crashed:
            golden = os.path.splitext(path)[0] + ".stderr"
            problems.append(compare_golden(settings, golden, plain.err, keep_empty=False))
        if any(is_fixable(d) for d in found) or fixed_text(path) is not None:
            problems += check_fixed(settings, path, (folder, file), found)
        return outcome(test_name(path), problems, f"tests/run.py {test_name(path)}")
    return Test(test_name(path), check)


def find(settings):
    return [ui_test(settings, path) for path in find_files("ui", ".k")]
