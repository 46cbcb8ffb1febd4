"""Kind coverage: every code in support/diag.def has a page and a test that triggers it, and the pages
have the parts that `kc explain` and the docs tests count on."""

import glob
import os
import re

from runner.core import ROOT, Test, find_files, outcome, read

ROW = re.compile(r'^DIAG\(([KWN]\d{4}),\s*(\w+),\s*"([^"]*)"\)', re.MULTILINE)
LETTERS = {"K": "ERROR", "W": "WARNING", "N": "NOTE"}


def codes():
    return ROW.findall(read(os.path.join(ROOT, "support", "diag.def")))


def tested_codes():
    """Codes that a test expects: by annotation, by `# error:` in IR, or in a script's output."""
    found = set()
    for path in find_files("ui", ".k"):
        found.update(re.findall(r"#~\S*\s+(?:ERROR|WARNING|NOTE)\s+([KWN]\d{4})", read(path)))
    for path in find_files("ui", ".stderr"):
        found.update(re.findall(r"\[([KWN]\d{4})\]", read(path)))
    for path in find_files("ir", ".kir"):
        found.update(re.findall(r"error:.*?(K\d{4})", read(path)))
    for path in find_files("cli", ".sh", ".out"):
        found.update(re.findall(r"\b[KWN]\d{4}\b", read(path)))
    return found


def page_problems(code, title):
    path = os.path.join(ROOT, "docs", "errors", code + ".md")
    if not os.path.exists(path):
        return [f"{code} ({title}) has no page docs/errors/{code}.md"]
    text = read(path)
    problems = []
    if not text.startswith(f"# {code}: "):
        problems.append(f"docs/errors/{code}.md does not begin with `# {code}: title`")
    for part in ("## Fails", "## Works"):
        if part not in text:
            problems.append(f"docs/errors/{code}.md has no `{part}`")
    return problems


def check_pages():
    known = {code for code, _, _ in codes()}
    problems = [row for code, _, title in codes() for row in page_problems(code, title)]
    for path in sorted(glob.glob(os.path.join(ROOT, "docs", "errors", "[KWN]*.md"))):
        code = os.path.splitext(os.path.basename(path))[0]
        if code not in known:
            problems.append(f"docs/errors/{code}.md: support/diag.def has no {code}")
    return problems


def check_tests():
    tested = tested_codes()
    return [f"{code} ({title}): no test triggers it" for code, _, title in codes()
            if code not in tested]


def check_letters():
    return [f"support/diag.def: {code} is a code of the wrong letter for {severity}"
            for code, severity, _ in codes() if LETTERS[code[0]] != severity]


def check_order():
    listed = [code for code, _, _ in codes()]
    return [f"support/diag.def: {code} is out of order or there twice"
            for before, code in zip(listed, listed[1:]) if code[1:] <= before[1:]]


def find(_settings):
    def whole(name, check):
        return Test(name, lambda: outcome(name, check(), f"tests/run.py {name}"))
    return [whole("coverage/pages", check_pages), whole("coverage/tests", check_tests),
            whole("coverage/order", check_order), whole("coverage/letters", check_letters)]
