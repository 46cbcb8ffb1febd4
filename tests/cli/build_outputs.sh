# Outputs: names, atomicity, depfiles, determinism in any folder.
cp "$ROOT/examples/saxpy.k" .
kc build saxpy.k
ls
mkdir -p out elsewhere/deep
kc build saxpy.k -o out/kernel.o -MD --emit=obj,header,asm,llvm,kir,manifest
ls out
grep -c saxpy.k out/kernel.d
cp saxpy.k elsewhere/deep
(cd elsewhere/deep && kc build saxpy.k)
cmp saxpy.o elsewhere/deep/saxpy.o && cmp saxpy.h elsewhere/deep/saxpy.h && echo "the same bytes"
echo 'fn broken(' > broken.k
cp saxpy.o broken.o
kc build broken.k 2> /dev/null || echo "status $?"
cmp saxpy.o broken.o && echo "the old object is untouched"
ls broken.h 2> /dev/null || echo "no header"
kc build saxpy.k -o missing-folder/x.o 2> /dev/null || echo "status $?"
kc build saxpy.k --emit=header -o - | grep -c 'void saxpy('
kc build saxpy.k -o - 2> /dev/null || echo "status $?"
kc build saxpy.k --shared --static-lib -o lib.o
nm -D lib.so | grep -c ' T saxpy'
ar t lib.a
