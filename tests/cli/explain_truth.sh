# What kc explain says of loops (width, unrolling, gathers, masks, scalar or not) is what the assembly shows, for three targets.
python3 "$ROOT/tests/cli/inputs/explain_truth.py" "$KC" "$ROOT/tests/cli/inputs/explain_truth.k"
