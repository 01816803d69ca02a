"""Plots of a report of gestures: what was read for what, and how it falls off with the size of the hand."""

from __future__ import annotations

from collections import Counter
from html import escape

from app.evaluation.axes import BOTTOM, HEIGHT, INK, LEFT, RIGHT, TOP, WIDTH, framed, text_at, x_at, y_at
from app.evaluation.hand_report import HandReport

EXACT, NAMED = "#1f6f8b", "#b08a3c"


def confusion_svg(found: HandReport, title: str) -> str:
    """Marked hands (rows) by what was read (columns); the darker a cell, the larger its share of the row."""
    rows = sorted({marked for marked, _ in found.confusion})
    columns = sorted({read for _, read in found.confusion})
    total = Counter[str]()
    for (marked, _), count in found.confusion.items():
        total[marked] += count
    wide, high = (WIDTH - LEFT - RIGHT) / max(len(columns), 1), (HEIGHT - TOP - BOTTOM) / max(len(rows), 1)
    body = []
    for (marked, read), count in sorted(found.confusion.items()):
        x, y = LEFT + columns.index(read) * wide, TOP + rows.index(marked) * high
        share = count / total[marked]
        body.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" fill="{EXACT}" '
            f'fill-opacity="{share:.2f}"/>'
        )
        ink = "#fff" if share > 0.5 else INK
        body.append(text_at(x + wide / 2, y + high / 2 + 4, str(count), ink, "middle"))
    across = [(LEFT + (place + 0.5) * wide, escape(_short(name))) for place, name in enumerate(columns)]
    up = [(TOP + (place + 0.5) * high, escape(_short(name))) for place, name in enumerate(rows)]
    return framed(title, across, up, "terbaca / read", "", body)


def sizes_svg(found: HandReport, title: str) -> str:
    """Exact fingers and rightly named hands by size of the hand, with their intervals."""
    rows = found.by_size
    across = [(x_at(place + 0.5, 0, max(len(rows), 1)), escape(row.title)) for place, row in enumerate(rows)]
    up = [(y_at(value / 10, 0, 1), f"{value / 10:.1f}") for value in range(0, 11, 2)]
    body = [
        text_at(LEFT + 8, TOP + 14, "jari tepat / exact fingers", EXACT),
        text_at(LEFT + 8, TOP + 30, "diberi nama yang benar / named rightly", NAMED),
    ]
    for place, row in enumerate(rows):
        for share, colour, aside in ((row.exact, EXACT, -5), (row.named, NAMED, 5)):
            if share.value is not None:
                x = across[place][0] + aside
                low, high = y_at(share.low, 0, 1), y_at(share.high, 0, 1)
                body.append(f'<path d="M{x:.1f} {low:.1f}V{high:.1f}" stroke="{colour}" stroke-width="2"/>')
                body.append(f'<circle cx="{x:.1f}" cy="{y_at(share.value, 0, 1):.1f}" r="4" fill="{colour}"/>')
    return framed(title, across, up, "panjang tangan / length of the hand, px", "", body)


def _short(name: str) -> str:
    """Long names would run into each other."""
    return name if len(name) <= 9 else f"{name[:8]}…"
