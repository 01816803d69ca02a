"""What a screenshot says of a post: offered to its sender, stated once they accept it, on record, judged anew."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest

from app import audit
from app.db.event_tables import Event
from app.db.flag_tables import Screening
from tests.api.world import World, problem

LINES = (
    ("budi_asn", 100, 40), ("1.204 suka", 1300, 40), ("budi_asn", 1350, 40),
    ("Ayo coblos nomor 3, lanjutkan!", 1400, 40),
    ("Lihat semua 48 komentar", 1500, 40), ("1 hari yang lalu", 1600, 30),
)  # fmt: skip


def screened(world: World, text: str, lines: tuple[tuple[str, int, int], ...] = LINES) -> str:
    """A screened post whose picture reads so; its address."""
    answer = world.submit(text)
    world.screen_now()
    where = answer.headers["Location"]
    with world.services.sessions() as session:
        row = session.query(Screening).filter_by(submission_id=uuid.UUID(where.rsplit("/", 1)[-1])).one()
        read = [
            {"text": words, "box": [20, y, 20 + 0.5 * high * len(words), y + high], "score": 1.0}
            for words, y, high in lines
        ]
        row.observations = [{"width": 1080, "height": 1800, "faces": [], "hands": [], "lines": read}]
        session.commit()
    return where


def test_what_is_offered_can_be_corrected_and_becomes_a_stated_fact(world: World) -> None:
    where = screened(world, "Selamat pagi")
    before = world.monitor.get(where).json()
    assert before["flag"] is None
    offered = {one["field"]: one["value"] for one in before["suggested_context"]}
    known = date.fromisoformat(before["known_date"])
    day = (known - timedelta(days=1)).isoformat()
    assert offered == {"platform": "instagram", "handle": "budi_asn", "act_date": day}
    answer = world.monitor.post(
        f"{where}/context", json={"platform": "instagram", "handle": "budi_asn_2", "act_date": day}
    )
    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert after["act_date"] == day
    assert after["suggested_context"] == []
    assert after["flag"] is not None  # the words in the picture call for a pair
    row = world.row(after["id"])
    assert (row.platform, row.handle) == ("instagram", "budi_asn_2")
    with world.services.sessions() as session:
        event = session.query(Event).filter_by(action="submission.context").one()
        assert event.data["source"] == "screenshot"
        assert event.data["changed"]["handle"] == ["", "budi_asn_2"]
        assert audit.verify(session).broken_at is None
    problem(world.monitor.post(f"{where}/context", json={"handle": "lain"}), 409)


def test_a_flag_is_judged_anew_and_tells_its_reviewer(world: World) -> None:
    where = screened(world, "Ayo coblos nomor 3, lanjutkan! #CADAlanjutkan")
    flag_id = world.monitor.get(where).json()["flag"]["id"]
    assert world.monitor.post(f"{where}/context", json={"handle": "budi_asn"}).status_code == 200
    item = world.browser("reviewer").get(f"/api/v1/flags/{flag_id}").json()
    assert item["context"]["handle"] == "budi_asn"
    assert item["events"][-1]["action"] == "flag.corrected"
    assert item["events"][-1]["data"]["source"] == "screenshot"
    page = world.browser("reviewer").get(f"/antrean/{flag_id}")
    assert page.status_code == 200
    assert "budi_asn" in page.text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"platform": "friendster"}, "platform"),
        ({"act_date": "2999-01-01"}, "act_date"),
        ({"act_date": "1999-01-01"}, "act_date"),
    ],
)
def test_what_cannot_be_is_refused(world: World, body: dict[str, str], field: str) -> None:
    where = screened(world, "Selamat pagi")
    problem(world.monitor.post(f"{where}/context", json=body), 422, field)


def test_only_the_sender_is_asked(world: World) -> None:
    where = screened(world, "Selamat pagi")
    assert world.browser("reviewer").get(where).json()["suggested_context"] == []
    problem(world.browser("reviewer").post(f"{where}/context", json={"handle": "x"}), 403)


def test_the_page_offers_a_form_that_works_without_scripts(world: World) -> None:
    where = screened(world, "Selamat pagi").rsplit("/", 1)[-1]
    page = world.monitor.get(f"/kiriman/{where}")
    assert page.status_code == 200
    assert 'value="budi_asn"' in page.text
    assert "Dibaca dari tangkapan layar" in page.text
    refused = world.monitor.post(f"/kiriman/{where}", data={"handle": "budi_asn", "act_date": "kemarin"})
    assert refused.status_code == 422
    answer = world.monitor.post(f"/kiriman/{where}", data={"handle": "budi_asn"}, follow_redirects=False)
    assert answer.status_code == 303
    assert world.row(where).handle == "budi_asn"
    assert 'name="handle"' not in world.monitor.get(answer.headers["Location"]).text
