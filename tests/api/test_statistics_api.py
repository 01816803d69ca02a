"""The figures as JSON: who may read what, the period, what is suppressed, and how long figures are kept."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from app.api import kept
from app.db.submission_tables import Submission
from app.rules.revise import with_bands
from app.rules.ruleset import own_source
from app.stats.rates import wilson
from tests.api.conftest import DATABASES, fresh_world
from tests.api.people import add
from tests.api.world import CONTEST, World, problem
from tests.decided import SMALL_AGENCY, Decided

PAIRS = [f"{CONTEST}/{number}" for number in (1, 2, 3, 4)]
API = "/api/v1/statistics"
REASON = "Antrean terlalu penuh butir lemah"


@pytest.fixture(scope="module", params=DATABASES)
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, model_folder: Any
) -> Iterator[World]:
    """An application with some hundred decided items, once per database kind; it never screens."""
    folder = tmp_path_factory.mktemp("statistics")
    with fresh_world(request, request.param, folder, None) as made:  # type: ignore[arg-type]
        add(made, "ani", "budi")
        with made.services.sessions() as session:
            items = Decided(session, [(CONTEST, PAIRS)], ["ani", "budi", "coordinator"], "monitor")
            items.add(160)
            items.add_unflagged(120, sampled=40)
            items.mark_gold(20, "coordinator")
            session.commit()
        yield made


def read(world: World, name: str, login: str = "coordinator", **query: Any) -> dict[str, Any]:
    answer = world.browser(login).get(f"{API}/{name}", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["figures"]
    return found


def test_volume_counts_every_post_and_item_once(world: World) -> None:
    found = read(world, "volume")
    assert len(found["days"]) == 30
    assert sum(day["received"] for day in found["days"]) == 280
    assert sum(day["raised"] for day in found["days"]) == 200
    assert found["days"][-1]["verdicts"] > 0
    waiting = found["waiting"]
    assert waiting["items"] == sum(waiting["ages"]) > 0
    assert len(waiting["ages"]) == len(found["age_days"]) + 1
    assert 0 < len(waiting["nearest"]) <= 10
    assert [one["due_on"] for one in waiting["nearest"]] == sorted(one["due_on"] for one in waiting["nearest"])


def test_volume_is_all_that_reviewers_see(world: World) -> None:
    assert read(world, "volume", "reviewer")["waiting"]["items"] > 0
    for name in ("groups", "calibration"):
        problem(world.browser("reviewer").get(f"{API}/{name}"), 403)
    problem(world.browser("admin").get(f"{API}/quality"), 403)


def test_rates_have_wilson_intervals_and_share_their_whole(world: World) -> None:
    found = read(world, "groups")
    assert (found["read"], found["screened"]) == (280, 280)
    groups = found["groups"]
    assert groups["whole"]["flagged"]["hits"] == 160 == sum(one["flagged"]["hits"] for one in groups["pairs"])
    for one in (groups["whole"]["confirmed"], groups["platforms"][0]["confirmed"], groups["pairs"][0]["flagged"]):
        assert (one["low"], one["high"]) == pytest.approx(wilson(one["hits"], one["total"]), abs=1e-5)
    assert {one["name"] for one in groups["pairs"]} == set(PAIRS)
    assert [one["flagged"]["total"] for one in groups["pairs"]] == [280] * 4
    assert sum(one["flagged"]["total"] for one in groups["platforms"]) == 280
    assert found["recall"]["missed"]["total"] > 30
    assert found["kinds"]["items"] == 160
    assert set(found["kinds"]["counts"]) == {"text", "face", "hand"}
    assert found["handling"]["count"] > 100


def test_nothing_small_is_told_of_an_agency(world: World) -> None:
    found = read(world, "groups")["groups"]["agencies"]
    assert SMALL_AGENCY not in {one["name"] for one in found}  # four posts
    assert all(one["screened"] >= 5 for one in found)
    for one in found:
        assert all(rate is None or rate["hits"] >= 5 for rate in (one["flagged"], one["confirmed"]))


def test_an_agency_of_five_is_told_but_its_few_verdicts_are_not(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "KEEP", timedelta(0))
    with world.services.sessions() as session:
        posts = session.query(Submission).filter_by(agency=SMALL_AGENCY).all()
        posts[0].agency = SMALL_AGENCY.upper() + "  "  # another spelling is the same agency
        for number in range(4):
            more = Submission(
                key=uuid.uuid4().hex, contest_id=CONTEST, platform="x", agency=SMALL_AGENCY, state="screened",
                act_date=date.today(), known_date=date.today(), submitted_by=posts[0].submitted_by,
            )  # fmt: skip
            session.add(more)
            if number == 0:
                session.commit()
                (one,) = [a for a in read(world, "groups")["groups"]["agencies"] if a["name"] == SMALL_AGENCY]
                assert (one["screened"], one["flagged"], one["confirmed"]) == (5, None, None)
        session.commit()


def test_reviewers_see_their_own_row_without_known_cases(world: World) -> None:
    whole = {one["login"]: one for one in read(world, "quality")["reviewers"]}
    assert set(whole) == {"ani", "budi", "coordinator"}
    assert sum(one["gold"]["total"] for one in whole.values()) > 20
    found = read(world, "quality", "ani")
    (mine,) = found["reviewers"]
    assert (mine["login"], mine["verdicts"]) == ("ani", whole["ani"]["verdicts"])
    assert mine["gold"]["total"] == 0
    assert found["kappa"]["enough"] is True
    assert found["kappa"]["low"] < found["kappa"]["value"] < found["kappa"]["high"]


def test_calibration_has_a_point_for_every_hundredth(world: World) -> None:
    found = read(world, "calibration")
    points = found["what_if"]
    assert [round(one["threshold"] * 100) for one in points] == list(range(1, 100))
    queued = [one["queued"] for one in points]
    assert queued == sorted(queued, reverse=True)
    assert points[14]["queued"] == 160
    assert found["calibration"]["whole"]["enough"] is True
    assert set(found["calibration"]["by_signal"]) == {"GESTURE", "FACE_MATCH", "AJAKAN_KUAT", "TAGAR"}


def test_the_period_and_the_contest_are_kept(world: World) -> None:
    before = (date.today() - timedelta(days=400)).isoformat()
    assert read(world, "groups", until=before)["read"] == 0
    assert read(world, "groups", contest="muara-a")["read"] == 0
    week = read(world, "volume", since=(date.today() - timedelta(days=6)).isoformat())
    assert sum(day["received"] for day in week["days"]) < 280
    client = world.browser("coordinator")
    problem(client.get(f"{API}/groups", params={"contest": "tidak\0ada"}), 422, "contest")
    problem(client.get(f"{API}/groups", params={"since": "2029-09-02", "until": "2029-09-01"}), 422, "since")
    problem(client.get(f"{API}/groups", params={"since": "2024-09-02", "until": "2029-09-01"}), 422, "since")
    problem(client.get(f"{API}/groups", params={"since": "0001-01-01", "until": "0001-01-02"}), 422, "since")


def test_figures_are_kept_for_a_minute_with_their_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client, query = world.browser("coordinator"), {"since": date.today().isoformat()}
    first = client.get(f"{API}/volume", params=query).json()
    assert client.get(f"{API}/volume", params=query).json()["computed_at"] == first["computed_at"]
    monkeypatch.setattr(kept, "KEEP", timedelta(0))
    assert client.get(f"{API}/volume", params=query).json()["computed_at"] > first["computed_at"]


def test_a_process_keeps_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 3)
    found, asked = kept.Kept(), []
    for key in (1, 2, 3, 4, 4, 1):
        assert found.get(key, lambda key=key: asked.append(key) or key).value == key  # type: ignore[misc]
    assert asked == [1, 2, 3, 4, 1]


def test_rule_versions_by_program(world: World) -> None:
    program, reader = world.program("coordinator", "review"), world.program("auditor", "review")
    stricter = with_bands(own_source(), {"low": 0.31})
    address = "/api/v1/rule-versions"
    assert reader.get(address).json()["live"] is None
    assert reader.post(address, json={"source": stricter, "reason": REASON}).status_code == 403
    drafted = program.post(address, json={"source": stricter, "reason": REASON})
    assert drafted.status_code == 201, drafted.text
    number = drafted.json()["id"]
    assert reader.get(f"{address}/{number}").json()["source"] == stricter
    changes = reader.get(f"{address}/{number}/differences").json()["items"]
    assert changes == [{"name": "bands.low", "before": 0.15, "after": 0.31}]
    problem(program.post(address, json={"source": "bias = 1", "reason": REASON}), 422, "rules")
    published = f"{address}/{number}/publication"
    problem(program.post(published, json={"reason": REASON, "replaces": 99}), 409)
    assert program.post(published, json={"reason": REASON, "replaces": None}).status_code == 201
    found = reader.get(address).json()
    assert (found["live"], found["items"][0]["state"]) == (number, "live")
    problem(reader.get(f"{address}/999"), 404)
