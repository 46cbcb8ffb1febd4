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
# A bar for each call of a task graph, by its name; trace_picture.py draws them.
KC_NUM_THREADS=2 kc run "$ROOT/examples/pipeline.k" --trace pipeline.json >/dev/null
python3 "$ROOT/examples/hosts/trace_picture.py" pipeline.json pipeline.svg
python3 - <<'PYTHON'
import json
import xml.etree.ElementTree as tree
events = [e for e in json.load(open("pipeline.json"))["traceEvents"] if e.get("ph") == "X"]
print(sorted(e["name"].split(":")[0] for e in events))
print(len(tree.parse("pipeline.svg").getroot().findall("{http://www.w3.org/2000/svg}rect")) - 1, "bars")
PYTHON
kc run work.k --trace missing/work.json 2>&1 || echo "exit $?"
