"""Looking at an item: pages stay small, the blur stays, context tells what the reader may know, choices last."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from app.auth.users import principal_of
from app.db.flag_tables import Flag
from app.db.people_tables import User
from app.db.submission_tables import Submission
from app.review.history import account_of
from tests.api.world import CALL, CONTEST, World, noise

SAME = ("Ayo coblos nomor 2 BANI, menangkan Bagus Tirtamaya! #BANI ✌️ " * 200)[:10_000]
HANDLE = {"platform": "instagram", "handle": "@guru.embun"}


def page_of(world: World, flag_id: str, login: str = "coordinator", query: str = "") -> str:
    """The item's page."""
    answer = world.browser(login).get(f"/antrean/{flag_id}{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_long_caption_with_hundreds_of_hits_makes_no_huge_page(world: World) -> None:
    flag_id, _ = world.flagged(SAME)
    with world.services.sessions() as session:
        hits = len(session.scalars(select(Flag)).one().screening.signals)
    assert hits > 500
    page = page_of(world, flag_id)
    assert len(page) < 60_000
    assert re.search(r'<span class="times num">\d{3}×</span>', page)
    assert "karakter lagi tidak ditampilkan" in page
    assert '<mark title="K1: ' in page
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#(s-[^"]+)"', page)) <= set(ids)
    whole = page_of(world, flag_id, query="?lengkap=1")
    assert whole.count("<mark") > 500
    assert "karakter lagi tidak ditampilkan" not in whole


def test_the_account_s_other_items_are_told(world: World) -> None:
    first, _ = world.flagged(CALL, **HANDLE)
    assert "Belum ada butir lain dari akun ini. 1 unggahan" in page_of(world, first)
    second, _ = world.flagged(CALL + " Ayo!", **HANDLE)
    world.flagged(CALL + " Lain.", platform="facebook", handle="@guru.embun")
    dismiss(world, first, "reviewer")
    page = page_of(world, second)
    panel = page[page.index('id="acc"') :]
    assert panel.count('href="/antrean/') == 1
    assert first[:8] in panel
    assert "Ditolak · Orang lain yang mirip · reviewer" in panel
    assert "2 unggahan akun ini pernah diterima." in panel
    nameless, _ = world.flagged(CALL + " Tanpa akun.")
    assert "Akun tidak disebut" in page_of(world, nameless)


def dismiss(world: World, flag_id: str, login: str, verdict: str = "dismiss", reason: str = "look_alike") -> None:
    """A verdict by form."""
    given = {"seen": str(world.last_event(flag_id)), "verdict": verdict, f"{verdict}_reason": reason}
    given |= {"paslon": f"{CONTEST}/3", "article": "D2"}
    answer = world.browser(login).post(f"/antrean/{flag_id}/putusan", data=given)
    assert answer.status_code == 303, answer.text


def test_a_first_verdict_stays_hidden_in_the_history_too(world: World) -> None:
    first, _ = world.flagged(CALL, **HANDLE)
    second, _ = world.flagged(CALL + " Ayo!", **HANDLE)
    dismiss(world, first, "reviewer", "confirm", "campaign_text")
    with world.services.sessions() as session:
        flag = next(flag for flag in session.scalars(select(Flag)) if str(flag.id) == second)
        people = {user.login: principal_of(user) for user in session.scalars(select(User))}
        (told,) = account_of(session, flag, people["reviewer"]).past
        assert (told.state, told.verdict, told.decided_by) == ("decided_once", "confirm", "reviewer")
        (hidden,) = account_of(session, flag, people["coordinator"]).past
        assert (hidden.state, hidden.verdict, hidden.reason, hidden.decided_by) == ("decided_once", None, None, None)
        assert account_of(session, flag, people["monitor"]).past == ()
        assert account_of(session, flag, people["reviewer"], most=0).items == 1


def test_both_dates_the_deadline_and_the_calendar_are_shown(world: World) -> None:
    flag_id, _ = world.flagged(CALL)
    page = page_of(world, flag_id)
    with world.services.sessions() as session:
        post = session.scalars(select(Submission)).one()
        post.known_date = post.act_date + timedelta(days=2)
        session.commit()
    later = page_of(world, flag_id)
    for text in (page, later):
        law = text[text.index('id="law"') : text.index('id="ctx"')]
        assert law.count("<dt>Tanggal") == 2
        assert "Batas lapor" in law
        assert re.search(r"hari lagi|hari ini|lewat \d+ hari", law)
        assert 'role="img" aria-label="Kalender pemilihan. Tahapan pada tanggal kejadian:' in law
        assert law.count('class="stage-of current"') == 1


def test_small_pictures_stay_blurred_and_small(world: World) -> None:
    flag_id, _ = world.flagged(CALL, [noise(size=(900, 600)), noise(size=(640, 480))])
    page = page_of(world, flag_id, "reviewer")
    small = re.findall(r'src="(/media/flags/[^"]+small=1)"', page)
    assert len(small) == 2
    assert all("blur=1" in address for address in small)
    answer = world.browser("reviewer").get(small[0].replace("&amp;", "&"))
    assert max(Image.open(io.BytesIO(answer.content)).size) <= 240
    assert "Samaran dibuka" not in page_of(world, flag_id, "reviewer")
    assert f'href="/media/flags/{flag_id}/images/0?blur=1" target="_blank"' in page


def test_the_blur_is_lifted_beside_the_picture_with_a_reason(world: World) -> None:
    flag_id, _ = world.flagged(CALL, [noise(size=(900, 600))])
    page = page_of(world, flag_id, "reviewer")
    assert page.index('id="reveal"') < page.index('id="decide"')
    answer = world.browser("reviewer").post(f"/antrean/{flag_id}/buka-samaran", data={"reason": "subject"})
    assert answer.status_code == 303
    page = page_of(world, flag_id, "reviewer")
    assert f'href="/media/flags/{flag_id}/images/0" target="_blank"' in page


@pytest.mark.parametrize(("name", "value", "mark"), [("abu", "nyala", " grey"), ("kotak", "mati", " bare")])
def test_how_pictures_are_shown_is_remembered(world: World, name: str, value: str, mark: str) -> None:
    flag_id, _ = world.flagged(CALL, [noise(size=(300, 200))])
    client = world.browser("reviewer")
    assert f'class="review{mark}"' not in client.get(f"/antrean/{flag_id}").text
    answer = client.post("/pilihan", data={name: value, "kembali": f"/antrean/{flag_id}"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/antrean/{flag_id}")
    assert f'class="review{mark}"' in client.get(f"/antrean/{flag_id}").text
    client.post("/pilihan", data={name: "apa saja"})
    assert f'class="review{mark}"' in client.get(f"/antrean/{flag_id}").text
