"""Kind cli: shell scripts that use kc as people do.

tests/cli/X.sh runs with `bash -eu -o pipefail` in an empty folder, with kc on the PATH, $ROOT the
repository, $KC the compiler, $BUILD the build folder and $CC a C compiler. It must end with status 0
(77 says that the test cannot run here, and why on its last line) and print what X.out holds, if that
exists.
"""

import os

from runner.core import (SKIPPED, Result, Test, compare_golden, environment, find_files, outcome,
                         run, shown, test_name)

CANNOT_RUN = 77


def script_test(settings, path):
    name = test_name(path)

    def check():
        env = dict(environment(settings), BUILD=settings.build, CC=" ".join(settings.cc),
                   CXX=" ".join(settings.cxx), SANITIZE=" ".join(settings.sanitize))
        ran = run(settings, ["bash", "-eu", "-o", "pipefail", path], cwd=settings.temp_folder(),
                  env=env, patience=3)
        if ran.status == CANNOT_RUN:
            rows = (ran.out + ran.err).strip().splitlines() or ["it cannot run here"]
            return [Result(name, SKIPPED, rows[-1])]
        problems = [] if ran.status == 0 else [ran.describe()]
        golden = os.path.splitext(path)[0] + ".out"
        if not problems and os.path.exists(golden):
            problems.append(compare_golden(settings, golden, ran.out))
        return outcome(name, problems, shown(["tests/run.py", name]))
    return Test(name, check)


def find(settings):
    return [script_test(settings, path) for path in find_files("cli", ".sh")]
