"""Two people decide, blind to each other; nobody decides what is theirs; everything can be taken back or appealed."""

from __future__ import annotations

import uuid

from app.db.flag_tables import Flag
from app.review.acts import case_of, events_of, mirror
from app.review.decide import is_chosen
from tests.api.people import act, add, read, take_next, verdict
from tests.api.test_flags import chain, undo
from tests.api.world import CALL, CONTEST, World, plain, problem

PDF = b"%PDF-1.7 keberatan"
NOTE = "catatan yang cukup panjang"
SECRET = "rahasia pendapat pertama ani"


def the_row_is_what_the_events_say(world: World, flag_id: str) -> None:
    """Mirroring the events again changes nothing in the row."""
    names = ("state", "resume", "desk", "claimed_by", "claimed_until", "assigned_to", "barred", "last_event")
    with world.services.sessions() as session:
        flag = session.get_one(Flag, uuid.UUID(flag_id))
        before = [getattr(flag, name) for name in names]
        mirror(session, flag, case_of(session, flag))
        assert [getattr(flag, name) for name in names] == before
        assert len(events_of(session, flag)) > 0


def test_a_confirmation_needs_two_who_do_not_know_of_each_other(world: World) -> None:
    flag_id, seen = world.flagged()
    ani, budi = add(world, "ani", "budi")
    act(ani, flag_id, "comments", note=SECRET)
    first = verdict(ani, flag_id, seen, note=SECRET).json()
    assert first["state"] == "decided_once"
    blind = read(budi, flag_id)
    assert blind["work"]["blind"]
    assert SECRET not in str(blind)
    assert [event["action"] for event in blind["events"]] == ["flag.raised"]
    assert "ani" not in {event["actor"] for event in blind["events"]}
    assert read(world.browser("coordinator"), flag_id)["work"]["blind"]
    assert not read(ani, flag_id)["work"]["blind"]
    problem(verdict(ani, flag_id, first["event"]), 403)
    assert "confirm" not in read(ani, flag_id)["work"]["acts"]
    the_row_is_what_the_events_say(world, flag_id)
    second = verdict(budi, flag_id, first["event"]).json()
    assert second["state"] == "confirmed"
    assert SECRET in str(read(budi, flag_id))
    the_row_is_what_the_events_say(world, flag_id)
    assert chain(world)["holds"]


def test_disagreement_goes_to_the_coordinator_who_sees_both(world: World) -> None:
    flag_id, seen = world.flagged()
    ani, budi, citra = add(world, "ani", "budi", "citra")
    event = verdict(ani, flag_id, seen).json()["event"]
    event = verdict(budi, flag_id, event, "dismiss").json()["event"]
    assert read(citra, flag_id)["state"] == "disagreement"
    problem(verdict(citra, flag_id, event), 403)
    assert SECRET not in str(read(citra, flag_id))
    assert [e["action"] for e in read(citra, flag_id)["events"]] == ["flag.raised"]
    assert take_next(citra) is None
    coordinator = world.browser("coordinator")
    assert take_next(coordinator) == flag_id
    shown = read(coordinator, flag_id)
    assert not shown["work"]["blind"]
    assert {"flag.confirm", "flag.dismiss"} <= {e["action"] for e in shown["events"]}
    assert verdict(coordinator, flag_id, event).json()["state"] == "confirmed"
    the_row_is_what_the_events_say(world, flag_id)


def test_another_pair_or_article_and_what_does_not_exist(world: World) -> None:
    flag_id, seen = world.flagged()
    ani, budi = add(world, "ani", "budi")
    problem(verdict(ani, flag_id, seen, paslon="lain/1"), 422, "paslon")
    problem(verdict(ani, flag_id, seen, article="Z9"), 422, "article")
    event = verdict(ani, flag_id, seen, paslon=f"{CONTEST}/1", article="D7").json()["event"]
    given = read(ani, flag_id)["events"][-1]["data"]
    assert (given["paslon"], given["article"]) == (f"{CONTEST}/1", "D7")
    assert verdict(budi, flag_id, event).json()["state"] == "disagreement"


def test_a_share_of_dismissals_is_looked_at_again(world: World) -> None:
    world.settings.second_look_share = 1.0
    flag_id, seen = world.flagged()
    ani, budi = add(world, "ani", "budi")
    first = verdict(ani, flag_id, seen, "dismiss").json()
    assert first["state"] == "decided_once"
    assert take_next(ani) is None
    assert take_next(budi) == flag_id
    assert verdict(budi, flag_id, first["event"], "dismiss").json()["state"] == "dismissed"
    share = sum(is_chosen(f"{number}:1", 0.1) for number in range(10_000)) / 10_000
    assert 0.09 < share < 0.11
    assert is_chosen("a:1", 0.1) == is_chosen("a:1", 0.1)


def test_who_declared_an_interest_decides_nothing_there(world: World) -> None:
    flag_id, seen = world.flagged()
    (ani,) = add(world, "ani")
    problem(ani.post("/api/v1/conflicts", json={"contest": "tidak-ada"}), 422, "contest")
    declared = ani.post("/api/v1/conflicts", json={"contest": CONTEST, "note": "saudara calon"})
    assert declared.status_code == 201
    problem(verdict(ani, flag_id, seen), 403)
    problem(act(ani, flag_id, "claim"), 403)
    assert take_next(ani) is None
    coordinator = world.browser("coordinator")
    (row,) = coordinator.get("/api/v1/conflicts").json()["items"]
    assert (row["login"], row["note"]) == ("ani", "saudara calon")
    path = f"/api/v1/conflicts/{row['user']}/{CONTEST}/withdrawal"
    assert coordinator.post(path, json={"note": "sudah tidak berlaku"}).status_code == 204
    problem(coordinator.post(path, json={"note": "lagi"}), 404)
    assert take_next(ani) == flag_id
    assert ani.get("/api/v1/conflicts").json()["items"] == []


def test_undo_at_any_time_before_closing(world: World) -> None:
    flag_id, seen = world.flagged()
    ani, budi = add(world, "ani", "budi")
    coordinator = world.browser("coordinator")
    first = verdict(ani, flag_id, seen).json()["event"]
    assert act(budi, flag_id, "claim").status_code == 200
    undone = undo(ani, flag_id, first).json()
    assert undone["state"] == "new"
    problem(verdict(budi, flag_id, first), 409)
    first = verdict(ani, flag_id, undone["event"]).json()["event"]
    second = verdict(budi, flag_id, first).json()["event"]
    problem(undo(ani, flag_id, second), 403)
    back = undo(budi, flag_id, second).json()
    assert back["state"] == "decided_once"
    again = verdict(budi, flag_id, back["event"]).json()
    assert again["state"] == "confirmed"
    assert [e["data"]["blind"] for e in read(ani, flag_id)["events"] if e["action"] == "flag.confirm"] == [
        True, True, True, False,
    ]  # fmt: skip
    problem(act(budi, flag_id, "closure", note="", seen=again["event"]), 403)
    closed = act(coordinator, flag_id, "closure", note="", seen=again["event"]).json()
    assert closed["state"] == "closed"
    problem(undo(coordinator, flag_id, closed["event"]), 409)
    problem(verdict(coordinator, flag_id, closed["event"]), 409)
    the_row_is_what_the_events_say(world, flag_id)


def test_an_appeal_reopens_with_new_people_and_keeps_its_document(world: World) -> None:
    flag_id, seen = world.flagged()
    ani, budi, citra = add(world, "ani", "budi", "citra")
    event = verdict(ani, flag_id, seen).json()["event"]

    def lodge(data: bytes, seen: int, note: str = NOTE) -> object:
        fields = {"note": note, "seen": str(seen)}
        return citra.post(f"/api/v1/flags/{flag_id}/appeals", data=fields, files={"document": ("surat é.pdf", data)})

    problem(lodge(PDF, event), 409)
    event = verdict(budi, flag_id, event).json()["event"]
    problem(lodge(b"bukan dokumen", event), 422, "document")
    problem(lodge(PDF, event, "pendek"), 422, "note")
    problem(lodge(PDF, event - 1), 409)
    appealed = lodge(PDF, event).json()
    assert appealed["state"] == "appealed"
    paper = ani.get(f"/api/v1/flags/{flag_id}/appeals/{appealed['event']}")
    assert (paper.content, paper.headers["content-type"]) == (PDF, "application/pdf")
    assert "attachment" in paper.headers["content-disposition"]
    problem(ani.get(f"/api/v1/flags/{flag_id}/appeals/{event}"), 404)
    for earlier in (ani, budi):
        problem(verdict(earlier, flag_id, appealed["event"]), 403)
        assert take_next(earlier) is None
    assert take_next(citra) == flag_id
    assert verdict(citra, flag_id, appealed["event"], "dismiss").json()["state"] == "dismissed"
    the_row_is_what_the_events_say(world, flag_id)
    assert chain(world)["holds"]


def test_questions_escalation_comments_and_handing_back(world: World) -> None:
    flag_id, seen = world.flagged()
    ani, budi = add(world, "ani", "budi")
    coordinator = world.browser("coordinator")
    problem(act(ani, flag_id, "question", note="apa?", seen=seen), 422, "note")
    asked = act(ani, flag_id, "question", note="Apakah akun ini milik subjek?", seen=seen).json()
    assert asked["state"] == "needs_info"
    problem(verdict(budi, flag_id, asked["event"]), 409)
    problem(act(budi, flag_id, "answer", note="ya", seen=seen), 409)
    answered = act(budi, flag_id, "answer", note="ya, sudah dicek", seen=asked["event"]).json()
    assert answered["state"] == "new"
    raised = act(ani, flag_id, "escalation", note="Ini sulit", seen=answered["event"]).json()
    assert raised["state"] == "escalated"
    problem(verdict(budi, flag_id, raised["event"]), 403)
    problem(act(budi, flag_id, "return", note="", seen=raised["event"]), 403)
    assert act(budi, flag_id, "comments", note="Setuju sulit").json()["state"] == "escalated"
    problem(act(budi, flag_id, "comments", note="  "), 422, "note")
    back = act(coordinator, flag_id, "return", note="Coba lagi", seen=raised["event"]).json()
    assert back["state"] == "new"
    assert verdict(budi, flag_id, back["event"], "dismiss").json()["state"] == "dismissed"
    problem(act(coordinator, flag_id, "reopening", note="pendek", seen=back["event"]), 409)
    last = read(budi, flag_id)["last_event"]
    assert act(coordinator, flag_id, "reopening", note=NOTE, seen=last).json()["state"] == "reopened"
    the_row_is_what_the_events_say(world, flag_id)


def test_known_cases_are_hidden_and_region_risk_only_orders(world: World) -> None:
    flag_id, _ = world.flagged()
    reviewer, coordinator = world.browser("reviewer"), world.browser("coordinator")
    before = read(reviewer, flag_id)
    marked = coordinator.put(f"/api/v1/gold/{flag_id}", json={"verdict": "confirm", "note": "kasus acuan"})
    assert marked.status_code == 200
    assert read(reviewer, flag_id) == before
    problem(reviewer.get("/api/v1/gold"), 403)
    assert [row["flag"] for row in coordinator.get("/api/v1/gold").json()["items"]] == [flag_id]
    row = reviewer.get("/api/v1/flags").json()["items"][0]
    answer = coordinator.put("/api/v1/region-risks/99.01", json={"risk": "high"})
    assert answer.status_code == 200, answer.text
    moved = reviewer.get("/api/v1/flags").json()["items"][0]
    assert (moved["priority"], moved["score"], moved["band"]) == (row["priority"] + 1, row["score"], row["band"])
    coordinator.put("/api/v1/region-risks/99.01", json={"risk": "low"})
    assert reviewer.get("/api/v1/flags").json()["items"][0]["priority"] == row["priority"]
    assert [risk["risk"] for risk in reviewer.get("/api/v1/region-risks").json()["items"]] == ["low"]
    assert coordinator.delete(f"/api/v1/gold/{flag_id}").status_code == 204
    problem(coordinator.delete(f"/api/v1/gold/{flag_id}"), 404)


def test_a_sample_of_the_unflagged_goes_to_the_queue_unmarked(world: World) -> None:
    world.settings.unflagged_sample = 1.0
    answer = world.submit("Cuaca cerah pagi ini.", [plain()])
    world.screen_now()
    flag = world.monitor.get(answer.headers["Location"]).json()["flag"]
    shown = read(world.browser("reviewer"), flag["id"])
    assert (shown["band"], shown["signals"]) == ("low", [])
    assert "sample" not in str(shown)
    with world.services.sessions() as session:
        assert session.get_one(Flag, uuid.UUID(flag["id"])).origin == "sample"
    problem(verdict(world.browser("reviewer"), flag["id"], shown["last_event"]), 422, "paslon")
    chosen = {"paslon": f"{CONTEST}/2", "article": "D6"}
    done = verdict(world.browser("reviewer"), flag["id"], shown["last_event"], **chosen)
    assert done.json()["state"] == "decided_once"
    assert world.flagged(CALL)[0] != flag["id"]
