"""The pages of figures in a real Chromium: the slider by keyboard, a draft, accessible in light and dark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from app.db.engine import open_engine, session_factory
from tests.browser.conftest import Visit
from tests.browser.sample import CONTEST
from tests.browser.serving import Site, serve
from tests.browser.test_pages import complaints
from tests.decided import Decided

PAGES = ("/dasbor", "/mutu", "/kalibrasi", "/aturan")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The console with some hundred decided items."""
    data = tmp_path_factory.mktemp("figures")
    with serve(data) as running:
        engine = open_engine(f"sqlite:///{data / 'netra.db'}")
        with session_factory(engine)() as session:
            pairs = [f"{CONTEST}/{number}" for number in (1, 2, 3, 4)]
            items = Decided(session, [(CONTEST, pairs)], ["tinjau", "tinjau2", "koordinator"], "pantau")
            items.add(160)
            items.add_unflagged(100, sampled=40)
            session.commit()
        engine.dispose()
        yield running


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_figures_are_accessible(visit: Visit, site: Site, axe: str, scheme: str) -> None:
    page = visit("koordinator", color_scheme=scheme).page
    for path in PAGES:
        page.goto(site.url + path)
        for details in page.locator("main details").all():
            details.evaluate("element => { element.open = true; }")
        assert complaints(page, axe) == [], path


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_screen(visit: Visit, site: Site, width: int) -> None:
    page = visit("koordinator", width=width, height=800).page
    for path in PAGES:
        page.goto(site.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.click(".rarely summary")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.keyboard.press("Escape")
        expect(page.locator(".rarely")).not_to_have_attribute("open", "")


def test_the_slider_is_moved_by_keyboard_and_drafted(visit: Visit, site: Site) -> None:
    page = visit("koordinator").page
    page.goto(site.url + "/kalibrasi")
    expect(page.locator("[data-without-script]")).to_be_hidden()
    before = page.locator(".chart-here").first.get_attribute("x1")
    queue = page.locator("[data-of=antrean]").inner_text()
    page.focus("#ambang")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    expect(page.locator("output[data-of=ambang]")).to_have_text("0,21")
    expect(page.locator("#ambang")).to_have_attribute("aria-valuetext", "0,21")
    expect(page.locator("[data-of=antrean]")).not_to_have_text(queue)
    assert page.locator(".chart-here").first.get_attribute("x1") != before
    page.fill("#alasan", "Antrean terlalu penuh butir lemah")
    page.focus("text=Simpan rancangan")
    page.keyboard.press("Enter")
    page.wait_for_url("**/aturan/*")
    expect(page.locator("tbody")).to_contain_text("0,21")
    page.fill("#alasan", "Disetujui rapat koordinasi")
    page.focus("button:has-text('Terbitkan')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/aturan?terbit=*")
    expect(page.locator("[role=status].notice")).to_contain_text("berlaku mulai kiriman berikutnya")


def test_without_scripts_the_form_asks_the_server(visit: Visit, site: Site) -> None:
    page = visit("auditor", java_script_enabled=False).page
    page.goto(site.url + "/kalibrasi?ambang=0.50")
    queue = page.locator("[data-of=antrean]").inner_text()
    page.focus("#ambang")
    page.keyboard.press("End")
    page.click("button:text-is('Tampilkan')")
    expect(page.locator("output[data-of=ambang]")).to_have_text("0,99")
    assert page.locator("[data-of=antrean]").inner_text() != queue


def test_a_chart_is_downloaded(visit: Visit, site: Site) -> None:
    page = visit("auditor").page
    page.goto(site.url + "/dasbor")
    with page.expect_download() as waiting:
        page.click('a[href^="/dasbor/paslon.csv"]')
    assert waiting.value.suggested_filename.startswith("netra-dasbor-paslon-")
