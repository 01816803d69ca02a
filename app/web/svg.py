"""The strokes of which charts are made: SVG text with geometry in attributes and every text escaped."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape


def number(value: float) -> str:
    """A coordinate: at most two decimals, never in exponents."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def line(x0: float, y0: float, x1: float, y1: float, kind: str) -> str:
    """A line of a class."""
    return f'<line class="{kind}" x1="{number(x0)}" y1="{number(y0)}" x2="{number(x1)}" y2="{number(y1)}"/>'


def rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    """A rectangle of a class."""
    size = f'width="{number(width)}" height="{number(height)}"'
    return f'<rect class="{kind}" x="{number(x)}" y="{number(y)}" {size}/>'


def text(x: float, y: float, content: str, kind: str, anchor: str, more: str = "", longest: int = 80) -> str:
    """A text, cut where it is longer than `longest` characters and whole when pointed at; `more` are attributes."""
    place = f'x="{number(x)}" y="{number(y)}" text-anchor="{anchor}"{more}'
    short = content if len(content) <= longest else f"{content[: longest - 1].rstrip()}…"
    whole = "" if short == content else f"<title>{escape(content)}</title>"
    return f'<text class="{kind}" {place}>{escape(short)}{whole}</text>'


def svg(width: float, height: float, name: str, description: str, parts: Iterable[str], kind: str = "") -> Markup:
    """An image with a name; what is inside is hidden from those who are read to, for the table says it better."""
    told = f"{name}. {description}" if description else name
    size, classes = f"0 0 {number(width)} {number(height)}", f"chart {kind}".strip()
    head = f'<svg class="{classes}" role="img" viewBox="{size}" aria-label="{escape(told)}">'
    return markup(f"{head}{''.join(parts)}</svg>")


def markup(text: str) -> Markup:
    """Text of this module, in which everything from outside passed through `escape`."""
    return Markup(text)  # noqa: S704
