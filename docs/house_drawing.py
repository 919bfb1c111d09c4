# ruff: noqa: INP001 - a script beside the pages that it writes
"""The rooms as a staircase: each stands on those that it may use, and a dot where it does says how often."""

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from xml.sax.saxutils import escape

ACROSS, DOWN = 70, 46  # pixels of a step
WIDE, HIGH = 68, 34  # of a room
LARGEST = 15  # of a dot
EDGE = 16
STYLE = """
  svg { --ink: #1b2733; --muted: #5f6c7b; --line: #dfe4ea; --surface: #ffffff; --room: #eef2f6; --dot: #2563a8; }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #e6eaee; --muted: #9aa7b4; --line: #333d47; --surface: #14191e; --room: #232b33; --dot: #3f7fc8; }
  }
  text { font: 13px system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; fill: var(--ink); }
  .room { fill: var(--room); stroke: var(--line); } .name { font-size: 12.5px; font-weight: 600; text-anchor: middle; }
  .small { font-size: 10.5px; fill: var(--muted); text-anchor: middle; } .way { stroke: var(--line); }
  .dot { fill: var(--dot); } .few { font-size: 11px; text-anchor: middle; } .many { fill: #fff; }
  .free { fill: var(--muted); opacity: 0.5; } .said { fill: var(--muted); }
  .title { font-size: 19px; font-weight: 600; }
"""


def drawing(
    floors: Sequence[Sequence[str]],
    sizes: Mapping[str, str],
    arrows: Mapping[tuple[str, str], int],
    said: Sequence[str],
) -> str:
    """The drawing as SVG: ``sizes`` stand in the rooms, ``arrows`` count imports; ``said`` is a title and lines."""
    rooms = [room for floor in floors for room in floor]
    apart = {(one, other) for floor in floors for one in floor for other in floor}
    wide, high = EDGE * 2 + ACROSS * len(rooms), EDGE * 2 + DOWN * len(rooms)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img" aria-labelledby="t d">',
        f'<title id="t">{escape(said[0])}</title><desc id="d">{escape(" ".join(said[1:]))}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect width="{wide}" height="{high}" fill="var(--surface)"/>',
        *_words(said, high),
        *_ways(rooms, arrows),
    ]
    for row, one in enumerate(rooms):
        for column, other in enumerate(rooms[row + 1 :], row + 1):
            if (one, other) not in apart:
                parts += _dot(_place(column, row), arrows.get((one, other), 0), f"{one} → {other}")
    for place, room in enumerate(rooms):
        parts += _room(_place(place, place), room, sizes[room])
    return "\n".join([*parts, "</svg>", ""])


def _place(column: int, row: int) -> tuple[float, float]:
    """The middle of a place on the grid."""
    return EDGE + ACROSS * (column + 0.5), EDGE + DOWN * (row + 0.5)


def _words(said: Sequence[str], high: int) -> Iterator[str]:
    """The title and what is said under it, in the empty corner."""
    top = high - EDGE - 22 * len(said)
    for line, text in enumerate(said):
        kind = "said" if line else "title"
        yield f'<text class="{kind}" x="{EDGE + 4}" y="{top + 22 * line}">{escape(text)}</text>'


def _ways(rooms: Sequence[str], arrows: Mapping[tuple[str, str], int]) -> Iterator[str]:
    """From each room right to all that it uses, and down to each from all that use it."""
    for place, room in enumerate(rooms):
        x, y = _place(place, place)
        used = [rooms.index(other) for one, other in arrows if one == room]
        users = [rooms.index(one) for one, other in arrows if other == room]
        if used:
            yield f'<path class="way" d="M{x} {y}H{_place(max(used), place)[0]}"/>'
        if users:
            yield f'<path class="way" d="M{x} {_place(place, min(users))[1]}V{y}"/>'


def _dot(place: tuple[float, float], count: int, name: str) -> Iterator[str]:
    x, y = place
    if not count:
        yield f'<circle class="free" cx="{x}" cy="{y}" r="2"/>'
        return
    size = min(LARGEST, 8 + sqrt(count) * 0.8)
    yield f'<g><title>{name}: {count}</title><circle class="dot" cx="{x}" cy="{y}" r="{size:.1f}"/>'
    yield f'<text class="few many" x="{x}" y="{y + 4}">{count}</text></g>'


def _room(place: tuple[float, float], name: str, size: str) -> Iterator[str]:
    x, y = place
    yield f'<rect class="room" x="{x - WIDE / 2}" y="{y - HIGH / 2}" width="{WIDE}" height="{HIGH}" rx="5"/>'
    yield f'<text class="name" x="{x}" y="{y - 1}">{name}</text><text class="small" x="{x}" y="{y + 12}">{size}</text>'
