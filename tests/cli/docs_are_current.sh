# The listings in the pages are what kc prints now; `make docs` writes them again.
cd "$ROOT"
python3 docs/regenerate.py --check README.md docs/a-kernels-journey.md docs/explain.md
