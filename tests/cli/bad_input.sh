# Whatever a file holds, kc answers with errors that have codes: no crash, no hang, no flood.

# refuse NAME: kc check says so with exit status 1, soon, in at most 1000 lines.
refuse() {
    local status=0
    timeout 30 kc check "$1" >out 2>err || status=$?
    if test "$status" -ne 1 || ! grep -q '^error\[K[0-9]*\]' err || test "$(wc -l <err)" -gt 1000; then
        echo "$1: exit status $status"
        head -c 2000 err
        exit 1
    fi
}

# survive NAME: any answer will do, but an answer.
survive() {
    local status=0
    timeout 60 kc check "$1" >out 2>err || status=$?
    test "$status" -le 1 || { echo "$1: exit status $status"; head -c 2000 err; exit 1; }
}

repeat() { head -c "$(($2 * ${#1}))" < <(yes "$1" | tr -d '\n'); }

printf 'def main():\n    x = 1\0\n' >nul.k
printf 'alias A = 1 # \xc3\n' >truncated.k
printf '\xff\xfe\x00a' >utf16.k
printf 'def main():\n\tx = 1\n        y = 2\n' >mixed.k
printf 'def main():\n    print("abc\n' >open_string.k
printf '"""abc\n' >open_docstring.k
printf 'def f(:\n' >broken.k
printf '%s\n' '}{)(][' >brackets.k
repeat '(' 100000 >deep_open.k
{ printf 'alias A = '; repeat '(' 100000; printf 1; repeat ')' 100000; echo; } >deep_pairs.k
{ printf 'alias A = '; repeat '-' 100000; echo 1; } >deep_minus.k
{ printf 'alias A = '; repeat 'not ' 100000; echo True; } >deep_not.k
{ printf 'alias A = '; repeat '[' 100000; } >deep_square.k
awk 'BEGIN { print "def main():"; for (i = 1; i < 3000; i++) printf "%*sif True:\n", i * 4, "";
     printf "%*spass\n", 12000, "" }' >deep_blocks.k
repeat 'a' 10000000 >long_name.k
{ printf 'alias A = '; repeat '1+' 5000000; echo 1; } >long_sum.k
{ printf '# '; repeat 'x' 10000000; echo; } >long_comment.k
head -c 200000 /dev/urandom >random.k
repeat '@#$%^&*!' 20000 >symbols.k
yes 'foo bar' | head -20000 >many_errors.k || true
yes 'def main(): return x' | head -5000 >many_names.k || true
: >empty.k

for file in nul truncated utf16 mixed open_string open_docstring broken brackets deep_open deep_pairs \
    deep_square deep_blocks symbols; do
    refuse "$file.k"
done
for file in deep_minus deep_not long_name long_sum long_comment random many_errors many_names empty; do
    survive "$file.k"
done

status=0
kc check missing.k 2>err || status=$?
test "$status" -ge 1 && grep -q 'missing.k' err
mkdir folder.k
status=0
kc check folder.k 2>err || status=$?
test "$status" -ge 1 && grep -q 'folder.k' err
