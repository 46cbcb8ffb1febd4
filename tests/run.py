#!/usr/bin/env python3
"""Runs the tests: see tests/README.md, or `tests/run.py --help`."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from runner.main import main  # noqa: E402  (needs the path above)

if __name__ == "__main__":
    sys.exit(main())
