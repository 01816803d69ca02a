"""The console's forms and choices in a real Chromium: signing in, light and dark, handing in, tokens, roster."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.checks import complaints, width_of
from tests.browser.conftest import Visit
from tests.browser.sample import PASSWORD
from tests.browser.scenes import Scene
from tests.browser.serving import Site


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_deciding_is_accessible_in_both_languages(visit: Visit, site: Site, axe: str, scheme: str) -> None:
    page = visit("tinjau", color_scheme=scheme).page
    page.goto(site.item("strong"))
    assert complaints(page, axe) == []
    page.click(".menu summary")
    page.click("button[name=bahasa][value=en]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".banner")).to_contain_text("not a verdict")
    page.keyboard.press("?")
    assert complaints(page, axe) == []
    page.goto(site.url + "/antrean")
    assert complaints(page, axe) == []


def test_the_menus_fit_on_a_phone(visit: Visit, site: Site) -> None:
    page = visit("admin", width=390, height=844).page
    page.goto(site.url + "/kewajaran")
    for menu in (".rarely", ".menu"):
        page.click(f"{menu} > summary")
        assert width_of(page) <= 390
        page.keyboard.press("Escape")
        expect(page.locator(menu)).not_to_have_attribute("open", "")


def test_signing_in_leads_to_the_page_that_was_asked_for(visit: Visit, site: Site) -> None:
    opened = visit(None)
    opened.refusals_expected, page = True, opened.page
    page.goto(site.item("text"))
    assert "/masuk?kembali=" in page.url
    page.fill("#login", "tinjau")
    page.fill("#password", "bukan ini")
    page.click("button.primary")
    expect(page.locator("[role=alert]")).to_contain_text("salah")
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.wait_for_url(site.item("text"))
    page.click(".menu summary")
    page.click("text=Keluar")
    page.wait_for_url("**/masuk")
    page.goto(site.url + "/antrean")
    assert "/masuk" in page.url


def test_light_and_dark_can_be_chosen(visit: Visit, site: Site) -> None:
    page = visit(color_scheme="light").page
    page.goto(site.url + "/antrean")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click(".menu summary")
    page.click("button[name=tema][value=dark]")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_post_is_handed_in(visit: Visit, site: Site, scripts: bool) -> None:
    opened = visit("pantau", java_script_enabled=scripts)
    opened.refusals_expected, page = True, opened.page
    page.goto(site.url + "/kirim")
    page.click("button.primary")
    expect(page.locator("#error-images")).to_contain_text("Sertakan gambar atau teks")
    scene = Scene(width=400, height=300)
    page.set_input_files("#images", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": scene.jpeg()})
    if scripts:
        expect(page.locator("#chosen")).to_contain_text("a.jpg")
    page.fill("#text", f"Kiriman uji {scripts}")
    page.fill("#handle", "@uji.coba")
    page.fill("#act_date", "2999-01-01")
    page.click("button.primary")
    expect(page.locator("#error-act_date")).to_contain_text("belum terjadi")
    expect(page.locator("#handle")).to_have_value("@uji.coba")
    page.fill("#act_date", "")
    page.click("button.primary")
    page.wait_for_url("**/kiriman?baru=*")
    expect(page.locator("tbody")).to_contain_text(f"Kiriman uji {scripts}")
    expect(page.locator("tbody")).to_contain_text("Sedang diperiksa")


def test_what_a_role_may_not_do_is_said(visit: Visit, site: Site) -> None:
    opened = visit("pantau")
    opened.refusals_expected, page = True, opened.page
    page.goto(site.url + "/antrean")
    expect(page.locator("h1")).to_have_text("Tidak berwenang")
    page.goto(site.url + "/tidak/ada")
    expect(page.locator("h1")).to_have_text("Tidak ditemukan")
    expect(page.locator("main")).to_contain_text("404")


def test_a_token_is_shown_once(visit: Visit, site: Site) -> None:
    page = visit("admin").page
    page.goto(site.url + "/pengguna")
    page.click("summary:has-text('Buat token')")
    page.select_option("#t-login", "pantau")
    page.fill("#t-name", "ekstensi uji")
    page.click("button:has-text('Buat token')")
    expect(page.locator("#secret")).to_have_text(re.compile("^ntr_"))
    page.goto(site.url + "/pengguna")
    expect(page.locator("#secret")).to_have_count(0)
    page.click("#token summary:has-text('ekstensi uji')")
    page.click("button:has-text('Cabut')")
    expect(page.locator("#token")).to_contain_text("Dicabut")


def test_the_roster_can_be_changed(visit: Visit, site: Site) -> None:
    page = visit("koordinator").page
    page.goto(site.url + "/kontes")
    page.click("summary:has-text('Pemilihan baru')")
    page.fill("#k-id", "bandar-kirana")
    page.fill("#k-name", "Pilwalkot Bandar Kirana")
    page.fill("#k-code", "99.71")
    page.fill("#k-region", "Kota Bandar Kirana")
    page.click("details[open] button")
    expect(page.locator("h1")).to_have_text("Pilwalkot Bandar Kirana")
    page.click("summary:has-text('Tambah paslon')")
    page.fill("#n-new", "1")
    page.fill("#c0-new", "Surya Adiwangsa")
    page.fill("#c1-new", "Tiara Lembayung")
    page.fill("#hashtags-new", "#SURYA")
    page.click("details[open] button")
    expect(page.locator("main")).to_contain_text("Surya Adiwangsa – Tiara Lembayung")
    expect(page.locator("main")).to_contain_text("Belum ada foto terdaftar")


def test_the_chain_is_verified_on_the_page(visit: Visit, site: Site) -> None:
    page = visit("auditor").page
    page.goto(site.url + "/jejak-audit")
    page.click("text=Periksa keutuhan")
    expect(page.locator("[role=status].notice")).to_contain_text("Rantai utuh")
    page.select_option("#tindakan", "flag.raised")
    page.wait_for_url("**tindakan=flag.raised**")
    assert set(page.locator("tbody td:nth-child(4)").all_inner_texts()) == {"Masuk antrean"}
