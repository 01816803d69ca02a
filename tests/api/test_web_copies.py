"""The item page lists copies; a decision for several is asked once more, without JavaScript."""

from __future__ import annotations

import html
import re
import uuid
from datetime import date, timedelta

import httpx
from fastapi.testclient import TestClient

from tests.api.people import act, add, read
from tests.api.test_group_decision import POST, group, state
from tests.api.world import World
from tests.copying import drawn, encoded

PAGE = {"Accept": "text/html"}
DISMISS = {"verdict": "dismiss", "dismiss_reason": "duplicate", "confirm_reason": "campaign_text"}


def page(client: TestClient, path: str) -> str:
    answer = client.get(path, headers=PAGE)
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


def values(text: str, name: str) -> list[str]:
    """The values that the page would send under this name."""
    return re.findall(rf'name="{name}" value="([^"]*)"', text)


def send(client: TestClient, path: str, fields: dict[str, object]) -> httpx.Response:
    return client.post(path, data=fields, headers=PAGE)


def test_a_decision_for_several_is_asked_and_then_done(world: World) -> None:
    lead, *others = group(world, 3)
    (ani,) = add(world, "ani")
    shown = page(ani, f"/antrean/{lead[0]}")
    assert "@akun1" in shown
    ticked = values(shown, "salinan")
    assert sorted(ticked) == sorted(f"{flag_id}:{seen}" for flag_id, seen in others)
    assert values(shown, "kelompok") == ["ya"]
    fields = DISMISS | {"seen": str(lead[1]), "salinan": ticked}
    asked = send(ani, f"/antrean/{lead[0]}/putusan", fields | {"kelompok": "ya"})
    assert asked.status_code == 200
    assert values(asked.text, "salinan") == ticked
    assert state(world, lead[0]) == "new"
    hidden = {name: values(asked.text, name)[0] for name in ("seen", "verdict", "dismiss_reason", "confirm_reason")}
    done = send(ani, f"/antrean/{lead[0]}/putusan-kelompok", hidden | {"salinan": values(asked.text, "salinan")})
    assert done.status_code == 303
    assert re.fullmatch(r"/antrean\?putus=\d+", done.headers["location"])
    assert {state(world, flag_id) for flag_id, _ in (lead, *others)} == {"dismissed"}


def test_without_the_tick_only_the_item_is_decided(world: World) -> None:
    lead, other = group(world, 2)
    (ani,) = add(world, "ani")
    ticked = values(page(ani, f"/antrean/{lead[0]}"), "salinan")
    fields = DISMISS | {"seen": str(lead[1]), "salinan": ticked}
    assert send(ani, f"/antrean/{lead[0]}/putusan", fields).status_code == 303
    assert [state(world, flag_id) for flag_id, _ in (lead, other)] == ["dismissed", "claimed"]


def test_what_is_passed_over_is_told_on_the_item(world: World) -> None:
    lead, held = group(world, 2)
    ani, budi = add(world, "ani", "budi")
    ticked = values(page(ani, f"/antrean/{lead[0]}"), "salinan")
    act(budi, held[0], "claim")
    assert values(page(ani, f"/antrean/{lead[0]}"), "salinan") == []
    fields = DISMISS | {"seen": str(lead[1]), "salinan": ticked}
    done = send(ani, f"/antrean/{lead[0]}/putusan-kelompok", fields)
    assert done.status_code == 303
    assert "Sebagian salinan dilewati" in page(ani, done.headers["location"])
    assert state(world, held[0]) == "claimed"


def test_bad_forms_are_pages_not_faults(world: World) -> None:
    lead, other = group(world, 2)
    (ani,) = add(world, "ani")
    path = f"/antrean/{lead[0]}/putusan-kelompok"
    base = DISMISS | {"seen": str(lead[1])}
    for wrong in ("", "x", f"{other[0]}", f"{other[0]}:-1", f"{other[0]}:99999999999", "a:1"):
        answer = send(ani, path, base | {"salinan": [wrong]})
        assert answer.status_code == 422, wrong
        assert "text/html" in answer.headers["content-type"]
    assert send(ani, path, base | {"salinan": [f"{uuid.uuid4()}:1"], "seen": "1"}).status_code in {409, 422}
    none = send(ani, f"/antrean/{lead[0]}/putusan", base | {"salinan": ["x:1"], "kelompok": "ya"})
    assert none.status_code == 200
    assert values(none.text, "salinan") == []
    assert state(world, lead[0]) == "new"


def test_an_old_post_is_told_and_the_first_verdict_is_not(world: World) -> None:
    old = (date.today() - timedelta(days=300)).isoformat()
    first = world.flagged(POST, [encoded(drawn(1))], act_date=old)
    second = world.flagged(POST, [encoded(drawn(1), 50)])
    ani, budi = add(world, "ani", "budi")
    assert "Mungkin unggahan lama" in page(budi, f"/antrean/{second[0]}")
    assert "Mungkin unggahan lama" not in page(budi, f"/antrean/{first[0]}")
    assert f"/media/flags/{second[0]}/images/0?blur=1&small=1" in page(budi, f"/antrean/{first[0]}")
    fields = {"verdict": "confirm", "confirm_reason": "campaign_text", "seen": str(second[1])}
    done = send(ani, f"/antrean/{second[0]}/putusan-kelompok", fields | {"salinan": [f"{first[0]}:{first[1]}"]})
    assert done.status_code == 303
    assert state(world, first[0]) == "decided_once"
    blind = page(budi, f"/antrean/{second[0]}")
    assert "Keadaan tampil setelah Anda memutus" in blind
    assert read(budi, second[0])["work"]["blind"]


def test_the_queue_counts_copies(world: World) -> None:
    group(world, 3)
    world.flagged()
    (ani,) = add(world, "ani")
    assert page(ani, "/antrean?keadaan=new").count(">+2<") == 3
    assert page(ani, "/antrean?keadaan=waiting").count(">+2<") == 1
