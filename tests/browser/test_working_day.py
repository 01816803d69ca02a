"""A day of work in a real Chromium: next, keys, claims, blind second looks, undo, an objection, calibration."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.checks import complaints
from tests.browser.conftest import Visit
from tests.browser.sample import PASSWORD
from tests.browser.serving import Site, serve

NOTE = "Foto ini perlu dibandingkan dengan unggahan lain akun itu."


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A console of its own: the day decides many items."""
    with serve(tmp_path_factory.mktemp("day"), processes=2) as running:
        yield running


def item_of(page: Page) -> str:
    """The item on show."""
    return page.get_attribute("#main", "data-item") or ""


def test_a_whole_day(visit: Visit, site: Site) -> None:
    ani, budi, coordinator = (visit(login) for login in ("tinjau", "tinjau2", "koordinator"))
    for opened in (ani, budi, coordinator):
        opened.refusals_expected = True

    first = ani.page
    first.goto(f"{site.url}/antrean")
    first.keyboard.press("s")
    expect(first.locator("#claim")).to_contain_text("Anda pegang s.d.")
    expect(first.locator("#claim-left")).to_have_text("10 menit lagi")
    flag = item_of(first)

    second = budi.page
    second.goto(f"{site.url}/antrean/{flag}")
    expect(second.locator(".decision")).to_contain_text("Dipegang Sekar Ayuningtyas")
    expect(second.locator("button.verdict")).to_have_count(0)

    first.keyboard.press("c")
    first.keyboard.type(NOTE)
    first.keyboard.press("Escape")
    first.keyboard.press("k")
    expect(first.locator(".toast")).to_contain_text("Perlu orang kedua")
    assert item_of(first) != flag
    expect(first.locator("#claim")).to_be_visible()

    second.goto(f"{site.url}/antrean/{flag}")
    expect(second.locator(".decision")).to_contain_text("Putusan pertama disembunyikan")
    assert NOTE not in second.content()
    expect(second.locator(".timeline li")).to_have_count(1)
    second.keyboard.press("m")
    expect(second.locator("#claim")).to_be_visible()
    second.keyboard.press("l")
    second.select_option("#dismiss_reason", "old_photo")
    second.keyboard.press("Escape")
    second.keyboard.press("t")
    expect(second.locator(".toast")).to_contain_text("ditolak")

    third = coordinator.page
    third.goto(f"{site.url}/antrean")
    third.keyboard.press("s")
    expect(third.locator("#main")).to_have_attribute("data-item", flag)
    expect(third.locator(".verdicts li")).to_have_count(2)
    expect(third.locator(".verdicts")).to_contain_text(NOTE)
    expect(third.locator(".verdicts")).to_contain_text("Foto lama")
    third.keyboard.press("k")
    expect(third.locator(".toast")).to_contain_text("dikonfirmasi")
    third.keyboard.press("z")
    expect(third.locator("#main")).to_have_attribute("data-item", flag)
    expect(third.locator(".notice")).to_contain_text("diurungkan")
    third.keyboard.press("k")
    expect(third.locator(".toast")).to_contain_text("dikonfirmasi")

    third.goto(f"{site.url}/antrean/{flag}")
    third.keyboard.press("d")
    third.click("summary:has-text('Catat keberatan')")
    third.fill("#note-appeal", NOTE)
    third.click("button:has-text('Catat keberatan')")
    expect(third.locator("#error-document-appeal")).to_contain_text("Sertakan dokumen")
    expect(third.locator("#note-appeal")).to_have_value(NOTE)
    paper = {"name": "keberatan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 keberatan"}
    third.set_input_files("#document-appeal", paper)
    third.click("button:has-text('Catat keberatan')")
    expect(third.locator(".notice")).to_contain_text("Keberatan dicatat")
    with third.expect_download() as started:
        third.click(".timeline a[download]")
    assert started.value.suggested_filename == "keberatan.pdf"
    expect(third.locator(".decision")).to_contain_text("Butir ini perlu orang lain")

    other = site.item("text" if flag != site.flags["text"] else "poster")
    for page in (first, second):
        page.goto(other)
        page.keyboard.press("m")
        expect(page.locator("#claim")).to_be_visible()
        page.keyboard.press("k")
        expect(page.locator(".toast")).to_contain_text("dikonfirmasi")
    third.goto(f"{site.url}/kalibrasi")
    expect(third.locator(".figure-cards")).to_be_visible()
    expect(third.locator("#ambang")).to_have_attribute("aria-valuetext", "0,15")
    queue = third.inner_text("[data-of=antrean]")
    third.focus("#ambang")
    third.keyboard.press("End")
    expect(third.locator("output[data-of=ambang]")).to_have_text("0,99")
    expect(third.locator("[data-of=antrean]")).not_to_have_text(queue)


def test_the_clock_runs_out_and_nothing_typed_is_lost(visit: Visit, site: Site) -> None:
    page = visit("tinjau2").page
    page.clock.install()
    page.goto(site.item("poster"))
    page.keyboard.press("c")
    page.keyboard.type(NOTE)
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    expect(page.locator("#claim")).to_be_visible()
    expect(page.locator("#note")).to_have_value(NOTE)
    page.clock.fast_forward(9 * 60_000 + 10_000)
    expect(page.locator("#say")).to_contain_text("tinggal satu menit")
    page.clock.fast_forward(60_000)
    expect(page.locator("#claim")).to_be_hidden()
    expect(page.locator("#claim-over")).to_contain_text("Waktu pegangan Anda habis")
    expect(page.locator("#note")).to_have_value(NOTE)
    page.click("#claim-over button")
    expect(page.locator("#claim")).to_be_visible()
    expect(page.locator("#note")).to_have_value(NOTE)


def test_a_claim_is_extended_while_somebody_works(visit: Visit, site: Site) -> None:
    page = visit("tinjau2").page
    page.clock.install()
    page.goto(site.item("gesture"))
    page.keyboard.press("m")
    expect(page.locator("#claim")).to_be_visible()
    page.clock.fast_forward(2 * 60_000)
    with page.expect_response("**/renewal") as answered:
        page.mouse.move(300, 300)
        page.clock.fast_forward(2_000)
    assert answered.value.status == 200
    expect(page.locator("#claim-left")).to_have_text(re.compile(r"(9|10) menit lagi"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_working_is_accessible(visit: Visit, site: Site, axe: str, scheme: str) -> None:
    for login in ("koordinator", "tinjau"):
        page = visit(login, color_scheme=scheme).page
        page.goto(f"{site.url}/antrean")
        page.keyboard.press("s")
        expect(page.locator("#claim")).to_be_visible()
        for details in page.locator("main details").all():
            details.evaluate("element => { element.open = true; }")
        assert complaints(page, axe) == []
        page.evaluate("document.getElementById('claim-over').hidden = false")
        assert complaints(page, axe) == []


def test_the_small_screen_shows_all_of_it(visit: Visit, site: Site) -> None:
    page = visit("tinjau", width=390, height=844).page
    page.goto(f"{site.url}/antrean")
    page.click("button:has-text('Mulai meninjau')")
    expect(page.locator("#claim")).to_be_visible()
    page.click("summary:has-text('Tindakan lain')")
    for details in page.locator("main details").all():
        details.evaluate("element => { element.open = true; }")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    confirm, dismiss = (page.locator(f"button[value={word}]").bounding_box() for word in ("confirm", "dismiss"))
    assert confirm is not None
    assert dismiss is not None
    assert (confirm["width"], confirm["height"]) == (dismiss["width"], dismiss["height"])


def test_the_essential_day_without_scripts(visit: Visit, site: Site) -> None:
    opened = visit(None, java_script_enabled=False)
    opened.refusals_expected, page = True, opened.page
    page.goto(f"{site.url}/antrean")
    page.fill("#login", "tinjau")
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.click("button:has-text('Mulai meninjau')")
    expect(page.locator("#claim")).to_be_visible()
    item = item_of(page)
    page.click("button:has-text('Perpanjang')")
    expect(page.locator("#claim")).to_be_visible()
    page.click("button:has-text('Lewati')")
    expect(page.locator("#main")).not_to_have_attribute("data-item", item)
    page.click("summary:has-text('Tindakan lain')")
    page.click("summary:has-text('Minta keterangan')")
    page.fill("#note-ask", "singkat")
    page.click("button:has-text('Minta keterangan')")
    expect(page.locator("#error-note-ask")).to_contain_text("20 karakter")
    expect(page.locator("#note-ask")).to_have_value("singkat")
    page.fill("#note-ask", NOTE)
    page.click("button:has-text('Minta keterangan')")
    expect(page.locator(".decision")).to_contain_text("menunggu keterangan")
    page.fill("#note-answer", "sudah dijawab")
    page.click("button:has-text('Beri keterangan')")
    expect(page.locator("button.verdict")).to_have_count(2)
    item = item_of(page)
    page.click("button[value=dismiss]")
    assert "putus=" in page.url
    assert item_of(page) != item
    page.click(".toast button")
    assert item_of(page) == item
    expect(page.locator("button.verdict")).to_have_count(2)
    page.click("nav a[href='/kirim']")
    page.fill("#text", "Kiriman tanpa skrip")
    page.click("main button.primary")
    expect(page.locator("tbody")).to_contain_text("Kiriman tanpa skrip")
    page.click(".menu summary")
    page.click("text=Keluar")
    expect(page.locator("#login")).to_be_visible()
