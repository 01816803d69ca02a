"""The page for the public in a real browser: with its work done while one types, and without any script."""

from __future__ import annotations

import hashlib
import re
from time import monotonic
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from app.tips.codes import read_code
from app.tips.proof import LEAST_SECONDS
from tests.browser.checks import complaints
from tests.browser.conftest import Visit
from tests.browser.serving import Site

SEEN = "Pejabat itu mengajak memilih di grup warga."
WORDS = "Ayo coblos nomor 2, lanjutkan!"


def fill(page: Page, url: str) -> None:
    page.goto(f"{url}/sampaikan")
    if page.locator("#contest option").count() > 1:
        page.select_option("#contest", index=1)
    page.fill("#text", WORDS)
    page.fill("#seen", SEEN)


def code_of(page: Page) -> str:
    page.wait_for_selector("output.receipt")
    return page.inner_text("output.receipt")


def looked_up(page: Page, url: str, code: str) -> str:
    page.goto(f"{url}/sampaikan/status")
    page.fill("#code", code.lower().replace("-", " "))
    page.click("main button.primary")
    page.wait_for_selector("#now")
    assert code not in page.url
    return page.text_content("#now") or ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_tip_with_its_work_done_in_the_page(visit: Visit, full_site: Site, axe: str, scheme: str) -> None:
    opened = visit(None, at=full_site, width=390, height=844, color_scheme=scheme)
    page = opened.page
    fill(page, full_site.url)
    assert page.locator("[data-question]").is_hidden()
    assert complaints(page, axe) == []
    if scheme == "light":  # in the dark one it is sent before the work is done
        expect(page.locator("form[data-bits]")).to_have_attribute("action", re.compile("bukti="), timeout=60_000)
        bits = int(page.get_attribute("form[data-bits]", "data-bits") or 0)
        said = parse_qs(urlsplit(page.get_attribute("form[data-bits]", "action") or "").query)
        worked = f"{page.input_value('[name=tantangan]')}:{said['bukti'][0]}"
        assert int.from_bytes(hashlib.sha256(worked.encode()).digest()) >> (256 - bits) == 0
    page.click("main button.primary")
    code = code_of(page)
    assert read_code(code) == code.replace("-", "")
    assert complaints(page, axe) == []
    assert looked_up(page, full_site.url, code) == "Diterima"
    assert complaints(page, axe) == []
    assert page.context.cookies() == []


def test_a_tip_without_scripts(chromium: Browser, full_site: Site) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    fill(page, full_site.url)
    opened = monotonic()
    assert page.locator("[data-question]").is_visible()
    page.fill("#jawaban", "0")
    page.click("main button.primary")
    assert page.locator("#error-jawaban").is_visible()
    assert page.input_value("#seen") == SEEN
    assert page.input_value("#text") == WORDS
    asked = page.inner_text("label[for=jawaban]")
    numbers = [int(word) for word in asked.replace("?", "").split() if word.isdigit()]
    page.wait_for_timeout(max(0, 1000 * (opened + LEAST_SECONDS - monotonic())))  # nobody types faster than this
    page.fill("#jawaban", str(sum(numbers)))
    page.click("main button.primary")
    code = code_of(page)
    assert looked_up(page, full_site.url, code) == "Diterima"
    assert context.cookies() == []
    context.close()
