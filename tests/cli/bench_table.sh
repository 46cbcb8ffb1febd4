# The table of bench/kernels.py says who was vectorised, and the CSV has every line of it.
test -z "$SANITIZE" || { echo "a sanitized runtime cannot be loaded into Python"; exit 77; }
command -v clang-19 >/dev/null || { echo "clang-19 is missing"; exit 77; }
case $(uname -m) in x86_64) ;; *) echo "the options of the competitors are those of x86-64"; exit 77 ;; esac

python3 "$ROOT/bench/kernels.py" --kc "$KC" --cc "$CC" --cxx "$CXX" --out built --march=avx2 --rounds 2 \
    --quick --check chain1 >checked 2>&1 || { cat checked; test "$(grep -c avx2 /proc/cpuinfo)" -eq 0 && exit 77; exit 1; }
python3 "$ROOT/bench/kernels.py" --kc "$KC" --cc "$CC" --cxx "$CXX" --out built --march=avx2 --rounds 2 \
    --quick --csv table.csv chain1 isum recurrence chain4_at >table

# cell ROW COLUMN: what table.csv says.
cell() { python3 -c '
import csv, sys
rows = {row["kernel"]: row for row in csv.DictReader(open("table.csv"))}
print(rows[sys.argv[1]][sys.argv[2]])' "$@"; }

test "$(wc -l <table.csv)" -eq 14
test "$(cell chain1 kc_bits) $(cell chain1 clang_fast_bits) $(cell chain1 clang_remark)" = "256 256 loop"
test "$(cell isum kc_bits) $(cell isum clang_remark)" = "256 loop"
test "$(cell recurrence clang_fast_bits) $(cell recurrence clang_remark)" = "0 no"
test "$(cell chain4_at/17 group)" = small
grep -q '^| chain1 .* 256 / 256 loop ' table
grep -q '^| hard-\* ' table
test "$(python3 "$ROOT/bench/kernels.py" --list 'hard-.*' | wc -l)" -ge 60
status=0
python3 "$ROOT/bench/kernels.py" --list no_such_kernel 2>err || status=$?
test "$status" -eq 1
grep -q 'no .no_such_kernel' err
