"""Two hundred pictures dropped on the page, with a broken one, one that is too large, and a server that goes away."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from app.db.capture_tables import IntakeKey
from app.db.engine import open_engine, session_factory
from app.db.submission_tables import Submission, SubmissionImage
from tests.browser.checks import complaints, width_of
from tests.browser.conftest import Visit
from tests.browser.office import MOST_BYTES, Office, open_office
from tests.browser.serving import Site

FILES, BROKEN, LARGE = 200, 17, 120
DROP = """files => {
  const given = new DataTransfer();
  for (const [name, bytes, more] of files)
    given.items.add(new File([new Uint8Array(bytes), new Uint8Array(more)], name, { type: 'image/png' }));
  const event = (kind) => new DragEvent(kind, { dataTransfer: given, bubbles: true, cancelable: true });
  document.getElementById('drop').dispatchEvent(event('dragover'));
  const marked = document.getElementById('drop').classList.contains('over');
  document.getElementById('drop').dispatchEvent(event('drop'));
  return marked;
}"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = open_office(tmp_path_factory.mktemp("office") / "data")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("NETRA_EMBEDDED_WORKER", "false")
        made.start()
        yield made
        made.stop()


def picture(number: int) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (4, 4), (number, 90, 30)).save(stream, "PNG")
    return stream.getvalue()


def files(first: int = 0, count: int = FILES) -> list[tuple[str, list[int], int]]:
    """Name, bytes, and how many zeros follow them."""
    made = [(f"{number:03}.png", list(picture(number)), 0) for number in range(first, first + count)]
    if first <= BROKEN < first + count:
        made[BROKEN - first] = ("rusak.png", [1, 2, 3], 0)
        made[LARGE - first] = ("besar.png", list(picture(LARGE)), MOST_BYTES)
    return made


def stored(office: Office) -> tuple[int, int, int]:
    """Submissions, different pictures, keys."""
    engine = open_engine(office.settings.sqlalchemy_url)
    with session_factory(engine)() as session:
        asked = (Submission.id, SubmissionImage.sha256.distinct(), IntakeKey.key)
        counts = [session.scalar(select(func.count(column))) or 0 for column in asked]
        assert set(session.scalars(select(Submission.platform))) == {"facebook"}
        assert set(session.scalars(select(Submission.capture_method))) == {"bulk"}
    engine.dispose()
    return counts[0], counts[1], counts[2]


def accepted(page: Page) -> int:
    return page.locator('#files-list li[data-state="accepted"]').count()


def test_two_hundred_files_arrive_through_an_outage(visit: Visit, office: Office, axe: str) -> None:
    opened = visit("pantau", at=Site(office.url, {}))
    page = opened.page
    page.goto(f"{office.url}/kirim")
    page.click("main a[href='/kirim/banyak']")
    page.select_option("#platform", "facebook")
    assert page.evaluate(DROP, files()) is True
    expect(page.locator("#files-list li")).to_have_count(FILES)
    expect(page.locator("#many-added")).to_have_text("200 gambar ditambahkan.")
    page.evaluate(DROP, files(0, 1))
    expect(page.locator("#many-added")).to_contain_text("Paling banyak 200 gambar")
    page.click("#send")
    expect(page.locator("#platform")).to_be_disabled()
    expect(page.locator('#files-list li[data-state="accepted"]').nth(29)).to_be_attached()
    office.stop()
    expect(page.locator("#files-notice")).to_contain_text("Sambungan terputus")
    assert 30 <= accepted(page) < FILES - 2
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.evaluate("setTimeout(() => location.assign('/kirim'))")
    page.wait_for_timeout(300)
    assert page.url.endswith("/kirim/banyak"), "nobody leaves by mistake"
    office.start()
    page.evaluate("dispatchEvent(new Event('online'))")
    all_there = "198 diterima, 2 ditolak, 0 menunggu"
    expect(page.locator("#files-said")).to_have_text(all_there, timeout=120_000)  # a busy machine
    expect(page.locator("#say")).to_have_text("Selesai: 198 diterima, 2 ditolak.")
    rows = page.locator("#files-list li")
    expect(rows.nth(BROKEN)).to_contain_text("rusak.png Ditolak: Bukan gambar JPEG, PNG, atau WebP yang utuh")
    expect(rows.nth(LARGE)).to_contain_text("besar.png Ditolak: Lebih dari 0 MB")
    assert stored(office) == (FILES - 2, FILES - 2, FILES - 2)
    links = page.eval_on_selector_all("#files-list a", "all => new Set(all.map(a => a.getAttribute('href'))).size")
    assert links == FILES - 1, "each its own, and one that has none yet"
    page.check("#only")
    assert page.locator("#files-list li:visible").count() == 2
    expect(rows.nth(LARGE).get_by_role("button", name="Coba lagi")).to_be_hidden()
    page.evaluate(DROP, [("lagi.png", list(picture(0)), 0)])
    page.click("#send")
    expect(rows.last).to_contain_text("lagi.png Sudah pernah diterima")
    page.uncheck("#only")
    rows.nth(BROKEN).get_by_role("button", name="Coba lagi rusak.png").press("Enter")
    expect(rows.nth(BROKEN)).to_contain_text("Ditolak: Bukan gambar")
    rows.nth(LARGE).get_by_role("button", name="Keluarkan besar.png").press("Enter")
    expect(page.locator("#files-list li")).to_have_count(FILES)
    expect(page.locator("#platform")).to_be_enabled()
    assert complaints(page, axe) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert width_of(page) == 390
    assert all("Failed to load resource" in text for text in opened.problems), opened.problems
    opened.problems.clear()


def test_a_session_that_ended_is_told_and_sending_goes_on(visit: Visit, office: Office) -> None:
    opened = visit("pantau", at=Site(office.url, {}))
    opened.refusals_expected = True
    page = opened.page
    page.goto(f"{office.url}/kirim/banyak")
    page.select_option("#platform", "facebook")
    named = [{"name": f"{n}.png", "mimeType": "image/png", "buffer": picture(n)} for n in (201, 202)]
    page.set_input_files("#images", named)  # type: ignore[arg-type]
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.click("#send")
    expect(page.locator("#files-notice")).to_contain_text("Masuk lagi di tab lain")
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.click("#send")
    expect(page.locator("#files-said")).to_have_text("2 diterima, 0 ditolak, 0 menunggu")
