"""Draws what `kc run --trace` writes, a row for each thread: python3 trace_picture.py trace.json picture.svg"""
import json
import sys
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, TOP, ROW, BAR = 760, 80, 20, 14, 34, 24
COLOURS = ("#3b6fb6", "#c0562f", "#3b8f5c", "#8a63b0", "#b08a2f")


def bars(events, start, scale, colours):
    """A bar for each call, with its name where there is room."""
    rows = []
    for event in events:
        x, width = LEFT + (event["ts"] - start) * scale, max(event["dur"] * scale, 1)
        y = TOP + event["tid"] * ROW
        name = event["name"].split(":")[0]
        colour = colours.setdefault(name, COLOURS[len(colours) % len(COLOURS)])
        rows.append(f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{BAR}" fill="{colour}" stroke="#fff"/>')
        if width > 8 * len(name):
            rows.append(f'<text x="{x + width / 2:.1f}" y="{y + 16}" text-anchor="middle" fill="#fff">{escape(name)}</text>')
    return rows


def picture(events):
    threads = 1 + max(event["tid"] for event in events)
    start = min(event["ts"] for event in events)
    span = max(event["ts"] + event["dur"] for event in events) - start
    scale = (WIDTH - LEFT - RIGHT) / span
    bottom = TOP + threads * ROW
    rows = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 26}" '
            'font-family="sans-serif" font-size="12">',
            f'<rect width="{WIDTH}" height="{bottom + 26}" fill="#fff"/>']
    rows += [f'<text x="8" y="{TOP + i * ROW + 16}">thread {i}</text>' for i in range(threads)]
    rows += bars(sorted(events, key=lambda event: event["ts"]), start, scale, {})
    rows += [f'<text x="{LEFT + (WIDTH - LEFT - RIGHT) * share:.0f}" y="{bottom + 16}" text-anchor="middle" fill="#333">'
             f'{span * share / 1000:.1f} ms</text>' for share in (0, 0.5, 0.96)]
    return "\n".join(rows + ["</svg>", ""])


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        events = [event for event in json.load(file)["traceEvents"] if event["ph"] == "X"]
    if not events:
        sys.exit(f"{sys.argv[1]} holds no bars: nothing ran on the pool")
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(picture(events))


if __name__ == "__main__":
    main()
