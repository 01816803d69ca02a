"""The lists in a browser: sorting, filters and their chips, kept filters, files, by keyboard and without scripts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.serving import Site

FILTERED = "/antrean?kontes=muara-embun&sinyal=NOMOR"


@pytest.mark.parametrize("scripts", [True, False])
def test_the_queue_sorts_by_its_heads(visit: Visit, site: Site, scripts: bool) -> None:
    page = visit("tinjau", java_script_enabled=scripts).page
    page.goto(site.url + "/antrean?keadaan=semua")
    page.click("th >> text=Tenggat")
    page.wait_for_url("**urut=tenggat")
    expect(page.locator("th[aria-sort]")).to_have_attribute("aria-sort", "ascending")
    first = page.locator("tbody tr").first.inner_text()
    page.click("th >> text=Tenggat")
    page.wait_for_url("**urut=-tenggat")
    expect(page.locator("th[aria-sort]")).to_have_attribute("aria-sort", "descending")
    assert page.locator("tbody tr").first.inner_text() != first


def test_a_filter_is_kept_renamed_and_deleted_by_keyboard(visit: Visit, site: Site) -> None:
    page = visit("tinjau2").page
    page.goto(site.url + FILTERED)
    page.focus("summary:has-text('Simpan saringan')")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Nomor di Embun")
    page.keyboard.press("Enter")
    tab = page.locator(".tabs a[aria-current=page]")
    expect(tab).to_contain_text("Nomor di Embun")
    page.click("summary:has-text('Ubah')")
    page.fill("#nama", "Nomor saja")
    page.keyboard.press("Enter")
    expect(tab).to_contain_text("Nomor saja")
    page.click(".tabs >> text=Semua butir")
    expect(tab).to_contain_text("Semua butir")
    page.click(".tabs >> text=Nomor saja")
    page.click("summary:has-text('Ubah')")
    page.click("button:has-text('Hapus')")
    expect(tab).to_contain_text("Menunggu")
    expect(page.locator(".tabs")).not_to_contain_text("Nomor saja")


def test_chips_take_filters_off(visit: Visit, site: Site) -> None:
    page = visit("tinjau").page
    page.goto(site.url + FILTERED)
    expect(page.locator(".chips a.chip")).to_have_count(2)
    page.click(".chips a.chip:has-text('Sinyal')")
    page.wait_for_url("**/antrean?kontes=muara-embun")
    expect(page.locator(".chips a.chip")).to_have_count(1)
    page.click(".chips >> text=Hapus saringan")
    page.wait_for_url(re.compile("/antrean$"))


@pytest.mark.parametrize("path", ["/antrean", "/jejak-audit", "/pengguna", "/kontes", "/kiriman"])
def test_lists_come_as_files(visit: Visit, site: Site, path: str, tmp_path: Path) -> None:
    page = visit("admin").page
    page.goto(site.url + path + ("?milik=semua" if path == "/kiriman" else ""))
    with page.expect_download() as started:
        page.locator("button:has-text('Unduh CSV')").first.click()
    target = tmp_path / "list.csv"
    started.value.save_as(target)
    assert started.value.suggested_filename.endswith(".csv")
    assert target.read_bytes().startswith("\ufeff".encode())
    assert len(target.read_text(encoding="utf-8-sig").splitlines()) > 1
    page.goto(site.url + "/jejak-audit?tindakan=list.exported&oleh=admin")
    expect(page.locator("tbody tr").first).to_contain_text("Daftar diunduh")


def test_the_next_item_comes_from_the_filters(visit: Visit, site: Site) -> None:
    page = visit("tinjau").page
    page.goto(site.url + "/antrean?platform=facebook")
    wanted = page.locator("tbody a").first.get_attribute("href")
    page.keyboard.press("s")
    page.wait_for_url(f"**{wanted}**")
