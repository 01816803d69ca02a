"""The browser extension in a real Chromium against a real server: captured, sent, screened, shown in the console."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from playwright.sync_api import Playwright, expect

from app.db.submission_tables import Submission
from tests.browser.browser_extension import PICTURES, Extension, Posts, loaded, posts, send, wrong_with
from tests.browser.office import Office, flag_of, open_office, rows
from tests.browser.sample import PASSWORD

CALL = "Ayo coblos nomor 3, lanjutkan!"
HANDLE = "@dinas.contoh"
YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Iterator[Office]:
    made = open_office(tmp_path_factory.mktemp("office") / "data")
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def extension(driver: Playwright, tmp_path_factory: pytest.TempPathFactory, office: Office) -> Iterator[Extension]:
    with loaded(driver, tmp_path_factory.mktemp("browser"), office.url) as one:
        yield one


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with posts() as number:
        yield number


@pytest.fixture(autouse=True)
def _one_page(extension: Extension) -> Iterator[None]:
    yield
    for page in extension.context.pages[1:]:
        page.close()


@pytest.fixture(scope="module")
def connected(office: Office, extension: Extension) -> Extension:
    """The options are filled in, in Indonesian, as the person does it; a wrong token is told first."""
    page = extension.page("options.html")
    assert page.input_value("#server") == f"{office.url}/"
    page.select_option("#language", "id")
    page.fill("#token", "ntr_salah")
    page.click("#test")
    expect(page.locator("#said")).to_contain_text("Token ditolak: periksa di Pengaturan.")
    page.fill("#token", office.token)
    page.click("#test")
    expect(page.locator("#said")).to_have_text("Terhubung sebagai Panwascam Embun Hulu; 1 pemilihan terbuka.")
    page.close()
    return extension


def address(port: int, text: str = CALL, picture: str = "/foto.jpg") -> str:
    return f"http://127.0.0.1:{port}/post?" + urlencode({"text": text, "picture": picture, "posted": YESTERDAY})


def in_console(extension: Extension, office: Office, submission: Submission) -> str:
    """The words of the item's page, as a reviewer sees it once the post was screened."""
    popup = extension.page("popup.html")
    for _ in range(60):
        popup.click("#again")
        expect(popup.locator("#again")).to_be_enabled()
        if "Ada indikasi, sedang ditinjau" in popup.locator("#items li").first.inner_text():
            break
        popup.wait_for_timeout(250)
    popup.close()
    request = extension.context.request
    if not any(cookie["name"].startswith("netra") for cookie in extension.context.cookies()):
        request.post(f"{office.url}/masuk", form={"login": "tinjau", "password": PASSWORD})
    return request.get(f"{office.url}/antrean/{flag_of(office, submission)}").text()


def test_a_picture_is_sent_as_it_is_and_its_flag_says_how(connected: Extension, office: Office, port: int) -> None:
    page = connected.visit(address(port))
    form = connected.choose(page, "image", srcUrl=f"http://127.0.0.1:{port}/foto.jpg")
    assert form.inner_text("#method") == "Berkas asli gambar"
    assert form.input_value("#handle") == HANDLE
    assert form.input_value("#text") == CALL
    assert form.input_value("#act_date") == YESTERDAY
    assert send(form, "sent", agency="Dinas Contoh", note="Akun dinas") == "Diterima dan tersimpan di server."
    [(row, told)] = rows(office)
    assert row.images[0].sha256 == hashlib.sha256(PICTURES["/foto.jpg"]).hexdigest()
    assert (row.capture_method, row.url, row.handle, row.text) == ("original_bytes", page.url, HANDLE, CALL)
    assert (told.page_title, told.note, told.verified) == ("Unggahan contoh", "Akun dinas", True)
    assert told.posted_at == f"{YESTERDAY}T08:00:00+07:00"
    assert "Komentar orang lain" in told.evidence
    shown = in_console(connected, office, row)
    for words in (page.url.split("?")[0], HANDLE, "coblos nomor 3", "Berkas asli", "Unggahan contoh", "Akun dinas"):
        assert words in shown
    assert "cocok dengan yang dihitung peramban" in shown


def test_selected_text_is_sent_with_its_lines(connected: Extension, office: Office, port: int) -> None:
    page = connected.visit(address(port, "Gas coblos nomor 2!"))
    page.evaluate("getSelection().selectAllChildren(document.getElementById('isi'))")
    form = connected.choose(page, "text", selectionText="Gas coblos nomor 2! Baris kedua")
    assert form.inner_text("#method") == "Teks terpilih"
    assert form.input_value("#agency") == "Dinas Contoh", "the last choice"
    send(form, "sent")
    row, told = rows(office)[-1]
    assert (row.capture_method, row.text, row.images) == ("selected_text", "Gas coblos nomor 2!\nBaris kedua", [])
    assert told.verified
    assert "Teks terpilih" in in_console(connected, office, row)


def test_a_picture_that_the_browser_does_not_give_becomes_a_screenshot_and_says_so(
    connected: Extension, office: Office, port: int
) -> None:
    other = f"http://localhost:{port}/foto.jpg"
    form = connected.choose(connected.visit(address(port, "Nomor 3 ok", other)), "image", srcUrl=other)
    assert form.inner_text("#method") == "Tangkapan layar tab"
    assert "tidak memberi berkas aslinya tanpa izin" in form.inner_text("#why")
    assert form.inner_text("#fetch") == "Ambil berkas asli…"
    form.click("#discard")
    gif = f"http://127.0.0.1:{port}/foto.gif"
    form = connected.choose(connected.visit(address(port, "Nomor 3 ya", gif)), "image", srcUrl=gif)
    assert "hanya JPEG, PNG, WebP" in form.inner_text("#why")
    send(form, "sent")
    assert rows(office)[-1][0].capture_method == "tab_screenshot"
    given = f"http://127.0.0.1:{port}/foto.jpg"  # to this site the extension has access, the page has not
    form = connected.choose(connected.visit(f"http://localhost:{port}/post?picture={given}"), "image", srcUrl=given)
    assert form.inner_text("#method") == "Berkas asli gambar"
    form.click("#discard")


def test_the_tab_and_an_area_of_it(connected: Extension, office: Office, port: int) -> None:
    connected.visit(address(port, "Pilih nomor 3 untuk kita semua"))
    assert connected.in_popup("document.body.offsetWidth") == 400
    form = connected.capture("tab")
    assert form.inner_text("#method") == "Tangkapan layar tab"
    send(form, "sent")
    row, _ = rows(office)[-1]
    whole = row.images[0]
    assert row.capture_method == "tab_screenshot"
    assert "Tangkapan layar tab" in in_console(connected, office, row)
    connected.visit(address(port, "Pilih nomor 3 lagi"))
    form = connected.capture("area")
    for name, value in {"left": "0", "top": "0", "width": "50", "height": "50"}.items():
        form.fill(f"#{name}", value)
    form.click("#use")
    expect(form.locator("#method")).to_have_text("Tangkapan layar sebagian")
    send(form, "sent")
    row, told = rows(office)[-1]
    part = row.images[0]
    assert row.capture_method == "area_screenshot"
    assert (part.width, part.height) == (round(whole.width / 2), round(whole.height / 2))
    assert told.verified


def test_nothing_is_lost_while_the_server_is_away_and_it_arrives_once(
    connected: Extension, office: Office, port: int
) -> None:
    page = connected.visit(address(port, "Kirim saat server mati: coblos nomor 3"))
    before = len(rows(office))
    office.stop()
    form = connected.choose(page, "image", srcUrl=f"http://127.0.0.1:{port}/foto.jpg")
    assert "tidak terjangkau" in send(form, "waiting")
    assert connected.badge() == "1"
    (kept,) = [item for item in connected.stored() if item["state"] == "waiting"]
    assert kept["size"] == len(PICTURES["/foto.jpg"])
    assert connected.worker.evaluate("chrome.alarms.get('retry')")["periodInMinutes"] == 1
    office.start()
    connected.ring("retry")
    popup = connected.page("popup.html")
    expect(popup.locator("#items li").first).not_to_contain_text("Menunggu terkirim")
    assert len(rows(office)) == before + 1
    # the answer was lost on its way: the browser sends it again, and it is the same submission
    again = """([id, url, token]) => { const form = new FormData(); form.append('contest', 'muara-embun');
        form.append('text', 'lain'); return fetch(url + '/api/v1/submissions', { method: 'POST', body: form,
        headers: { Authorization: 'Bearer ' + token, 'Idempotency-Key': id } }).then((r) => r.status); }"""
    assert connected.worker.evaluate(again, [kept["id"], office.url, office.token]) == 422, "the key is taken"
    connected.alter(kept["id"], {"state": "waiting", "fields": kept["fields"]}, PICTURES["/foto.jpg"])
    popup.click("#again")
    expect(popup.locator("#again")).to_be_enabled()
    assert [item for item in connected.stored() if item["state"] != "sent"] == []
    assert len(rows(office)) == before + 1


def test_what_the_server_refuses_is_told_and_kept(connected: Extension, office: Office, port: int) -> None:
    office.fill_disk()
    form = connected.choose(
        connected.visit(address(port, "Disk penuh")), "image", srcUrl=f"http://127.0.0.1:{port}/foto.jpg"
    )
    said = send(form, "waiting")
    assert "Penyimpanan server penuh." in said
    assert "tidak ada yang disimpan" in said
    office.fill_disk(full=False)
    big = f"http://127.0.0.1:{port}/besar.jpg"
    form = connected.choose(connected.visit(address(port, "Besar", "/besar.jpg")), "image", srcUrl=big)
    said = send(form, "refused")
    assert "Gambar terlalu besar." in said
    assert "300000 bita" in said
    assert connected.badge() == "!"
    popup = connected.page("popup.html")
    refused = popup.locator("#items li").filter(has_text="Perlu diperbaiki")
    expect(refused).to_contain_text("Gambar terlalu besar.")
    expect(popup.locator("#items li").filter(has_text="Menunggu terkirim")).to_have_count(0)
    refused.get_by_role("button", name="Buang").click()
    expect(refused).to_have_count(0)


def test_a_wrong_token_keeps_the_capture(connected: Extension, office: Office, port: int) -> None:
    connected.set("token", "ntr_dicabut")
    form = connected.choose(connected.visit(address(port, "Token")), "text", selectionText="Token salah, coblos 3")
    second = connected.page(form.url.rsplit("/", 1)[1])
    assert "Token ditolak: periksa di Pengaturan." in send(form, "waiting")
    expect(form.get_by_role("button", name="Pengaturan")).to_be_visible()
    second.fill("#note", "Dari jendela kedua")
    second.select_option("#contest", "muara-embun")
    expect(second.locator("body")).to_have_attribute("data-outcome", "waiting")
    assert [item["fields"]["note"] for item in connected.stored() if item["state"] == "waiting"] == [""]
    connected.set("token", office.token)
    popup = connected.page("popup.html")
    expect(popup.locator("#items li").first).not_to_contain_text("Menunggu terkirim")


def test_a_busy_server_is_left_alone_and_a_portal_is_none(connected: Extension, office: Office, port: int) -> None:
    before = len(rows(office))
    connected.set("server", f"http://127.0.0.1:{port}/sibuk/")
    form = connected.choose(connected.visit(address(port, "Sibuk")), "text", selectionText="Sibuk, coblos nomor 3")
    assert "Antrean terlalu panjang. Dicoba lagi setelah" in send(form, "waiting")
    connected.end_worker(form)
    connected.ring("retry")
    popup = connected.page("popup.html")
    expect(popup.locator("#items li").first).to_contain_text("Dicoba lagi setelah")
    assert Posts.asked == ["/sibuk/api/v1/submissions"], "asked once: the next worker knows of it too"
    connected.set("server", f"http://127.0.0.1:{port}/portal/")
    popup.click("#again")
    expect(popup.locator("#items li").first).to_contain_text("bukan Netra")
    assert connected.badge() == "1", "it waits: nobody said that it can never be taken"
    connected.set("server", f"{office.url}/")
    popup.click("#again")
    expect(popup.locator("#items li").first).not_to_contain_text("Menunggu terkirim")
    assert len(rows(office)) == before + 1


def test_a_deleted_post_stays_provable(connected: Extension, office: Office) -> None:
    popup = connected.page("popup.html")
    item = popup.locator("#items li").filter(has_text="Ada indikasi").last
    item.locator("summary").click()
    item.get_by_role("button", name="Sudah tidak ada").click()
    expect(popup.locator("#said")).to_have_text("Dicatat: sudah tidak ada.")
    expect(item).not_to_contain_text("menunggu terkirim")
    assert "sudah tidak ada</strong>" in in_console(connected, office, rows(office)[0][0])
    assert item.locator("summary").evaluate("(one) => one.parentElement.open"), "what was unfolded stays unfolded"
    (post,) = [one for one in connected.stored() if one.get("looked")]
    connected.alter(post["id"], {"submission": str(uuid4())})
    popup.reload()
    item = popup.locator(f'[data-id="{post["id"]}"]')
    item.locator("summary").click()
    item.get_by_role("button", name="Masih ada").click()
    expect(item).to_contain_text("masih ada, ")
    expect(item).to_contain_text("Kiriman ini tidak ada")
    assert connected.badge() == "", "nothing that nobody can mend"


def test_what_became_of_a_post_is_news_once(connected: Extension, office: Office, port: int) -> None:
    told = {"confirmed": "Dikonfirmasi peninjau", "dismissed": "Ditolak peninjau", "none": "Tanpa indikasi"}
    sent = [item["id"] for item in connected.stored() if item.get("status") == "flagged"]
    for item, became in zip(sent, told, strict=False):
        connected.alter(item, {"submission": became})
    connected.set("server", f"http://127.0.0.1:{port}/tinjau/")
    connected.ring("status")
    connected.until("chrome.action.getBadgeText({})", "3")
    popup = connected.page("popup.html")
    for item, words in zip(sent, told.values(), strict=False):
        expect(popup.locator(f'[data-id="{item}"] .chip')).to_have_text(words)
    connected.alter(sent[0], {"submission": "appealed"})
    popup.click("#again")
    expect(popup.locator(f'[data-id="{sent[0]}"] .chip')).to_have_text("Ada indikasi, sedang ditinjau")
    connected.until("chrome.action.getBadgeText({})", "")
    connected.set("server", f"{office.url}/")


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_page_is_usable_in_light_and_dark(connected: Extension, port: int, axe: str, language: str) -> None:
    connected.set("language", language)
    connected.visit(address(port, "Tampilan"))
    form = connected.capture("area")
    found = wrong_with(form, axe, language)
    form.click("#discard")
    for name in ("popup.html", "options.html"):
        found += wrong_with(connected.page(name), axe, language)
    assert found == []
