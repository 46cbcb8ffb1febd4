# Inputs that cannot be read are said so, with a code, and nothing is written.
status=0
kc build no-such-file.k 2> err || status=$?
echo "missing: $status"
grep -o 'error\[K0001\]' err
mkdir folder.k
(kc check folder.k 2>&1 || true) | grep -o 'K0001'
truncate -s 300M huge.k
(kc check huge.k 2>&1 || true) | grep -o 'K0003'
printf '# run: twice(2.0) = 4.0\n@export\nfn twice(x: f32) -> f32:\n    return 2.0 * x\n' > twice.k
(kc run --cases twice.k 2>&1 || true) | grep -o 'K0011'
ls ./*.o ./*.h 2>/dev/null || echo "nothing written"
