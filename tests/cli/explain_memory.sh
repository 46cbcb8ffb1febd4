# kc explain FILE --allocs --copies lists what is allocated, copied and freed in the end; its flags, a function, and JSON choose.
cat > moving.k <<'KERNEL'
@export
fn shifted(x: Tensor[f32, n], inout y: Tensor[f32, n]) -> f32:
    var t = x.copy()
    for i in range(1, n):
        t[i] = t[i - 1] + x[i]
    y = t
    return t[n - 1]

@export
fn fused(x: Tensor[f32, n], inout y: Tensor[f32, n]):
    let a = x * 2.0
    y = a + 1.0

def main():
    var t = Tensor[f32](1000)
    for i in range(3):
        var u = t
        u[0] = 1.0
        print(t[0], u)
KERNEL
kc explain moving.k --allocs --copies 2> /dev/null
echo "conversions"
cat > widening.k <<'KERNEL'
def widened(x: Tensor[f32, n], inout y: Tensor[f64, n], k: int) -> f64:
    y = x
    for i in range(n):
        y[i] += i
    return k * 0.5
KERNEL
kc explain widening.k --copies 2> notes
grep -c N0396 notes
kc explain widening.k --allocs 2> /dev/null
kc explain widening.k --copies --json 2> /dev/null | head -4
echo "where from"
cat > places.k <<'KERNEL'
@export
fn smooth(a: Arena, inout x: Tensor[f32, h, w]):
    var old = a.tensor[f32](h, w)
    old = x
    parallel for j in range(h):
        var row = Tensor[f32](w)
        for i in range(w):
            row[i] = old[j, i] * 0.5
        for i in range(w):
            x[j, i] = row[w - 1 - i]
    var all = Tensor[f32](w)
    all[0] = x[0, 0]
    print(all)
KERNEL
kc explain places.k --allocs
kc explain places.k --allocs --json | grep -o '"kind":"alloc","from":"[a-z]*","function":"smooth","name":"[a-z]*"'
echo "--allocs, one function"
kc explain moving.k shifted --allocs 2> /dev/null
kc explain moving.k fused --allocs --copies
echo "JSON"
kc explain moving.k shifted --copies --json
echo "mistakes"
try() {
    status=0
    kc explain "$@" 2>&1 || status=$?
    echo "status $status"
}
try moving.k nothing
try moving.k fusd
try moving.k --asm --json
try nothing.k
try moving.k shifted more
echo 'fn f(x: Tensor[f32, n]) -> Tensor[f32, n]: return x' > wrong.k
try wrong.k
