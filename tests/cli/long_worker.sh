# examples/hosts/worker.c for a while: right answers, and memory that stays as it is.
kc build "$ROOT/examples/worker.k" -o worker.o
$CC $SANITIZE -std=c11 -D_POSIX_C_SOURCE=200809L -O2 -Wall -Wextra -Werror -I. -I"$ROOT/examples/hosts" \
    "$ROOT/examples/hosts/worker.c" worker.o "$BUILD/libkcrt.a" -lm -lpthread -o worker
KC_NUM_THREADS=4 timeout 120 ./worker 8000 8 > worker.csv
tail -1 worker.csv | cut -d, -f2
# Sanitizers keep what was freed.
if [ -z "$SANITIZE" ]; then
    awk -F, 'NR == 3 { early = $3 } NR > 3 && $3 > early + 64 { exit 1 }' worker.csv || { cat worker.csv; exit 1; }
fi
python3 "$ROOT/examples/hosts/worker_picture.py" worker.csv worker.svg
python3 -c '
import xml.etree.ElementTree as tree
lines = tree.parse("worker.svg").getroot().findall(".//{http://www.w3.org/2000/svg}polyline")
print(len(lines), {len(line.get("points").split()) for line in lines})'
