"""The frame of every plot of a report: an SVG file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

WIDTH, HEIGHT = 560.0, 380.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 16.0, 34.0, 48.0
INK, GREY = "#222", "#bbb"


def x_at(value: float, low: float, high: float) -> float:
    """Where a value lies from left to right."""
    return LEFT + (WIDTH - LEFT - RIGHT) * (value - low) / (high - low)


def y_at(value: float, low: float, high: float) -> float:
    """Where a value lies, larger ones higher."""
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low)


def text_at(x: float, y: float, words: str, colour: str, anchor: str = "start") -> str:
    """Words at a place; they must hold no markup."""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">{words}</text>'


def framed(
    title: str,
    across: Sequence[tuple[float, str]],
    up: Sequence[tuple[float, str]],
    below: str,
    beside: str,
    body: Iterable[str],
) -> str:
    """The whole picture: title, marks `across` and `up` (place, words) with their lines, the axes' names, `body`."""
    floor = HEIGHT - BOTTOM
    lines = [f'<path d="M{x:.1f} {TOP}V{floor}" stroke="{GREY}" stroke-width="0.5"/>' for x, _ in across]
    lines += [f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{GREY}" stroke-width="0.5"/>' for y, _ in up]
    words = [text_at(x, floor + 16, label, INK, "middle") for x, label in across]
    words += [text_at(LEFT - 6, y + 4, label, INK, "end") for y, label in up]
    words += [text_at((LEFT + WIDTH) / 2, HEIGHT - 10, below, INK, "middle"), text_at(12, TOP - 14, title, INK)]
    words += [
        f'<g transform="translate(14 {(TOP + floor) / 2}) rotate(-90)">{text_at(0, 0, beside, INK, "middle")}</g>'
    ]
    inside = "\n".join([*lines, *body, *words])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" '
        f'font-family="sans-serif" font-size="12">\n<title>{title}</title>\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n{inside}\n</svg>\n'
    )
