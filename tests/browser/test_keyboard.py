"""A reviewer's day with the keyboard alone: the focus is always seen, and no swap of the page loses it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.sample import PASSWORD
from tests.browser.serving import Site, serve

NOTE = "Foto ini perlu dibandingkan dengan unggahan lain akun itu."
FOCUS = """async () => {
  while (document.documentElement.hasAttribute('aria-busy')) await new Promise((go) => setTimeout(go, 5));
  const it = document.activeElement;
  if (!it || it === document.body) return 'the focus is lost';
  if (it.id === 'main') return '';
  const what = it.outerHTML.slice(0, 120), style = getComputedStyle(it);
  if (!it.matches(':focus-visible')) return `not :focus-visible: ${what}`;
  if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) return `no outline: ${what}`;
  const { left, top, width, height } = it.getClientRects()[0] ?? new DOMRect();
  if (!width || !height) return `nothing to see: ${what}`;
  const above = document.elementFromPoint(left + width / 2, top + Math.min(height / 2, innerHeight - top - 1));
  if (it.closest('svg') || it.contains(above) || above?.contains(it)) return '';
  return `hidden behind ${above?.outerHTML.slice(0, 60)}: ${what}`;
}"""
"""What is wrong with the focus once a swap has ended; then it stands on the page's content, which needs no outline."""
LEFT_OUT = """() => {
  const all = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  const seen = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.matches(':disabled');
  return [...document.querySelectorAll(all)].filter((it) => seen(it) && !window.reached.has(it)).map((it) => it.outerHTML.slice(0, 120));
}"""  # noqa: E501


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A console of its own, in which nobody has claimed or decided."""
    with serve(tmp_path_factory.mktemp("keyboard"), processes=2) as running:
        yield running


@dataclass(frozen=True, slots=True)
class Hands:
    """Two hands on a keyboard, and an eye on where the focus is."""

    page: Page

    def look(self) -> None:
        """The page has settled, and one sees where the focus is."""
        assert self.page.evaluate(FOCUS) == ""

    def press(self, *keys: str) -> None:
        """Keys that leave one on a page that was not loaded anew."""
        for key in keys:
            self.page.keyboard.press(key)
            self.look()

    def type(self, text: str) -> None:
        """Write into the field that has the focus."""
        self.page.keyboard.type(text)
        self.look()

    def go_to(self, place: Locator, key: str = "Tab") -> None:
        """Tab until that place has the focus."""
        for _ in range(150):
            if place.evaluate("element => element === document.activeElement"):
                return
            self.press(key)
        raise AssertionError(f"{key} never reaches {place}")

    def answer(self, key: str, told: str) -> None:
        """Press a key and be told so by the live region."""
        self.press(key)
        expect(self.page.locator("#say")).to_contain_text(told)
        self.look()


def item_of(page: Page) -> str:
    """The item on show."""
    return page.get_attribute("#main", "data-item") or ""


def test_a_day_with_the_keyboard_alone(visit: Visit, site: Site) -> None:
    page = visit(None).page
    hands = Hands(page)
    page.goto(f"{site.url}/antrean")
    hands.type("tinjau")
    hands.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/antrean")

    hands.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    filter_by_keyboard(hands)
    review_by_keyboard(hands, site)
    handle_by_keyboard(hands)

    hands.go_to(page.locator(".menu > summary"), "Shift+Tab")
    hands.press("Enter", "Escape")
    expect(page.locator(".menu")).not_to_have_attribute("open", "")
    expect(page.locator(".menu > summary")).to_be_focused()
    hands.press("Enter")
    hands.go_to(page.locator("button[name=bahasa][value=en]"))
    hands.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".banner")).to_contain_text("not a verdict")
    hands.look()
    hands.go_to(page.locator(".menu > summary"), "Shift+Tab")
    hands.press("Space")
    hands.go_to(page.locator("form[action='/keluar'] button"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/masuk")
    hands.look()
    expect(page.locator("#login")).to_be_focused()


def filter_by_keyboard(hands: Hands) -> None:
    """Choose a filter with the arrows, without losing the field, and take it off again."""
    page = hands.page
    hands.go_to(page.locator("#tingkat"))
    for band in ("high", "medium", "low"):
        hands.press("ArrowDown")
        page.wait_for_url(f"**tingkat={band}**")
        expect(page.locator("#tingkat")).to_be_focused()
        expect(page.locator("#tingkat")).to_have_value(band)
    hands.look()
    expect(page.locator("tbody tr")).to_have_count(1)
    hands.go_to(page.locator(".chips a.chip").first)
    hands.press("Enter")
    expect(page.locator(".chips a.chip")).to_have_count(0)
    hands.look()


def review_by_keyboard(hands: Hands, site: Site) -> None:
    """Take the next item, then the one with two faces from the list; look closely, note, confirm, undo, skip."""
    page = hands.page
    hands.press("s")
    expect(page.locator("#claim")).to_be_visible()
    assert item_of(page)
    hands.go_to(page.locator("nav a[href='/antrean'][aria-current]"), "Shift+Tab")
    page.keyboard.press("Enter")
    row = page.locator(f"tbody a[href$='{site.flags['strong']}']")
    expect(row).to_be_visible()
    hands.go_to(row)
    hands.press("Enter")
    expect(page.locator("#main")).to_have_attribute("data-item", site.flags["strong"])
    hands.press("m")
    expect(page.locator("#claim")).to_be_visible()

    whole = page.get_attribute("svg.stage", "viewBox") or ""
    hands.press("+", "+")
    expect(page.locator("svg.stage")).not_to_have_attribute("viewBox", whole)
    hands.go_to(page.locator("svg.stage"))
    near = page.get_attribute("svg.stage", "viewBox") or ""
    hands.press("ArrowRight")
    expect(page.locator("svg.stage")).not_to_have_attribute("viewBox", near)
    hands.press("0")
    expect(page.locator("svg.stage")).to_have_attribute("viewBox", whole)
    for number in (2, 3):
        hands.answer("]", f"{number} dari 3")
    hands.answer("[", "2 dari 3")

    hands.press("c")
    expect(page.locator("#note")).to_be_focused()
    hands.type(NOTE)
    hands.press("Escape", "a")
    expect(page.locator("#confirm_reason")).to_be_focused()
    hands.press("Escape")
    hands.answer("k", "dikonfirmasi")
    assert item_of(page) != site.flags["strong"]
    expect(page.locator("#main")).to_be_focused()
    hands.press("z")
    expect(page.locator("#main")).to_have_attribute("data-item", site.flags["strong"])
    expect(page.locator(".timeline")).to_contain_text("Keputusan diurungkan")
    hands.press("s")
    expect(page.locator("#main")).not_to_have_attribute("data-item", site.flags["strong"])
    hands.press("?")
    expect(page.locator("dialog")).to_be_visible()
    hands.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()


def handle_by_keyboard(hands: Hands) -> None:
    """The other acts: open them, comment, and find the comment in the time line."""
    page = hands.page
    hands.press("d")
    expect(page.locator("summary[data-key=d]")).to_be_focused()
    act = page.locator(".act", has=page.locator("#note-comment"))
    hands.go_to(act.locator("summary"))
    hands.press("Enter")
    hands.go_to(page.locator("#note-comment"))
    hands.type(NOTE)
    hands.go_to(act.locator("button"))
    hands.press("Enter")
    expect(page.locator(".timeline")).to_contain_text(NOTE)
    expect(page.locator("main > .notice")).to_be_visible()
    hands.look()


@pytest.mark.parametrize("width", [390, 1366])
def test_tab_reaches_every_control_and_shows_where_it_is(visit: Visit, site: Site, width: int) -> None:
    page = visit("koordinator", width=width, height=768).page
    hands = Hands(page)
    for address in (site.item("strong"), site.item("poster"), f"{site.url}/antrean", f"{site.url}/kewajaran"):
        page.goto(address)
        if width > 860 and address == site.item("strong"):  # the panel of the decision stands over what is under it
            expect(page.locator(".decision.live")).to_have_css("position", "sticky")
        page.evaluate("window.reached = new Set()")
        turn = 0
        while not page.evaluate("reached.size && document.activeElement === [...reached][0]") or turn < 2:
            turn += 1
            assert turn < 300
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement === document.body"):
                break  # past the last one the browser's own controls come
            hands.look()
            page.evaluate("reached.add(document.activeElement)")
        assert page.evaluate(LEFT_OUT) == []
