# The writers of random programs, which `make fuzz` runs for longer: what they write is taken and agrees, and of a compiler
# that is wrong a small program is kept.
test -z "$SANITIZE" || { echo "too slow with a sanitized compiler"; exit 77; }
python3 "$ROOT/tests/fuzz/progen.py" --kc "$KC" --count 2
python3 "$ROOT/tests/fuzz/nestgen.py" --kc "$KC" --count 2
python3 "$ROOT/tests/fuzz/nestgen.py" --kc "$KC" --passes --count 2 | grep ' 2 to-loops$'

cat >wrong <<END
#!/bin/sh
"$KC" "\$@" || exit
case "\$*" in *-O3*) if grep -q 'told(y)' "\$2"; then echo more; fi ;; esac
END
chmod +x wrong
python3 "$ROOT/tests/fuzz/nestgen.py" --kc ./wrong --count 1 --seed 7 --keep kept --shrink >found && exit 1
grep 'seed 7: outcomes differ$' found
test "$(wc -l <kept/p7.k)" -lt 30
grep -c 'told(y)' kept/p7.k
