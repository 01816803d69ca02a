"""Webhooks as they are set up: addresses, secrets, the record of acts, and what others are told of an item."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app import audit
from app.auth.principal import SYSTEM
from app.db.base import now
from app.db.event_tables import ChainHead, Event
from app.db.hook_tables import Delivery, Webhook
from app.review.acts import append, open_item
from app.screening.models import Models
from app.webhooks import delivering, service
from app.webhooks.kinds import BY_ACTION, CODES, KINDS
from app.webhooks.signing import is_secret
from tests.api.people import act, add, verdict
from tests.api.tipping import let_tips_in, tipped
from tests.api.webhook_desk import Desk, desk_on
from tests.api.world import CONTEST, problem
from tests.conftest import DATABASES
from tests.gold import given, known, raised

FLAGS = tuple(code for code in CODES if code.startswith("flag."))


@pytest.fixture(params=DATABASES)
def desk(request: pytest.FixtureRequest, tmp_path: Path, models: Models) -> Iterator[Desk]:
    with desk_on(request, request.param, tmp_path, models) as made:
        yield made


@pytest.fixture
def sqlite_desk(request: pytest.FixtureRequest, tmp_path: Path, models: Models) -> Iterator[Desk]:
    """For what no database can influence."""
    with desk_on(request, "sqlite", tmp_path, models) as made:
        yield made


def told(desk: Desk) -> list[tuple[str, str]]:
    """Kinds and ids of what the receiver was told, in order."""
    desk.deliver()
    return [(request.told["type"], request.told["data"]["id"]) for request in desk.receiver.taken()]


# -- setting up -----------------------------------------------------------------------------------------------------


def test_a_secret_is_shown_once_and_kept_sealed(desk: Desk) -> None:
    hook = desk.made("flag.raised")
    secret = hook["secret"]
    assert is_secret(secret)
    seen = [desk.admin.get(path).text for path in ("/api/v1/webhooks", f"/api/v1/webhooks/{hook['id']}")]
    assert all(hook["id"] in text and secret not in text for text in seen)
    rotated = desk.act(hook, "rotation", keep_old=True)
    assert is_secret(rotated["secret"])
    assert rotated["secret"] != secret
    with desk.world.services.sessions() as session:
        row = session.scalars(select(Webhook)).one()
        stored = row.secret + (row.old_secret or b"")
        recorded = json.dumps([event.data for event in audit.walk(session)])
    for one in (secret, rotated["secret"]):
        assert one.removeprefix("whsec_").encode() not in stored
        assert one not in recorded
    assert "dari=uji" not in recorded  # a query may hold a receiver's own key


@pytest.mark.parametrize("url", [
    "https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://localhost/", "https://[::1]/",
    "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest", "https://10.0.0.1/", "https://100.64.0.1/",
    "https://[fd00::1]/", "https://[64:ff9b::a00:1]/", "https://[2002:7f00:1::]/", "http://1.1.1.1/", "https://u:p@1.1.1.1/",
    "https://1.1.1.1:22/", "file:///etc/passwd", "https://tidak-ada.invalid/",
])  # fmt: skip
def test_addresses_that_must_not_be_called_are_refused(sqlite_desk: Desk, url: str) -> None:
    desk = sqlite_desk
    desk.world.services.settings.webhook_allow = ""
    body = {"name": "uji", "url": url, "events": ["flag.raised"]}
    problem(desk.admin.post("/api/v1/webhooks", json=body), 422, "url")
    desk.world.services.settings.webhook_allow = "127.0.0.1/32"
    hook = desk.made("flag.raised")
    desk.world.services.settings.webhook_allow = ""
    problem(desk.admin.put(f"/api/v1/webhooks/{hook['id']}", json={"url": url}), 422, "url")
    assert desk.read(hook)["url"] == desk.receiver.url


def test_an_address_is_checked_again_at_every_try(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    hook = desk.made("roster.changed")
    desk.world.services.settings.webhook_allow = ""
    desk.happen()
    desk.deliver(rounds=1)
    assert desk.receiver.requests == []
    assert [(row["failure"], row["state"]) for row in desk.log(hook)] == [("address", "waiting")]


def test_another_key_of_the_deployment_is_told_and_nothing_goes_out_unsigned(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    hook = desk.made("roster.changed")
    (desk.world.settings.data_dir / "secret.key").write_text("kunci lain")
    desk.happen()
    desk.deliver(rounds=1)
    assert desk.receiver.requests == []
    assert desk.log(hook)[0]["failure"] == "secret"
    desk.act(hook, "rotation", keep_old=False)
    desk.act(hook, "pause")
    desk.act(hook, "resumption")
    desk.deliver()
    assert len(desk.receiver.requests) == 1


@pytest.mark.parametrize("change", [
    {"name": ""}, {"name": "x" * 121}, {"url": ""}, {"url": "https://1.1.1.1/" + "a" * 500}, {"events": []},
    {"events": ["flag.claimed"]}, {"events": "flag.raised"}, {"lain": 1},
])  # fmt: skip
def test_what_makes_no_webhook(sqlite_desk: Desk, change: dict[str, object]) -> None:
    body = {"name": "uji", "url": sqlite_desk.receiver.url, "events": ["flag.raised"]} | change
    answer = sqlite_desk.admin.post("/api/v1/webhooks", json=body)
    assert answer.status_code == 422, answer.text


def test_acts_that_make_no_sense_now(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = sqlite_desk
    hook = desk.made("roster.changed")
    address = f"/api/v1/webhooks/{hook['id']}"
    problem(desk.admin.post(f"{address}/resumption", json={}), 409)
    desk.happen()
    with desk.world.services.sessions() as session:
        session.add(Delivery(webhook_id=uuid.UUID(hook["id"]), number=1, kind="flag.raised", body="{}"))
        session.commit()
    (row,) = desk.log(hook, state="waiting")
    problem(desk.admin.post(f"{address}/deliveries/{row['id']}/redelivery"), 409)
    other = desk.made("roster.changed")
    problem(desk.admin.post(f"/api/v1/webhooks/{other['id']}/deliveries/{row['id']}/redelivery"), 404)
    problem(desk.admin.get(f"{address}/deliveries?after={uuid.uuid4()}"), 422, "after")
    desk.act(hook, "pause")
    problem(desk.admin.post(f"{address}/pause"), 409)
    monkeypatch.setattr(service, "MOST", 2)
    body = {"name": "uji", "url": desk.receiver.url, "events": ["flag.raised"]}
    problem(desk.admin.post("/api/v1/webhooks", json=body), 409)
    assert desk.admin.delete(address).status_code == 204
    assert desk.admin.get(address).status_code == 404
    with desk.world.services.sessions() as session:
        assert session.scalars(select(Delivery.id)).all() == []


def test_every_act_is_on_record_and_tells_nobody(desk: Desk) -> None:
    hook = desk.made(*CODES)
    for what in ("pause", "resumption", "rotation", "ping"):
        desk.act(hook, what)
    desk.deliver()
    (row,) = desk.log(hook)
    desk.act(hook, f"deliveries/{row['id']}/redelivery")
    desk.admin.put(f"/api/v1/webhooks/{hook['id']}", json={"name": "lain"})
    desk.deliver()
    desk.admin.delete(f"/api/v1/webhooks/{hook['id']}")
    with desk.world.services.sessions() as session:
        acts = session.scalars(select(Event.action).where(Event.object_type == "webhook").order_by(Event.id)).all()
        assert audit.verify(session).broken_at is None
    assert [act.removeprefix("webhook.") for act in acts] == [
        "created", "paused", "resumed", "rotated", "tested", "redelivered", "changed", "deleted",
    ]  # fmt: skip
    assert {request.told["type"] for request in desk.receiver.requests} == {"webhook.ping"}


def test_the_log_goes_by_pages_and_is_forgotten(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    hook = desk.made("roster.changed")
    desk.happen(5)
    desk.deliver()
    path, seen = f"/api/v1/webhooks/{hook['id']}/deliveries", []
    page = desk.admin.get(path, params={"limit": 2}).json()
    while page["next"]:
        seen += page["items"]
        page = desk.admin.get(path, params={"limit": 2, "after": page["next"]}).json()
    numbers = [row["number"] for row in [*seen, *page["items"]]]
    assert numbers == sorted(desk.receiver.numbers(), reverse=True)
    with desk.world.services.sessions() as session:
        session.execute(update(Delivery).where(Delivery.number < numbers[1]).values(made_at=now() - timedelta(days=31)))
        assert service.forget(session, now() - timedelta(days=30)) == 3
        session.commit()
    assert len(desk.log(hook)) == 2


# -- what others are told -------------------------------------------------------------------------------------------


def test_every_act_makes_one_kind_but_that_of_tips() -> None:
    doubled = [action for kind in KINDS for action in kind.actions if BY_ACTION[action] is not kind]
    assert doubled == ["flag.raised"]
    assert BY_ACTION["flag.raised"].code == "flag.raised"


def test_a_tip_is_told_of_as_one_until_it_becomes_a_case(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    let_tips_in(desk.world)
    desk.made("flag.raised", "flag.closed", "tip.received")
    tip_flag = tipped(desk.world)[1]["flag"]
    assert told(desk) == [("tip.received", tip_flag)]
    with desk.world.services.sessions() as session:
        facts = {"rule": "unreviewed"}
        append(session, SYSTEM, open_item(session, uuid.UUID(tip_flag)), "lapse", facts)
        session.commit()
    assert len(told(desk)) == 1  # nobody was told of a case


def test_a_first_verdict_is_told_to_nobody(desk: Desk) -> None:
    desk.made(*FLAGS)
    flag_id, seen = desk.world.flagged()
    ani, budi = add(desk.world, "ani", "budi")
    assert told(desk) == [("flag.raised", flag_id)]
    first = verdict(ani, flag_id, seen).json()
    assert told(desk) == [("flag.raised", flag_id)]
    second = verdict(budi, flag_id, first["event"]).json()
    assert second["state"] == "confirmed"
    assert told(desk)[1:] == [("flag.confirmed", flag_id)]
    back = act(budi, flag_id, "undo", seen=second["event"]).json()
    assert told(desk)[2:] == [("flag.reverted", flag_id)]
    again = verdict(budi, flag_id, back["event"], "dismiss").json()
    assert again["state"] == "disagreement"
    assert len(told(desk)) == 3
    act(ani, flag_id, "undo", seen=again["event"])
    assert len(told(desk)) == 3
    sent = b"".join(request.body for request in desk.receiver.requests).decode()
    assert "ani" not in sent.replace("ani-", "")
    assert "budi" not in sent


def test_a_dismissal_that_needs_one_person_is_told_at_once(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.made("flag.dismissed")
    flag_id, seen = desk.world.flagged()
    (ani,) = add(desk.world, "ani")
    assert verdict(ani, flag_id, seen, "dismiss").json()["state"] == "dismissed"
    assert told(desk) == [("flag.dismissed", flag_id)]


def test_trials_of_known_cases_are_told_to_nobody(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    add(desk.world, "ani")
    case = known(desk.world)
    cause = raised(desk.world, 2)
    desk.made("flag.raised", "submission.screened")
    with desk.world.services.sessions() as session:
        session.execute(update(Webhook).values(cursor=0))
        session.commit()
    trial = given(desk.world, cause)
    assert trial is not None
    named = {one for _, one in told(desk)}
    assert {case, cause} <= named
    assert trial not in named


def test_a_post_its_screening_and_the_roster(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.made("submission.screened", "roster.changed", "flag.raised")
    flag_id, _ = desk.world.flagged()
    desk.admin.put(f"/api/v1/contests/{CONTEST}/paslon", json={"number": 9, "candidates": [{"name": "Gita Nusa"}]})
    desk.admin.delete(f"/api/v1/paslon/{CONTEST}/9")
    kinds = told(desk)
    assert [kind for kind, _ in kinds] == ["submission.screened", "flag.raised", "roster.changed", "roster.changed"]
    assert [one for _, one in kinds][1:] == [flag_id, CONTEST, CONTEST]
    first = desk.receiver.requests[0].told
    assert first["data"]["url"] == f"http://netra.example/api/v1/submissions/{first['data']['id']}"
    assert first.keys() == {"type", "timestamp", "number", "data"}


def test_what_concerns_nobody_begins_no_round(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = sqlite_desk
    hook = desk.made("work.done")
    desk.happen(3)
    monkeypatch.setattr(delivering, "LAG", 2)
    delivering.wake(desk.world.services)
    with desk.world.services.sessions() as session:
        row = session.get_one(Webhook, uuid.UUID(hook["id"]))
        assert (row.attempt, row.busy, row.cursor) == (0, False, session.scalar(select(ChainHead.event_id)))


def test_a_long_row_of_events_that_are_told_to_nobody(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """First verdicts concern a webhook by their act and are told to nobody: a round looks at few at a time."""
    desk = sqlite_desk
    monkeypatch.setattr(delivering, "SCAN", 2)
    desk.made("flag.confirmed", "roster.changed")
    ani, budi = add(desk.world, "ani", "budi")
    flags = [raised(desk.world, seed) for seed in range(3, 6)]
    events = [verdict(ani, flag, desk.world.last_event(flag)).json()["event"] for flag in flags]
    desk.happen()
    verdict(budi, flags[1], events[1])
    assert told(desk) == [("roster.changed", CONTEST), ("flag.confirmed", flags[1])]
