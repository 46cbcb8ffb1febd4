"""Kind unit: the cmocka programs in the build folder; each of their tests counts."""

import glob
import os
import re

from runner.core import FAILED, PASSED, SKIPPED, Result, Test, run, shorten, shown

STATES = {"OK": PASSED, "FAILED": FAILED, "ERROR": FAILED, "SKIPPED": SKIPPED}
ROW = re.compile(r"^\[ +(OK|FAILED|SKIPPED|ERROR) +\] (\w+)\s*$", re.MULTILINE)


def states_in(text):
    """Test name to state; a failed test is listed twice, and once is enough."""
    states = {}
    for word, name in ROW.findall(text):
        if states.get(name) != FAILED:
            states[name] = STATES[word]
    return states


def unit_test(settings, path):
    name = "unit/" + os.path.basename(path)

    def check():
        ran = run(settings, [path], patience=4)
        text = ran.out + ran.err
        states = states_in(text)
        results = []
        for test, state in states.items():
            message = shorten(text) if state == FAILED else "skipped by the test"
            results.append(Result(f"{name}/{test}", state, message, shown([path])))
        failed = FAILED in states.values()
        if (ran.status != 0 and not failed) or not states:
            results.append(Result(name, FAILED, ran.describe(), shown([path])))
        return results
    return Test(name, check)


def find(settings):
    paths = sorted(glob.glob(os.path.join(settings.build, "tests", "test_*")))
    return [unit_test(settings, path) for path in paths
            if os.access(path, os.X_OK) and not path.endswith(".d")]
