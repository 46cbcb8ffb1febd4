# kc explain tells of what loops carry along (extremes and their places, counters, running sums, cursors), of arrays of an
# iteration, narrow indices, stores and loads that moved, of SIMD values that meet functions of numbers, and of loops in blocks.
kinds=$ROOT/tests/cli/inputs/explain_kinds.k
cp "$kinds" .
kc explain explain_kinds.k -march=avx512 2>/dev/null
echo "== avx2"
kc explain explain_kinds.k packed -march=avx2
kc explain explain_kinds.k marched -march=avx2
echo "== JSON"
kc explain explain_kinds.k -march=avx512 --json 2>/dev/null | grep '"kind":"vectorised"' |
    sed 's/.*"function":"\([a-z_]*\)".*"masks"/\1: "masks"/'
kc explain explain_kinds.k simd_values -march=avx512 --json 2>/dev/null | grep -o '"kind":"\(lanes\|called-by-lanes\)".*'
