# Every count in tests/run/fusion is exact: with one loop less allowed, each kernel is refused. So the
# assertion can fail, and the corpus cannot rot into counts that are too generous.
for file in "$ROOT"/tests/run/fusion/*.k; do
    perl -pe 's/\@fused\(loops=(\d+)\)/"\@fused(loops=" . ($1 - 1) . ")"/e' "$file" >less.k
    asked=$(grep -c '^@fused(' less.k || true)
    kc check less.k >out 2>&1 || true
    refused=$(grep -c '^error\[K0710\]' out || true)
    if test "$asked" -ne "$refused"; then
        echo "$file: $asked kernels, $refused refused"
        cat out
        exit 1
    fi
done

# Below -O2 nothing is fused, and the assertion is not looked at.
printf '@export\n@fused(loops=0)\nfn f(inout y: Tensor[f32, n]):\n    y = 1.0\n' >none.k
kc build -O0 none.k -o none.o
kc build -O1 none.k -o none.o
if kc build -O2 none.k -o none.o 2>out; then
    echo "one loop passes for none"
    exit 1
fi
grep -q 'but is 1 loop$' out
