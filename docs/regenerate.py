"""Brings the outputs shown in pages up to date: `make docs` runs it. With --check it only says which are not.

A comment `<!-- run: COMMAND -->` is followed by a fenced block that holds what the command prints; this
replaces the block's content. Commands run in the repository's root, with kc on PATH.
"""
import os
import re
import subprocess
import sys

BLOCK = re.compile(r"(<!-- run: (.*?) -->\n```\w*\n)(.*?)(^```$)", re.S | re.M)


def output_of(command):
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True)
    if done.returncode not in (0, 141):
        sys.exit(f"{command}\n{done.stdout}{done.stderr}")
    return done.stdout.rstrip("\n") + "\n"


def main():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    build = os.environ.get("BUILD", "build")
    os.environ["PATH"] = os.path.join(root, build) + os.pathsep + os.environ["PATH"]
    os.chdir(root)
    only_check = "--check" in sys.argv
    stale = []
    for path in [a for a in sys.argv[1:] if a != "--check"]:
        with open(path) as page:
            old = page.read()
        new = BLOCK.sub(lambda m: m.group(1) + output_of(m.group(2)) + m.group(4), old)
        if new == old:
            continue
        stale.append(path)
        if not only_check:
            with open(path, "w") as page:
                page.write(new)
        print(f"{path} {'is out of date: make docs' if only_check else 'updated'}")
    sys.exit(1 if only_check and stale else 0)


if __name__ == "__main__":
    main()
