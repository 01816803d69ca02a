"""With the Tab key alone: what has the focus on an item is never hidden under the panel of the decision."""

from __future__ import annotations

from tests.browser.conftest import Visit
from tests.browser.serving import Site

UNDER = """() => {
  const element = document.activeElement;
  const panel = document.querySelector('.decision.live').getBoundingClientRect();
  if (element === document.body || element.closest('.decision, svg')) return null;
  const box = element.getBoundingClientRect();
  const beside = box.right <= panel.left || box.left >= panel.right;
  return !beside && box.top >= panel.top && box.bottom <= panel.bottom ? element.outerHTML.slice(0, 120) : null;
}"""


def test_the_panel_of_the_decision_hides_nothing_that_has_the_focus(visit: Visit, site: Site) -> None:
    page = visit("tinjau", width=1440, height=900).page
    for name in ("strong", "poster"):
        page.goto(site.item(name))
        assert page.locator(".decision.live").evaluate("element => getComputedStyle(element).position") == "sticky"
        hidden = []
        for _ in range(70):
            page.keyboard.press("Tab")
            hidden.append(page.evaluate(UNDER))
        assert set(hidden) == {None}, name
