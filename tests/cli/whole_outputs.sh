# Outputs appear whole or not at all: a failed build leaves the old file, or none, and nothing temporary.
cat >good.k <<'END'
@export
fn twice(x: i32) -> i32:
    return x + x
END
printf '@export\nfn twice(x: i32) -> i32:\n    return y\n' >bad.k

kc build good.k -o out.o
cp out.o before.o
cp out.h before.h
! kc build bad.k -o out.o 2>/dev/null
cmp out.o before.o
cmp out.h before.h

! kc build bad.k -o none.o 2>/dev/null
! test -e none.o
! test -e none.h
! kc build good.k -o missing/folder/out.o 2>err
grep -q 'missing/folder' err
! ls -A | grep -E '\.tmp$'
