"""Known cases are given again unrecognised: made at their share, asked once, counted nowhere but in the quality."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest

from app import audit
from app.auth.principal import Principal
from app.db.base import now
from app.db.flag_tables import Flag
from app.db.submission_tables import Submission
from app.review.board import board
from app.review.fairness import close_trials
from app.review.figures import Scope, load_rows, load_verdicts
from app.review.history import account_of
from app.review.measures import quality
from app.review.overview import volume
from app.review.period import period_of
from app.review.routing import count_lanes
from app.screening import trials
from app.screening.record import draw
from app.screening.rescreen import choose
from tests.api.people import act, add, read, take_next, verdict
from tests.api.test_four_eyes import the_row_is_what_the_events_say
from tests.api.test_retention import events, keep, post, run, there
from tests.api.world import CONTEST, World, problem
from tests.gold import given, known, raised, trial_rows

HOUR = re.compile(r"\d{1,2}[.:]\d{2}([.:]\d{2})?")
NAMES = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}|\b[0-9a-f]{6,8}\b")
SECRET = ("acuan", "gold", "known case", "trial")


def alike(page: str) -> str:
    """A page or an answer without what differs between any two items: names, hours, numbers of events."""
    text = re.sub(r'"(last_event|id|seen)": ?\d+|(value|data-seen)="\d+"', "#", NAMES.sub("@", page))
    text = re.sub(r"\(ms\)</dt><dd>[\d.,]+", "ms", text)
    return HOUR.sub("00.00", re.sub(r"\d{2}:\d{2}:\d{2}\.\d+", "00:00:00", text))


def body(page: str) -> str:
    """The item and what stands beside it, without the queue."""
    return page[page.index("<main") : page.index("</aside>", page.index("</main>"))]


def shape(value: Any) -> Any:
    """The names of everything in an answer, without the values."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    return [shape(one) for one in value] if isinstance(value, list) else type(value).__name__


def test_a_trial_is_made_at_the_share_of_raised_items(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    add(world, "ani")
    case = known(world)
    cause = raised(world, 2)
    with world.services.sessions() as session:
        drawn = draw(session.get_one(Flag, uuid.UUID(cause)).submission_id, "trial")
    assert given(world, cause, drawn) is None
    trial = given(world, cause, drawn + 1e-9)
    assert trial is not None
    assert [(str(row.flag_id), str(row.case_id), row.verdict) for row in trial_rows(world)] == [
        (trial, case, "dismiss")
    ]
    assert given(world, cause) is None, "one trial of a case at a time"
    assert [event.object_id for event in events(world, "gold.given")] == [trial]
    known(world, 3)
    share = 0.05
    keep(world, gold_share=share)
    monkeypatch.setattr(trials, "draw", lambda of, what: share if what == "trial" else draw(of, what))
    raised(world, 4)
    assert len(trial_rows(world)) == 1
    monkeypatch.setattr(trials, "draw", lambda of, what: share - 0.001 if what == "trial" else draw(of, what))
    raised(world, 5)
    assert len(trial_rows(world)) == 2


def test_reviewers_cannot_tell_a_trial_from_another_item(world: World) -> None:
    (ani,) = add(world, "ani")
    known(world)
    cause = raised(world, 2)
    trial = given(world, cause)
    assert trial is not None
    for client in (ani, world.program("ani", "review")):
        new, again = read(client, cause), read(client, trial)
        assert shape(new) == shape(again)
        assert again["known_case"] is None
        differing = {name for name in new if alike(json.dumps(new[name])) != alike(json.dumps(again[name]))}
        assert differing <= {"last_event", "timings"}
        assert [(event["action"], event["actor"]) for event in again["events"]] == [("flag.raised", "system")]
    pages = [body(ani.get(f"/antrean/{item}").text) for item in (cause, trial)]
    assert alike(pages[0]) == alike(pages[1])
    assert not any(word in pages[1].lower() for word in SECRET)
    rows = {row["id"]: row for row in ani.get("/api/v1/flags").json()["items"]}
    assert shape(rows[cause]) == shape(rows[trial])
    assert rows[cause]["due_on"] == rows[trial]["due_on"]
    posts = [ani.get(f"/api/v1/submissions/{rows[item]['submission']}").json() for item in (cause, trial)]
    assert shape(posts[0]) == shape(posts[1])
    assert abs(rows[cause]["priority"] - rows[trial]["priority"]) < 1e-6
    first = take_next(ani)
    assert {first, take_next(ani, skip=first)} == {cause, trial}
    problem(ani.get("/api/v1/gold"), 403)


def test_one_verdict_ends_it_and_counts_in_the_quality(world: World) -> None:
    ani, budi = add(world, "ani", "budi")
    case = known(world)
    trial = given(world, raised(world, 2))
    assert trial is not None
    act(ani, trial, "claim")
    answer = verdict(ani, trial, world.last_event(trial))
    assert answer.json()["state"] == "decided_once"
    the_row_is_what_the_events_say(world, trial)
    assert "undo" in read(ani, trial)["work"]["acts"]
    assert take_next(budi) not in (None, trial)
    with world.services.sessions() as session:
        rows = {one.login: one for one in quality(session, Scope()).reviewers}
        assert (rows["ani"].gold.hits, rows["ani"].gold.total, rows["ani"].verdicts) == (0, 1, 1)
        assert rows["ani"].handling.count == 1
        assert (rows["reviewer"].gold.hits, rows["reviewer"].gold.total) == (1, 1)
        assert not quality(session, Scope(contest="muara-a")).reviewers
        assert {str(one.flag) for one in load_verdicts(session, Scope())} == {case}
        assert close_trials(session, now() + timedelta(hours=23)) == 0
    undone = act(ani, trial, "undo", seen=answer.json()["event"])
    assert undone.json()["state"] == "new"
    again = verdict(ani, trial, undone.json()["event"], "dismiss")
    assert again.json()["state"] == "dismissed"
    with world.services.sessions() as session:
        assert [one.gold.hits for one in quality(session, Scope()).reviewers if one.login == "ani"] == [1]
        assert close_trials(session, now() + timedelta(hours=25)) == 1
        assert close_trials(session, now() + timedelta(hours=25)) == 0
        session.commit()
        assert audit.verify(session).broken_at is None
    assert read(ani, trial)["state"] == "closed"
    the_row_is_what_the_events_say(world, trial)


def test_a_confirmed_trial_is_closed_too(world: World) -> None:
    (ani,) = add(world, "ani")
    known(world)
    trial = given(world, raised(world, 2))
    assert trial is not None
    assert verdict(ani, trial, world.last_event(trial)).json()["state"] == "decided_once"
    run(world, 2)
    assert read(world.browser("auditor"), trial)["state"] == "closed"


def figures(world: World) -> list[Any]:
    """Everything that is counted, and what is screened again."""
    with world.services.sessions() as session:
        period = period_of(session)
        found = [board(session, period), volume(session, period), count_lanes(session)]
        return [*found, load_rows(session, Scope()), load_verdicts(session, Scope()), sorted(choose(session, CONTEST))]


def test_no_figure_knows_of_it(world: World) -> None:
    (ani,) = add(world, "ani")
    known(world, handle="@akun", platform="x")
    cause = raised(world, 2, handle="@lain", platform="x")
    before = figures(world)
    trial = given(world, cause)
    assert trial is not None
    assert figures(world) == before
    assert verdict(ani, trial, world.last_event(trial)).status_code == 201
    assert figures(world) == before
    assert len(world.monitor.get("/api/v1/submissions").json()["items"]) == 2


def test_neither_is_shown_beside_the_other(world: World) -> None:
    (ani,) = add(world, "ani")
    case = known(world, handle="@akun", platform="x")
    trial = given(world, raised(world, 2, handle="@akun", platform="x"))
    raised(world, 1, handle="@ulang", platform="x")  # the very same picture as the case's
    assert trial is not None
    viewer = Principal(uuid.uuid4(), "ani", "Ani", "reviewer")
    with world.services.sessions() as session:
        one, other = (session.get_one(Flag, uuid.UUID(item)) for item in (case, trial))
        of_case, of_trial = account_of(session, one, viewer), account_of(session, other, viewer)
        assert [str(past.flag_id) for past in of_trial.past] == [str(past.flag_id) for past in of_case.past]
        assert (of_case.items, of_case.posts) == (of_trial.items, of_trial.posts) == (1, 2)
        assert one.copy_group is not None
        assert (other.copy_group, session.get_one(Submission, other.submission_id).copy_group) == (None, None)
    assert case not in body(ani.get(f"/antrean/{trial}").text)


def test_who_knows_the_case_is_not_asked(world: World) -> None:
    ani, budi = add(world, "ani", "budi")
    case = known(world, by="ani")
    cause = raised(world, 2)
    trial = given(world, cause)
    assert trial is not None
    seen = world.last_event(trial)
    coordinator = world.browser("coordinator")
    for person in (ani, coordinator):
        assert (take_next(person), take_next(person, skip=cause)) == (cause, None)
        assert trial not in person.get("/antrean?state=waiting").text
        problem(verdict(person, trial, seen), 403)
    problem(coordinator.put(f"/api/v1/gold/{trial}", json={"verdict": "dismiss"}), 422, "flag")
    told = {"case": case, "verdict": "dismiss"}
    assert read(coordinator, trial)["known_case"] == read(world.browser("auditor"), trial)["known_case"] == told
    assert f"/antrean/{case}" in body(coordinator.get(f"/antrean/{trial}").text)
    assert act(budi, trial, "escalation", note="perlu koordinator di sini", seen=seen).status_code == 201
    assert take_next(coordinator) == trial, "who knows the answer hands it back"
    assert act(coordinator, trial, "return", seen=world.last_event(trial)).status_code == 201
    assert verdict(budi, trial, world.last_event(trial)).status_code == 201


def test_nobody_left_to_ask_means_no_trial(world: World) -> None:
    known(world)
    assert given(world, raised(world, 2)) is None


def test_an_original_stays_while_case_or_trial_names_it(world: World) -> None:
    add(world, "ani")
    case, submission, digest = post(world)
    assert verdict(world.browser("reviewer"), case, world.last_event(case), "dismiss").status_code == 201
    marked = world.browser("coordinator").put(f"/api/v1/gold/{case}", json={"verdict": "dismiss"})
    assert marked.status_code == 200
    trial = given(world, post(world, 2)[0])
    assert trial is not None
    held = act(world.browser("coordinator"), trial, "hold", reason="Disimpan untuk uji")
    assert held.status_code == 201, held.text
    run(world, 31)
    assert world.row(submission).text == ""
    assert there(world, digest)
    assert read(world.browser("auditor"), trial)["images"][0]["sha256"] == digest
    assert world.browser("auditor").get(f"/media/flags/{trial}/images/0").status_code == 200
    assert given(world, raised(world, 3)) is None, "what was destroyed is given no more"
    assert act(world.browser("coordinator"), trial, "hold-lifting", reason="Uji sudah selesai").status_code == 201
    run(world, 62)
    assert not there(world, digest)


def test_what_a_trial_was_confirmed_as_keeps_no_original(world: World) -> None:
    (ani,) = add(world, "ani")
    known(world)
    trial = given(world, raised(world, 2))
    assert trial is not None
    assert verdict(ani, trial, world.last_event(trial)).status_code == 201
    run(world, 2)
    run(world, 40)
    assert read(world.browser("auditor"), trial)["retention"]["destroyed"]["rule"] == "dismissed"
    with world.services.sessions() as session:
        assert audit.verify(session).broken_at is None
