"""Every page that the application has: no complaint of axe-core in light and dark, nothing wider than the screen."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from pprint import pformat

import pytest
from playwright.sync_api import Page, ViewportSize

from app.api.deps import PUBLIC, route_acts
from app.auth.principal import PERMISSIONS
from app.main import create_app
from app.review.workflow import STATES
from app.settings import Settings
from tests.browser.checks import complaints, unfold, width_of
from tests.browser.conftest import Visit
from tests.browser.everything import DRAFT, HOOKS, RUN, WORKS
from tests.browser.sample import CONTEST
from tests.browser.serving import Site

POSTS = ("strong", "gesture", "poster", "text", "xss", "news", "own")
PAGES: dict[str, tuple[str, ...]] = {
    "/masuk": ("/masuk",),
    "/bantuan": ("/bantuan",),
    "/sampaikan": ("/sampaikan",),
    "/sampaikan/status": ("/sampaikan/status",),
    "/informasi-awal": ("/informasi-awal", "/informasi-awal?keadaan=aside", "/informasi-awal?kontes=tidak-ada"),
    "/rujukan-api": ("/rujukan-api",),
    "/rujukan-api/{tag}": ("/rujukan-api/submissions",),
    "/antrean": (
        "/antrean", "/antrean?keadaan=semua", f"/antrean?kontes={CONTEST}&sinyal=NOMOR&urut=tenggat",
        "/antrean?keadaan=confirmed&tingkat=high", "/antrean?platform=youtube", "/antrean?habis=1",
    ),
    "/antrean/{flag_id}": tuple(f"/antrean/{{{name}}}" for name in (*POSTS, *STATES, "converted", "held by another")),
    "/kirim": ("/kirim",),
    "/kirim/banyak": ("/kirim/banyak",),
    "/kiriman": ("/kiriman", "/kiriman?milik=semua", "/kiriman?keadaan=failed"),
    "/kiriman/{submission_id}": ("/kiriman/{submission}",),
    "/kontes": ("/kontes", "/kontes?pemilu=tidak-ada"),
    "/kontes/{contest_id:path}": (f"/kontes/{CONTEST}",),
    "/dasbor": ("/dasbor", "/dasbor?hari=7"),
    "/mutu": ("/mutu",),
    "/kalibrasi": ("/kalibrasi", "/kalibrasi?ambang=0.50"),
    "/kewajaran": ("/kewajaran",),
    "/aturan": ("/aturan",),
    "/skor-teks": ("/skor-teks",),
    "/aturan/{version_id}": (f"/aturan/{DRAFT}",),
    "/pekerjaan": ("/pekerjaan",),
    "/pekerjaan/{work_id}": tuple(f"/pekerjaan/{key}" for key in WORKS.values()),
    "/webhook": ("/webhook",),
    "/webhook/{webhook_id}": tuple(f"/webhook/{key}" for key in HOOKS.values()),
    "/retensi": ("/retensi",),
    "/retensi/{run_id}": (f"/retensi/{RUN}",),
    "/setelan": ("/setelan",),
    "/pengguna": ("/pengguna", "/pengguna?token=semua&peran=admin", "/pengguna?peran=auditor&keadaan=nonaktif"),
    "/token": ("/token",),
    "/jejak-audit": ("/jejak-audit?periksa=1", "/jejak-audit?dari=2026-01-01&oleh=system", "/jejak-audit?oleh=tidak"),
}  # fmt: skip
"""The addresses of each page, with those of its states that look different. A new page needs its line here."""
NO_PAGES = {
    "/", "/healthz", "/metrics", "/aturan/berkas", "/aturan/{version_id}/berkas",
    "/retensi/{run_id}/csv", "/media/flags/{flag_id}/faces/{tag}", "/media/flags/{flag_id}/images/{position}",
    "/media/references/{photo_id}",
}  # fmt: skip
"""A redirect, files and pictures."""
REFUSED = {
    "/tidak/ada": 404,
    "/antrean/bukan-butir": 404,
    "/antrean?setelah=bukan-penanda": 422,
    "/kontes/tidak-ada": 404,
}
ACTS = {
    path: act
    for (method, path), act in route_acts(create_app(Settings(_env_file=None, data_dir=Path("unused")))).items()  # type: ignore[call-arg]
    if method == "GET" and not path.startswith("/api/")
}
ROLES = {"koordinator": "coordinator", "admin": "admin", "tinjau": "reviewer", "pantau": "monitor"}
SMALL: ViewportSize = {"width": 390, "height": 844}
LARGE: ViewportSize = {"width": 1366, "height": 768}
PARTS = 3
"""Each role's pages in so many tests, so that none of them takes minutes."""
BETWEEN = (768, 1024, 1280, 1920)


def test_every_page_is_on_the_list() -> None:
    assert not PAGES.keys() & NO_PAGES
    assert PAGES.keys() | NO_PAGES == ACTS.keys()


def addresses(login: str | None, site: Site) -> dict[str, int]:
    """What this person opens, with the status that is expected: all that the role may see, one page that it may not.
    Nobody opens what is public."""
    if login is None:
        return {shown: 200 for path, examples in PAGES.items() if ACTS[path] == PUBLIC for shown in examples}
    found, forbidden = {}, []
    for path, examples in PAGES.items():
        act = ACTS[path]
        shown = [example.format(**site.flags) for example in examples]
        if act in PERMISSIONS and ROLES[login] not in PERMISSIONS[act][0]:
            forbidden += shown
        elif act != PUBLIC:
            found |= dict.fromkeys(shown, 200)
    return found | dict.fromkeys(forbidden[:1], 403) | REFUSED


def wrong_with(page: Page, axe: str, narrow: str) -> list[object]:
    """Look at the page on a phone in the light `narrow`, as it is and unfolded, and on a desk in the other one."""
    found: list[object] = []
    for size, scheme in ((SMALL, narrow), (LARGE, "light" if narrow == "dark" else "dark")):
        page.emulate_media(color_scheme=scheme)
        found += too_wide(page, (size["width"],))
        unfold(page)
        found += too_wide(page, (size["width"],))
        page.set_viewport_size(size)
        found += [(scheme, size["width"], *complaint) for complaint in complaints(page, axe)]
    return found


def too_wide(page: Page, widths: Iterable[int]) -> list[object]:
    """At which of these widths the page itself would scroll sideways."""
    found: list[object] = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 768})
        found += [f"{width_of(page)} wide at {width}"] if width_of(page) > width else []
    return found


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(
    ("login", "language", "narrow"),
    [("koordinator", "id", "dark"), ("admin", "en", "light"), (None, "id", "dark"), (None, "en", "light")],
)
def test_every_page_in_light_and_dark(
    visit: Visit, full_site: Site, axe: str, login: str | None, language: str, narrow: str, part: int
) -> None:
    opened = visit(login, at=full_site)
    page, wrong = opened.page, {}
    page.context.add_cookies([{"name": "bahasa", "value": language, "url": full_site.url}])
    for address, status in list(addresses(login, full_site).items())[part::PARTS]:
        opened.refusals_expected = status >= 400
        answer = page.goto(full_site.url + address)
        assert answer is not None
        assert (address, answer.status) == (address, status)
        assert page.get_attribute("html", "lang") == language
        wrong[address] = wrong_with(page, axe, narrow) + too_wide(page, BETWEEN) + opened.problems
    opened.problems.clear()
    assert not any(wrong.values()), pformat({address: found for address, found in wrong.items() if found})


def test_signing_in_in_light_and_dark(visit: Visit, full_site: Site, axe: str) -> None:
    opened = visit(None, at=full_site)
    opened.refusals_expected, page = True, opened.page
    page.goto(full_site.url + "/masuk")
    assert wrong_with(page, axe, "dark") == []
    page.fill("#login", "tinjau")
    page.fill("#password", "bukan ini")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    assert wrong_with(page, axe, "light") == []


def test_the_sheet_of_a_reporter_in_light_and_dark(visit: Visit, full_site: Site, axe: str) -> None:
    page = visit("koordinator", at=full_site).page
    page.goto(full_site.item("converted"))
    unfold(page)
    page.fill("#note-pelapor", "Undangan klarifikasi kepada pelapor")
    page.click("form[action$='/pelapor'] button")
    page.wait_for_selector("text=Nama Pelapor")
    assert wrong_with(page, axe, "dark") + too_wide(page, BETWEEN) == []
