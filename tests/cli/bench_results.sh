# The kernels of bench/ compute what gcc makes of the same kernels in C, and the harness sees when one does not.
test -z "$SANITIZE" || { echo "a sanitized runtime cannot be loaded into Python"; exit 77; }
check() { python3 bench/kernels.py --kc "$KC" --cc "$CC" --out built --check "$@"; }

cp -r "$ROOT/bench" .
check >all || { cat all; exit 1; }
grep -q '^\([0-9]*\) of \1 kernels give gcc.s results$' all || { cat all; exit 1; }

# One number in one C file is another.
sed -i 's/y\[i\] = x\[i\] \* 1.5f;/y[i] = x[i] * 1.501f;/' bench/kernels/chains.c
status=0
check chain1 chain2 >one || status=$?
test "$status" -eq 1
grep -q '^chain1: y: .* at 0; [0-9]* of 4096$' one
grep -q '^1 of 2 kernels' one

# A kernel that stops the process does not stop the others.
sed -i 's/y = x \* 1.5 + 0.5/y[n + int(x[0] * x[0])] = 1.0/' bench/kernels/chains.k
status=0
check chain2 chain3 >two || status=$?
grep -q '^chain2: the process ended with status -' two
grep -q '^1 of 2 kernels' two

# Nor does a file that kc refuses.
sed -i 's/^fn chain1(/fn chain1(?/' bench/kernels/chains.k
status=0
check chain2 isum >three || status=$?
test "$status" -eq 1
grep -q '^chains: .*kc build' three
grep -q '^1 of 2 kernels' three
