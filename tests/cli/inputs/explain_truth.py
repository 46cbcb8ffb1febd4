"""Compares what `kc explain --json` says of each loop with the assembly that `kc build` writes.

usage: explain_truth.py KC FILE

Each function of FILE holds one loop. What is said is a claim about its code, which refutes it or not; so that this
test can fail, claims about some functions are held against the code of others as well, which must refute them.
"""
import json
import re
import subprocess
import sys

TARGETS = ["x86-64", "avx2", "avx512", "sapphirerapids"]
LARGEST = TARGETS[-1]  # has an instruction for whatever a record can say
REGISTERS = {128: "xmm", 256: "ymm", 512: "zmm"}
BYTES = {"f32": 4, "f64": 8, "i32": 4, "i64": 8, "u8": 1}
PACKED = re.compile(r"\tv?(?:(?:add|sub|mul|div|max|min|sqrt|fn?m(?:add|sub)\d*)p[sd]"
                    r"|p(?:add|sub|mul|xor|and|or)\w*)\t")
MASKED_MOVE = re.compile(r"\tv\w*mov\w*\t[^\n]*\{%k\d\}|\tvp?maskmov|\tv\w*\t[^\n]*\([^\n]*\{%k\d\} \{z\}")
# How far an address is below a multiple, in elements.
LEAD = re.compile(r"\tneg[lq]\t[^\n]*\n(?:[^\n]*\n){0,9}?\t(?:bextr[lq]?|and[lq]\t\$(?:3|7|15|31|63),)")

# (function whose record it is, function whose code is to refute it)
LIES = [("plain", "gathered"), ("plain", "stored_apart"), ("plain", "ordered"), ("ordered", "plain"),
        ("by_llvm", "prefix"), ("gathered", "plain"), ("stored_apart", "plain"), ("doubles", "bytes"),
        ("halves", "divergent"), ("packed", "plain"), ("where_largest", "summed"), ("running", "plain"),
        ("own_arrays", "allocating"), ("narrowed", "far"), ("thirds", "hosted"), ("hosted", "thirds")]


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def loop_records(kc, path, march):
    report = json.loads(output(kc, "explain", path, f"-march={march}", "--json"))
    kinds = ("vectorised", "scalar", "vectorised-by-llvm")
    records = {}
    for record in report["decisions"]:
        if record["kind"] in kinds:
            if record["function"] in records:
                sys.exit(f"{record['function']} has two loops")
            records[record["function"]] = record
    return records


def code_of(kc, path, march):
    text = output(kc, "build", path, f"-march={march}", "--emit=asm", "-o", "-")
    parts = re.split(r"# -- Begin function (\w+)\n", text)
    return {name: body.split("# -- End function")[0] for name, body in zip(parts[1::2], parts[2::2])}


def vector_problems(record, code, march):
    wide = REGISTERS[record["register_bits"]]
    if not re.search(rf"%{wide}\d", code):
        yield f"no {wide} register"
    for bits, name in REGISTERS.items():
        if bits > record["register_bits"] and f"%{name}" in code:
            yield f"{name} registers, which are wider than said"
    size = BYTES[record["element"]]
    if record["lanes"] != record["registers"] * record["register_bits"] // (8 * size):
        yield "the numbers do not fit together"
    apart = 2 if record["strided"] + record["scatters"] > 0 else 1
    steps = "|".join(str(record["lanes"] * each) for each in {1, apart, size, size * apart})
    shift = record["lanes"].bit_length() - 1
    if not re.search(rf"[$ \t,-]-?(?:{steps})[,(]|\tsh[lr]q\t\${shift},", code):
        yield f"no step of {record['lanes']} elements"
    suffix = {"f32": "ps", "f64": "pd"}.get(record["element"])
    if suffix and not re.search(rf"\tv?(?:add|mul|div|fn?madd\d*|cmp\w*){suffix}\t", code):
        yield f"no arithmetic on {record['element']}"
    gathers = "gather" in code
    may_gather = record["gathers"] > 0 or (record["strided"] > 0 and record["tail"] == "masked")
    if gathers and not may_gather:
        yield "a gather"
    if record["gathers"] > 0 and march == LARGEST and not gathers:
        yield "no gather"
    if "scatter" in code and record["scatters"] == 0:
        yield "a scatter"
    if record["scatters"] > 0 and march == LARGEST and "scatter" not in code:
        yield "no scatter"
    if record["reversed"] > 0 and not re.search(r"\tv?(perm|shuf|pshuf)", code):
        yield "nothing that reverses"
    moves = bool(MASKED_MOVE.search(code))
    leads = record["led_from_iterations"] > 0
    if leads != bool(LEAD.search(code)):
        yield "no question where it stores" if leads else "a question where it stores"
    masked = record["tail"] == "masked" or (leads and moves)  # a beginning, at least
    if masked != moves and record["masks"] == 0:
        yield f"a tail that is not {record['tail']}"
    if record["exits"] > 0 and not re.search(r"\tv?(?:p?test|movmsk|pmovmsk|kortest)\w*\t", code):
        yield "no question of all lanes at once"
    if record["masks"] > 0 and not re.search(r"%k\d|blendv|maskmov|\tv?p?and", code):
        yield "no masks"


def outer_problems(record, code, march):
    """Of what is carried along, of calls and of memory."""
    if record["cursors"] > 0 and march == LARGEST and not re.search(r"\tvp?(?:compress|expand)", code):
        yield "nothing that moves lanes together"
    if record["best"] > 0 and not re.search(r"\tv?(?:max|min|cmp\w*)p[sd]\t", code):
        yield "no comparison of lanes"
    if record["places"] > 0 and not re.search(r"\tv?p?blend\w*\t|\{%k\d\}|\tv?p?andn\w*\t|\tv?pextr|\tv?pmin", code):
        yield "nothing that keeps the place of a lane"
    if record["scans"] > 0 and not re.search(r"\tv?(?:pslldq|palignr|p?align[dq]|perm\w*|pshuf\w*|shufps)\t", code):
        yield "no lanes that move up"
    if record["counters"] > 0 and not re.search(r"\tv?p(?:add|sub)[bwd]\t", code):
        yield "no narrow counters"
    if record["private_arrays"] > 0 and re.search(r"\tcall\w*\t.*kc_alloc", code):
        yield "memory that is asked for"
    if record["narrow_indices"] > 0 and march == LARGEST and not re.search(r"\tv?p?gatherd", code):
        yield "no gather by 32 bits"
    variant = rf"\tcall\w*\t.*\.v{record['lanes']}m?_"
    if record["variants"] > 0 and not re.search(variant, code):
        yield f"no call of a function for {record['lanes']} lanes"
    if record["lane_by_lane"] > 0 and not re.search(r"\tcall\w*\t(?!.*\.v\d|.*kc)", code):
        yield "no call of a function for numbers"


def problems(record, code, march):
    if record["kind"] == "vectorised":
        yield from vector_problems(record, code, march)
        yield from outer_problems(record, code, march)
    elif record["kind"] == "scalar":
        if PACKED.search(code) or "%ymm" in code or "%zmm" in code:
            yield "vectors in a scalar loop"
    elif not PACKED.search(code):
        yield "no vectors by LLVM"


def main():
    kc, path = sys.argv[1:]
    failures = []
    for march in TARGETS:
        records, codes = loop_records(kc, path, march), code_of(kc, path, march)
        failures += [f"{march}: {name}: no record" for name in codes if name not in records and name in
                     re.findall(r"fn (\w+)", open(path).read())]
        for name, record in records.items():
            failures += [f"{march}: {name}: {record['kind']}, but there is {problem}"
                         for problem in problems(record, codes[name], march)]
        if march == LARGEST:
            failures += [f"{march}: what is said of {name} is not refuted by {other}"
                         for name, other in LIES if not list(problems(records[name], codes[other], march))]
        for name, record in records.items():
            print(march, name, record["kind"], record.get("lanes", "-"), record.get("element", "-"))
    print("\n".join(failures))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
