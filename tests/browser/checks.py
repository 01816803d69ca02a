"""What is asked of any page that stands in a browser: axe-core finds nothing, nothing is wider than the screen."""

from __future__ import annotations

from playwright.sync_api import Page

RULES = {
    "resultTypes": ["violations"],
    "preload": False,
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
RUN = "options => axe.run(document, options).then(({violations}) => violations.map(v => ({id: v.id, nodes: v.nodes.map(n => n.html.slice(0, 160))})))"  # noqa: E501
UNFOLD = """() => {
  for (const details of document.querySelectorAll('main details, aside details')) details.open = true;
  for (const link of document.querySelectorAll('[data-refresh]')) link.replaceWith(link.cloneNode(true));
}"""
"""Everything that is folded away is shown; pages that look again by themselves stand still."""


def complaints(page: Page, axe: str) -> list[tuple[str, list[str]]]:
    """What axe-core finds: its rules, with the beginnings of the elements."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
    return [(found["id"], found["nodes"]) for found in page.evaluate(RUN, RULES)]


def unfold(page: Page) -> None:
    """Open all that is folded away in the page's content."""
    page.evaluate(UNFOLD)


def width_of(page: Page) -> int:
    """How wide the whole page is, in pixels of CSS."""
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width
