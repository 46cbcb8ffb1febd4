# What a file may hold at all: UTF-8 without NUL bytes, in lines of bounded length. One error, no more.
printf 'alias A = "\xff"\n' >encoding.k
printf 'alias A = 1\0\nalias B = $\n' >nul.k
{ printf 'alias A = "'; head -c 2000000 /dev/zero | tr '\0' x; echo '"'; } >line.k
for file in encoding nul line; do
    status=0
    kc check "$file.k" 2>err || status=$?
    echo "$file: $status $(grep -c '^error' err) $(grep -o '^error\[K[0-9]*\]' err)"
done
printf '\xef\xbb\xbfalias A = 1\r\n' >windows.k
kc check windows.k && echo "windows: fine"
