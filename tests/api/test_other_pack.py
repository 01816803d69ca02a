"""After a change of the model pack: never a silent "nobody", and photos are embedded anew without losing any."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.db.contest_tables import ContestRow, ReferencePhoto
from app.db.flag_tables import Flag, Screening
from app.demo.pictures import group_photo
from app.imaging.redact import encode_jpeg
from app.jobs.runner import Runner
from app.office import reembedding
from app.office.kinds import doers
from app.roster.reembed import model_in_use
from app.screening.service import Services, field_for
from tests.api.test_work import claim, work_now
from tests.api.world import CALL, CONTEST, World, problem

OLD = "paket-lama-000000000000"


def left_behind(world: World) -> None:
    """Both candidates have photos, made by a pack that is in use no more."""
    world.enrol_candidates()
    with world.services.sessions() as session:
        session.execute(update(ReferencePhoto).values(model=OLD))
        step = ContestRow.roster_version + 1
        session.execute(update(ContestRow).where(ContestRow.id == CONTEST).values(roster_version=step))
        session.commit()


def models(world: World) -> dict[str, int]:
    query = select(ReferencePhoto.model, func.count()).group_by(ReferencePhoto.model)
    with world.services.sessions() as session:
        return dict(session.execute(query).all())  # type: ignore[arg-type]


def start(world: World) -> str:
    answer = world.browser("coordinator").post("/api/v1/works/re-embedding")
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def test_screening_says_that_faces_were_not_compared(world: World) -> None:
    left_behind(world)
    flag_id, _ = world.flagged(CALL, [encode_jpeg(group_photo())])
    item = world.browser("reviewer").get(f"/api/v1/flags/{flag_id}").json()
    assert {face["band"] for face in item["faces"]} == {"not_compared"}
    assert item["versions"]["uncompared"] == 2
    assert "OTHER_PACK" in {note["code"] for note in item["notes"]}
    assert "tidak dibandingkan" in item["seen"][0]["text_id"]
    page = world.browser("reviewer").get(f"/antrean/{flag_id}").text
    assert "paket model lain" in page
    assert page.count('class="faint"') == 1
    assert world.nobody().get("/healthz").json()["galleries"] == "another_pack"
    state = world.browser("admin").get("/api/v1/works/galleries").json()
    assert (state["behind"], state["contests"][0]["contest"]) == (6, CONTEST)
    assert "6 dari 6 foto" in world.browser("coordinator").get("/pekerjaan").text
    assert "paket model lain" in world.browser("monitor").get(f"/kontes/{CONTEST}").text


def test_the_photos_are_embedded_anew_and_everybody_is_found_again(world: World) -> None:
    left_behind(world)
    other = Services(world.settings, world.services.engine, world.services.sessions, world.services.blobs)
    other._models = world.services._models
    with other.sessions() as session:
        assert field_for(other, session, CONTEST).gallery.photos == ()
    work_id = start(world)
    problem(world.browser("coordinator").post("/api/v1/works/re-embedding"), 409)
    assert work_now(world) == 1
    row = world.browser("admin").get(f"/api/v1/works/{work_id}").json()
    assert (row["state"], row["total"], row["result"]["outcomes"]) == ("done", 6, {"done": 6})
    assert models(world) == {model_in_use(world.settings): 6}
    with other.sessions() as session:  # another worker sees it at its next job
        assert len(field_for(other, session, CONTEST).gallery.photos) == 6
    assert world.nobody().get("/healthz").json()["galleries"] == "current"
    problem(world.browser("coordinator").post("/api/v1/works/re-embedding"), 409)
    world.flagged(CALL, [encode_jpeg(group_photo())])
    with world.services.sessions() as session:
        (screening,) = session.scalars(select(Screening)).all()
    assert sum(face["candidate"] is not None for face in screening.observations[0]["faces"]) == 2
    assert "uncompared" not in screening.versions
    page = world.browser("coordinator").get(f"/pekerjaan/{work_id}").text
    assert re.search(r"Diperbarui</dt><dd class=\"num\">6", page)


def test_killed_in_the_middle_it_goes_on_where_it_ended(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    left_behind(world)
    work_id = start(world)
    real, done = reembedding.embed_again, []

    def third_time(*given: Any) -> Any:
        if len(done) == 3:
            raise KeyboardInterrupt  # as a process that is killed: nothing is told to anybody
        done.append(given[-1])
        return real(*given)

    monkeypatch.setattr(reembedding, "embed_again", third_time)
    errand = claim(world)
    assert errand is not None
    with pytest.raises(KeyboardInterrupt):
        Runner(world.services.engine, "uji", doers(world.services), (), 10.0, 3)._attend(errand)
    assert sorted(models(world).values()) == [3, 3]
    monkeypatch.setattr(reembedding, "embed_again", real)
    assert work_now(world) == 1
    row = world.browser("admin").get(f"/api/v1/works/{work_id}").json()
    assert (row["state"], row["done"], row["result"]["outcomes"]) == ("done", 6, {"done": 6})
    assert models(world) == {model_in_use(world.settings): 6}


def test_a_photo_that_cannot_serve_is_listed_with_the_reason(world: World) -> None:
    left_behind(world)
    with world.services.sessions() as session:
        photo = session.scalars(select(ReferencePhoto).order_by(ReferencePhoto.created_at)).first()
        assert photo is not None
        world.services.blobs.delete(photo.sha256)
        before = photo.embedding
    work_id = start(world)
    work_now(world)
    row = world.browser("admin").get(f"/api/v1/works/{work_id}").json()
    assert row["result"]["outcomes"] == {"done": 5, "refused": 1}
    assert "asli" in row["result"]["refused"][0]["reason"]
    assert "Foto yang ditolak" in world.browser("coordinator").get(f"/pekerjaan/{work_id}").text
    with world.services.sessions() as session:
        kept = session.get_one(ReferencePhoto, photo.id)
        assert (kept.model, kept.embedding) == (OLD, before)
    assert world.nobody().get("/healthz").json()["galleries"] == "another_pack"


def test_a_match_among_those_who_can_be_compared_still_counts(world: World) -> None:
    """One of two candidates is up to date: that one is named, the others are not said to be nobody."""
    world.enrol_candidates()
    with world.services.sessions() as session:
        behind = update(ReferencePhoto).where(ReferencePhoto.candidate_id == f"{CONTEST}/2/2").values(model=OLD)
        session.execute(behind)
        session.commit()
    flag_id, _ = world.flagged(CALL, [encode_jpeg(group_photo())])
    with world.services.sessions() as session:
        flag = session.scalars(select(Flag)).one()
    bands = [face["band"] for face in flag.screening.observations[0]["faces"]]
    assert (bands.count("strong"), bands.count("not_compared"), flag.screening.versions["uncompared"]) == (1, 5, 1)
    assert str(flag.id) == flag_id
