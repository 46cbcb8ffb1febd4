"""Kind docs: the examples in README.md and docs/ are programs.

A block fenced ```kc must check without errors. ```kc fails K0201 must give exactly that code. In
docs/errors/CODE.md, blocks below `## Fails` must give exactly the code of the page. A block that
defines main and is followed by an ```output block prints that when run. ```kc file=shapes.k is a module
for the blocks after it. On error pages, ```kir blocks are IR text, and ```console blocks below `## Fails`
hold commands after `$ `, whose output must name the code.
"""

import glob
import json
import os
import re
import shutil

from runner.core import (ROOT, Test, compare_golden, diff, flags_of, outcome, read, relative, run,
                         write)
from dataclasses import dataclass

FENCE = re.compile(r"^( *)(`{3,})[ \t]*([^`\n]*)$")


@dataclass
class Block:
    line: int
    words: list  # after the fence: language first
    section: str  # the heading above
    text: str = ""

    @property
    def language(self):
        return self.words[0] if self.words else ""


def blocks_of(text):
    """The fenced blocks of a page, in order."""
    blocks, section, open_fence = [], "", None
    for number, row in enumerate(text.split("\n"), 1):
        match = FENCE.match(row)
        if open_fence is not None:
            if match and len(match.group(2)) >= len(open_fence[1]) and not match.group(3).strip():
                open_fence = None
            else:
                blocks[-1].text += row[len(open_fence[0]):] + "\n"
        elif match:
            open_fence = match.group(1), match.group(2)
            blocks.append(Block(number, match.group(3).split(), section))
        elif row.startswith("#"):
            section = row.lstrip("# ").strip()
    return blocks


def codes_in(settings, folder, path, flags):
    """What a file gives: (codes, messages, codes of errors or what went wrong)."""
    ran = run(settings, [settings.kc, "check", "--json", *flags, path], cwd=folder)
    if ran.crashed or ran.status > 1:
        return set(), "", ran.describe()
    try:
        found = json.loads(ran.out)
    except ValueError:
        return set(), "", "--json prints no JSON: " + ran.describe()
    rows = [f"{d['severity']}[{d['code']}] line {d['line']}: {d['message']}" for d in found]
    errors = {d["code"] for d in found if d["severity"] == "error"}
    return {d["code"] for d in found}, "\n".join(rows), errors


def check_kc(settings, folder, block, expected):
    path = os.path.join(folder, "example.k")
    write(path, block.text)
    codes, messages, errors = codes_in(settings, folder, "example.k",
                                       flags_of(path, block.text))
    if isinstance(errors, str):
        return errors
    if not expected.startswith("N"):
        codes = {code for code in codes if not code.startswith("N")}
    if expected and codes != {expected}:
        return f"expected exactly {expected}, got {', '.join(sorted(codes)) or 'nothing'}\n{messages}"
    if not expected and errors:
        return f"expected no errors\n{messages}"
    return ""


def check_kir(settings, folder, block, expected):
    write(os.path.join(folder, "example.kir"), block.text)
    ran = run(settings, [settings.kc, "opt", "--verify", "example.kir"], cwd=folder)
    if ran.crashed:
        return ran.describe()
    codes = set(re.findall(r"\[([KWN]\d{4})\]", ran.err))
    wanted = {expected} if expected else set()
    return "" if codes == wanted else f"expected {wanted or 'no code'}: {ran.describe()}"


def check_console(settings, folder, block, expected):
    if not expected:
        return ""
    commands = [row[2:] for row in block.text.split("\n") if row.startswith("$ ")]
    ran = run(settings, ["bash", "-c", "\n".join(commands)], cwd=folder)
    codes = set(re.findall(r"\[([KWN]\d{4})\]", ran.err + ran.out))
    return "" if codes == {expected} else f"expected {expected}: {ran.describe()}"


def check_output(settings, folder, block, wanted):
    """Runs main, of the block checked last, and compares with the ```output block."""
    ran = run(settings, [settings.kc, "run", "example.k"], cwd=folder)
    if ran.status != 0:
        return ran.describe()
    shown = "\n".join(row.rstrip() for row in ran.out.split("\n"))
    return "" if shown == wanted.text else diff(wanted.text, shown, f"line {wanted.line}")


def expected_code(page, block):
    if "fails" in block.words:
        named = [word for word in block.words if re.fullmatch(r"[KWN]\d{4}", word)]
        if named:
            return named[0]
    on_error_page = os.path.basename(os.path.dirname(page)) == "errors"
    if on_error_page and block.section.lower().startswith("fails"):
        return os.path.splitext(os.path.basename(page))[0]
    return ""


CHECKS = {"kc": check_kc, "kir": check_kir, "console": check_console}


def check_block(settings, page, folder, blocks, at):
    block = blocks[at]
    module = [word[len("file="):] for word in block.words if word.startswith("file=")]
    if module:
        write(os.path.join(folder, os.path.basename(module[0])), block.text)
        return ""
    expected = expected_code(page, block)
    problem = CHECKS[block.language](settings, folder, block, expected)
    follower = blocks[at + 1] if at + 1 < len(blocks) else None
    if not problem and block.language == "kc" and "def main()" in block.text and follower and \
            follower.language == "output":
        problem = check_output(settings, folder, block, follower)
    return problem


def page_test(settings, page):
    name = "docs/" + os.path.splitext(relative(page))[0]

    def check():
        results = []
        folder = settings.temp_folder()
        blocks = blocks_of(read(page))
        for at, block in enumerate(blocks):
            if block.language not in CHECKS:
                continue
            problem = check_block(settings, page, folder, blocks, at)
            if problem:
                problem = f"{relative(page)}:{block.line}: {problem}"
            results += outcome(f"{name}:{block.line}", [problem], f"tests/run.py {name}")
        shutil.rmtree(folder, ignore_errors=True)
        return results
    return Test(name, check)


def find(settings):
    pages = glob.glob(os.path.join(ROOT, "docs", "**", "*.md"), recursive=True)
    readme = os.path.join(ROOT, "README.md")
    return [page_test(settings, page) for page in sorted(pages) +
            ([readme] if os.path.exists(readme) else [])]
