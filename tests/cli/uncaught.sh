# An error that nobody catches: its place and text on standard error, status 1; what was printed before stays.
cat > fail.k <<'K'
fn half(x: i64) raises -> i64:
    if x % 2 != 0:
        raise Error("an odd number")
    return x // 2

@export
fn quarter(x: i64) raises -> i64:
    return half(half(x))

def main():
    print(half(8))
    print(half(7))
K
for engine in jit interp; do
    kc run fail.k --engine=$engine 2>&1 || echo "status $?"
    kc run fail.k quarter 20 --engine=$engine 2>&1 || echo "status $?"
    kc run fail.k quarter 10 --engine=$engine 2>&1 || echo "status $?"
done
