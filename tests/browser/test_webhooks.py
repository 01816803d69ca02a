"""Webhooks in a browser: a new one with its secret, a test message, sending again; with and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.everything import HOOKS
from tests.browser.serving import Site


@pytest.mark.parametrize("scripts", [True, False])
def test_a_new_webhook_is_tried_and_a_message_sent_again(visit: Visit, full_site: Site, scripts: bool) -> None:
    opened = visit("koordinator", at=full_site, java_script_enabled=scripts)
    page = opened.page
    page.goto(full_site.url + "/webhook")
    page.fill("#name", f"Penerima {scripts}")
    page.fill("#url", "https://10.0.0.1/netra")
    opened.refusals_expected = True
    page.keyboard.press("Enter")
    expect(page.locator("#error-url")).to_contain_text("NETRA_WEBHOOK_ALLOW")
    assert page.input_value("#name") == f"Penerima {scripts}"
    opened.refusals_expected = False
    page.fill("#url", "https://1.1.1.1/netra")
    page.keyboard.press("Enter")
    expect(page.locator("#secret")).to_contain_text("whsec_")
    page.click("text=Kirim pesan uji")
    expect(page.locator("#log tbody tr")).to_contain_text(["Pesan uji"])
    expect(page.locator("#secret")).to_have_count(0)
    page.goto(f"{full_site.url}/webhook/{HOOKS['active']}")
    taken = page.locator("#log tbody tr:has-text('diterima')")
    before = taken.count()
    taken.first.locator("button").click()
    expect(taken).to_have_count(before - 1)
    assert opened.problems == []
