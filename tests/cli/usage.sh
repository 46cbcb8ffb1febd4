# Words that kc does not know are answered with the nearest one, and status 2.
exec 2>&1
try() {
    status=0
    "$@" || status=$?
    echo "status $status"
}
try kc bild x.k
try kc build
try kc build --emti=obj x.k
try kc build x.k --emit=onj
try kc build x.k -march
try kc check x.k --color=sometimes
echo 'def main(): print(1)' > x.k
try kc build x.k --stop-after=lowr
try kc build x.k -O4
try kc build x.k --fp=sloppy
try kc build x.k -j 0
try kc build x.k -jmany
try kc explain K9999
try kc --version
