"""The pages of figures in a real Chromium: the slider by keyboard, a draft, files."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.serving import Site


@pytest.fixture(scope="module")
def site(full_site: Site) -> Site:
    """The console with some hundred decided items."""
    return full_site


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
        page.click('form[action^="/dasbor/paslon.csv"] button')
    assert waiting.value.suggested_filename.startswith("netra-dasbor-paslon-")
