"""The test runner: core.py holds what all kinds share, and each kind of test has a file of its own."""
