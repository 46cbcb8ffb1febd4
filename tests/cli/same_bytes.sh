# The same input gives the same bytes, whatever folder it is compiled in, and twice in a row.
cat >kernel.k <<'END'
@export
fn saxpy(a: f32, x: Tensor[f32, n], inout y: Tensor[f32, n]):
    y = a * x + y

@export
fn pick(x: Tensor[f32, n], i: int) -> f32:
    return x[i]
END
mkdir -p one two/deep
cp kernel.k one/
cp kernel.k two/deep/
(cd one && kc build kernel.k -o kernel.o)
(cd two/deep && kc build kernel.k -o kernel.o)
kc build kernel.k -o again.o
for ending in o h; do
    cmp "one/kernel.$ending" "two/deep/kernel.$ending"
done
cmp one/kernel.o again.o
