"""Looking closely in a real Chromium: zoom and pan, greyscale, boxes, one registered photo after the other, print."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.checks import complaints
from tests.browser.conftest import Visit
from tests.browser.serving import Site


def box(page: Page) -> list[float]:
    """The part of the picture on show."""
    return [float(value) for value in (page.get_attribute("svg.stage", "viewBox") or "").split()]


def middle(page: Page) -> tuple[float, float]:
    """The middle of the picture on the screen."""
    place = page.locator("svg.stage").bounding_box()
    assert place is not None
    return place["x"] + place["width"] / 2, place["y"] + place["height"] / 2


def test_zoom_and_pan_by_key_wheel_and_mouse(visit: Visit, site: Site) -> None:
    page = visit("tinjau").page
    page.goto(site.item("strong"))
    whole = box(page)
    page.keyboard.press("+")
    page.keyboard.press("+")
    near = box(page)
    assert near[2] == pytest.approx(whole[2] / 2.25, rel=0.01)
    assert near[2] / near[3] == pytest.approx(whole[2] / whole[3], rel=0.01)
    expect(page.locator("[data-factor]")).to_have_text(re.compile(r"225\s?%"))
    page.locator("svg.stage").focus()
    page.keyboard.press("ArrowRight")
    assert box(page)[0] > near[0]
    x, y = middle(page)
    before = box(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 10, steps=4)
    page.mouse.up()
    assert box(page)[0] < before[0]
    assert page.url == site.item("strong")
    page.keyboard.press("0")
    assert box(page) == whole
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    page.wait_for_function(
        "width => +document.querySelector('svg.stage').getAttribute('viewBox').split(' ')[2] < width", arg=whole[2]
    )
    page.click("[data-zoom=fit]")
    page.mouse.dblclick(*middle(page))
    assert box(page)[2] == pytest.approx(whole[2] / 2, rel=0.01)
    page.click("[data-zoom=out]")
    page.click("[data-zoom=out]")
    assert box(page) == whole
    assert page.locator("[style]").count() == 0


def test_greyscale_and_boxes_switch_at_once_and_are_remembered(visit: Visit, site: Site) -> None:
    page = visit("tinjau2").page
    page.goto(site.item("strong"))
    page.keyboard.press("+")
    zoomed = box(page)
    with page.expect_response("**/pilihan"):
        page.keyboard.press("g")
    expect(page.locator("[data-look=grey]")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("getComputedStyle(document.getElementById('photo')).filter") == "grayscale(1)"
    with page.expect_response("**/pilihan"):
        page.keyboard.press("o")
    expect(page.locator("svg.stage a").first).to_be_hidden()
    assert box(page) == zoomed
    page.reload()
    expect(page.locator("[data-look=grey]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("svg.stage a").first).to_be_hidden()
    page.keyboard.press("o")
    expect(page.locator("svg.stage a").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_one_registered_photo_after_the_other(visit: Visit, site: Site, axe: str, scheme: str) -> None:
    page = visit("tinjau", color_scheme=scheme).page
    page.goto(site.item("strong"))
    found, shown = page.locator(".faces > figure img").first, page.locator(".refs figure").first.locator("img")
    sizes = [image.bounding_box() for image in (found, shown)]
    assert sizes[0] is not None
    assert sizes[1] is not None
    assert abs(sizes[0]["width"] - sizes[1]["width"]) < 2
    expect(page.locator(".refs figcaption").first).to_contain_text("1 dari 3 · paling mirip")
    current = page.locator(".thumbs a[aria-current]")
    for key, number in (("]", 2), ("]", 3), ("]", 1), ("[", 3)):
        page.keyboard.press(key)
        expect(current).to_have_attribute("href", re.compile(f"-{number}$"))
        expect(page.locator("#say")).to_contain_text(f"{number} dari 3")
    page.locator(".thumbs a").nth(1).click()
    expect(current).to_have_attribute("href", re.compile("-2$"))
    page.keyboard.press("+")
    assert complaints(page, axe) == []


def test_lifting_the_blur_never_covers_the_picture(visit: Visit, site: Site) -> None:
    for width, height in ((1366, 768), (390, 844)):
        page = visit("tinjau", width=width, height=height).page
        page.goto(site.item("gesture"))
        page.keyboard.press("b")
        expect(page.locator("#reveal")).to_be_focused()
        picture, form = page.locator("svg.stage").bounding_box(), page.locator(".reveal form").bounding_box()
        assert picture is not None
        assert form is not None
        assert form["y"] + form["height"] <= picture["y"]
        seen = "document.elementFromPoint(x, y)?.closest('.reveal form') !== null"
        middle_of_form = [form["x"] + form["width"] / 2, form["y"] + form["height"] / 2]
        assert page.evaluate(f"([x, y]) => {seen}", middle_of_form)


def test_without_scripts_the_photos_scroll_and_the_picture_opens(visit: Visit, site: Site) -> None:
    page = visit("tinjau", java_script_enabled=False).page
    page.goto(site.item("strong"))
    expect(page.locator("[data-zooms]")).to_be_hidden()
    expect(page.locator("[data-turn]").first).to_be_hidden()
    strip = page.locator(".refs").first
    page.locator(".thumbs a").nth(2).click()
    assert strip.evaluate("element => element.scrollLeft >= element.clientWidth * 1.9")
    assert "blur=1" in (page.get_attribute("a:has-text('Ukuran penuh')", "href") or "")
    page.click("[data-look=grey]")
    expect(page.locator(".review.grey")).to_have_count(1)
    page.click("[data-look=grey]")
    expect(page.locator(".review.grey")).to_have_count(0)


def test_the_page_prints_without_navigation_and_buttons(visit: Visit, site: Site) -> None:
    page = visit("tinjau").page
    page.goto(site.item("strong"))
    page.emulate_media(media="print")
    for hidden in (".top", ".column", ".seeing", ".decision", ".turn"):
        expect(page.locator(hidden).first).to_be_hidden()
    assert [button for button in page.locator("button").all() if button.is_visible()] == []
    for shown in (".banner", "svg.stage", ".legend", ".post", ".signal", ".calendar"):
        expect(page.locator(shown).first).to_be_visible()
    refs = page.locator(".refs figure")
    assert refs.count() == 3
    tops = {round((figure.bounding_box() or {"x": 0})["x"]) for figure in refs.all()}
    assert len(tops) == 3
