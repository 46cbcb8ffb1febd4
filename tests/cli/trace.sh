#!/bin/sh
# `kc run --trace` writes what each thread did, as JSON that trace viewers read.
set -u
cat >work.k <<'KERNEL'
def main():
    var y = Tensor[int](1000)
    parallel for i in range(len(y)) grain(100):
        y[i] = i
    print(y.sum())
KERNEL
KC_NUM_THREADS=2 kc run work.k --trace work.json
python3 - <<'PYTHON'
import json
events = [e for e in json.load(open("work.json"))["traceEvents"] if e.get("ph") == "X"]
print(sorted({e["name"] for e in events}))
pieces = sorted((e["args"]["begin"], e["args"]["end"]) for e in events)
print(pieces[0][0], pieces[-1][1], all(a[1] == b[0] for a, b in zip(pieces, pieces[1:])))
print(all(e["dur"] >= 0 for e in events))
PYTHON
kc run work.k --trace missing/work.json 2>&1 || echo "exit $?"
