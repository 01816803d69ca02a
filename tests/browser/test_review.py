"""A reviewer's day in a real Chromium: queue, item, keys, undo, stale pages, the blur, all without scripts."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.serving import Site

NOTE = "Foto ini diambil pada acara resmi sekolah."


def waiting(page: Page) -> int:
    """How many items the queue column says are waiting."""
    return int(page.inner_text("#left"))


def item_of(page: Page) -> str:
    """The item on show."""
    return page.get_attribute("#main", "data-item") or ""


def test_queue_lists_filters_and_pages(visit: Visit, site: Site) -> None:
    page = visit().page
    page.goto(f"{site.url}/antrean")
    assert page.locator("tbody tr").count() > 10
    page.select_option("#tingkat", "low")
    page.wait_for_url("**tingkat=low**")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("Rendah")
    page.click("tbody a")
    expect(page.locator("#main")).to_have_attribute("data-item", site.flags["gesture"])


def test_item_shows_what_speaks_for_and_against(visit: Visit, site: Site) -> None:
    page = visit().page
    page.goto(site.item("text"))
    expect(page.locator(".banner")).to_have_text("Sinyal adalah petunjuk (informasi awal), bukan putusan.")
    expect(page.locator("#g-for")).to_have_text(re.compile("menambah bobot", re.I))
    expect(page.locator("#g-against")).to_have_text(re.compile("mengurangi bobot", re.I))
    assert page.locator(".post mark").count() >= 2
    page.goto(site.item("strong"))
    assert page.locator(".refs img").count() == 3
    found = page.locator(".faces figure img").first
    found.scroll_into_view_if_needed()
    page.wait_for_function("() => [...document.images].slice(0, 2).every((i) => i.naturalWidth > 0)")
    expect(page.get_by_text("masa kampanye", exact=True)).to_be_visible()
    expect(page.locator("[aria-labelledby=ctx] a")).to_have_attribute("href", "https://www.instagram.com/p/contoh01/")


def test_boxes_lie_where_the_explanation_says(visit: Visit, site: Site) -> None:
    page = visit().page
    page.goto(site.item("strong"))
    facts = page.request.get(f"{site.url}/api/v1/flags/{site.flags['strong']}").json()
    signal = next(s for s in facts["signals"] if s["kind"] == "face")
    image = page.locator("#photo").bounding_box()
    box = page.locator(f"a[data-tag={signal['tag']}] .box").first.bounding_box()
    assert image is not None
    assert box is not None
    scale = image["width"] / facts["images"][0]["width"]
    x0, y0, x1, y1 = (value * scale for value in signal["box"])
    line = 4
    assert abs(box["x"] - image["x"] - x0) < line
    assert abs(box["y"] - image["y"] - y0) < line
    assert abs(box["width"] - (x1 - x0)) < 2 * line
    assert abs(box["height"] - (y1 - y0)) < 2 * line


def test_confirm_by_key_then_undo(visit: Visit, site: Site) -> None:
    page = visit().page
    page.goto(f"{site.url}/antrean")
    page.click("text=Mulai meninjau")
    expect(page.locator("#left")).to_be_visible()
    first, count = item_of(page), waiting(page)
    page.keyboard.press("k")
    expect(page.locator(".toast")).to_contain_text("dikonfirmasi")
    assert item_of(page) != first
    assert waiting(page) == count - 1
    assert "putus=" in page.url
    expect(page.locator("#say")).to_contain_text("dikonfirmasi")
    page.keyboard.press("z")
    expect(page.locator("#main")).to_have_attribute("data-item", first)
    assert waiting(page) == count
    expect(page.locator(".timeline")).to_contain_text("Keputusan diurungkan")


def test_dismiss_skip_and_the_decided_item_takes_no_key(visit: Visit, site: Site) -> None:
    page = visit("tinjau2").page
    page.goto(site.item("poster"))
    page.keyboard.press("s")
    expect(page.locator("#main")).not_to_have_attribute("data-item", site.flags["poster"])
    page.goto(site.item("poster"))
    page.keyboard.press("t")
    expect(page.locator(".toast")).to_contain_text("ditolak")
    page.goto(site.item("poster"))
    expect(page.locator("#decide")).to_have_text(re.compile("sudah diputuskan", re.I))
    events = page.locator(".timeline li").count()
    page.keyboard.press("k")
    page.wait_for_timeout(200)
    page.reload()
    assert page.locator(".timeline li").count() == events
    page.keyboard.press("z")
    expect(page.locator("button.verdict")).to_have_count(2)


def test_letters_do_nothing_while_typing_or_when_switched_off(visit: Visit, site: Site) -> None:
    page = visit().page
    page.goto(site.item("text"))
    page.keyboard.press("c")
    expect(page.locator("#note")).to_be_focused()
    page.keyboard.type("kata t")
    assert page.input_value("#note") == "kata t"
    expect(page.locator("#main")).to_have_attribute("data-item", site.flags["text"])
    page.keyboard.press("Escape")
    expect(page.locator("#note")).not_to_be_focused()
    page.click(".menu summary")
    page.click("button[name=pintasan][value=mati]")
    expect(page.locator("#page")).to_have_class("keys-off")
    page.goto(site.item("text"))
    page.keyboard.press("s")
    page.wait_for_timeout(200)
    expect(page.locator("#main")).to_have_attribute("data-item", site.flags["text"])


def test_a_colleague_was_faster(visit: Visit, site: Site) -> None:
    mine, theirs = visit("tinjau"), visit("tinjau2")
    mine.refusals_expected = True
    mine.page.goto(site.item("gesture"))
    theirs.page.goto(site.item("gesture"))
    theirs.page.click("button[value=dismiss]")
    expect(theirs.page.locator(".toast")).to_be_visible()
    mine.page.click("button[value=confirm]")
    expect(mine.page.locator("[role=alert]")).to_contain_text("Rekan sudah bertindak")
    expect(mine.page.locator("#decide")).to_have_text(re.compile("sudah diputuskan", re.I))
    assert mine.page.url == site.item("gesture")
    theirs.page.keyboard.press("z")
    expect(theirs.page.locator("button.verdict")).to_have_count(2)


def test_other_needs_a_note_and_own_uploads_are_for_others(visit: Visit, site: Site) -> None:
    opened = visit()
    opened.refusals_expected, page = True, opened.page
    page.goto(site.item("text"))
    page.select_option("#dismiss_reason", "other")
    page.click("button[value=dismiss]")
    expect(page.locator("#error-note")).to_contain_text("20 karakter")
    expect(page.locator("#note")).to_be_focused()
    expect(page.locator("#dismiss_reason")).to_have_value("other")
    page.fill("#note", NOTE)
    page.click("button[value=dismiss]")
    expect(page.locator(".toast")).to_contain_text("ditolak")
    page.goto(site.item("text"))
    expect(page.locator(".timeline")).to_contain_text(NOTE)
    page.click("text=Urungkan")
    page.goto(site.item("own"))
    expect(page.locator("button[value=confirm]")).to_have_count(0)
    expect(page.locator("#main")).to_contain_text("Unggahan sendiri ditinjau orang lain")


def test_the_blur_is_lifted_with_a_logged_reason(visit: Visit, site: Site) -> None:
    page = visit("koordinator").page
    page.goto(site.item("strong"))
    expect(page.locator("#photo")).to_have_attribute("href", re.compile("blur=1"))
    page.keyboard.press("b")
    expect(page.locator("#reveal")).to_be_focused()
    page.select_option("#reveal", "subject")
    page.click("text=Buka dan catat")
    expect(page.locator("#photo")).to_have_attribute("href", re.compile(r"images/\d+$"))
    expect(page.locator(".timeline")).to_contain_text("Mengenali subjek")
    page.keyboard.press("Escape")
    page.locator("#main").focus()
    page.keyboard.press("b")
    expect(page.locator("#photo")).to_have_attribute("href", re.compile("blur=1"))
    page.keyboard.press("b")
    expect(page.locator("#photo")).to_have_attribute("href", re.compile(r"images/\d+$"))


def test_help_opens_and_closes(visit: Visit, site: Site) -> None:
    page = visit().page
    page.goto(site.item("text"))
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_be_visible()
    page.keyboard.press("k")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    expect(page.locator("#main")).to_have_attribute("data-item", site.flags["text"])


def test_a_post_cannot_run_anything(visit: Visit, site: Site) -> None:
    page = visit().page
    page.goto(site.item("xss"))
    assert page.evaluate("window.__xss") is None
    expect(page.locator(".post")).to_contain_text("<script>window.__xss=1</script>")
    expect(page.locator("[aria-labelledby=ctx]")).to_contain_text("<svg onload=window.__xss=1>")
    expect(page.locator("[aria-labelledby=ctx]")).to_contain_text("javascript:window.__xss=1")
    assert page.locator("a[href^='javascript']").count() == 0
    page.goto(f"{site.url}/antrean")
    assert page.evaluate("window.__xss") is None


def test_everything_needed_works_without_scripts(visit: Visit, site: Site) -> None:
    page = visit("tinjau2", java_script_enabled=False).page
    page.goto(site.item("news"))
    page.click("summary:has-text('Catatan')")
    page.fill("#note", NOTE)
    page.click("button[value=dismiss]")
    assert "putus=" in page.url
    page.click(".toast button")
    expect(page.locator("#main")).to_have_attribute("data-item", site.flags["news"])
    expect(page.locator(".timeline")).to_contain_text(NOTE)
    page.goto(site.item("strong"))
    page.click("summary:has-text('Buka samaran')")
    page.click("text=Buka dan catat")
    expect(page.locator("#photo")).to_have_attribute("href", re.compile(r"images/\d+$"))
    page.click("text=Gambar 2")
    expect(page.locator("#photo")).to_have_attribute("href", re.compile(r"images/1$"))
