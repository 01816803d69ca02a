"""The office's pages without scripts: settings."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from app.operating import SPECS
from tests.api.world import World

WHY = "Ditetapkan dalam rapat kantor"
HTML = {"Accept": "text/html"}


def page(client: TestClient, path: str = "/setelan") -> str:
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


def save(client: TestClient, name: str, value: str, reason: str = WHY, **more: str) -> tuple[int, str]:
    form = {"name": name, "value": value, "reason": reason} | more
    answer = client.post("/setelan", data=form, headers=HTML)
    return answer.status_code, answer.text


def test_every_value_has_its_words_and_its_form(common_world: World) -> None:
    for language in ("id", "en"):
        client = common_world.browser("coordinator")
        client.cookies.set("bahasa", language)
        text = page(client)
        for spec in SPECS:
            assert f'id="{spec.name}"' in text
            assert text.count(f'name="name" value="{spec.name}"') == 1
        assert "NETRA_MAX_IMAGE_BYTES" in text
        assert "NETRA_SECRET_KEY" not in text


@pytest.mark.parametrize("role", ["monitor", "reviewer", "auditor"])
def test_others_read_without_forms(common_world: World, role: str) -> None:
    client = common_world.browser(role)
    assert "<textarea" not in page(client)
    assert save(client, "claim_minutes", "11")[0] == 403


def test_a_share_is_typed_in_per_cent_and_with_a_comma(world: World) -> None:
    client = world.browser("coordinator")
    answer = client.post("/setelan", data={"name": "second_look_share", "value": "12,5", "reason": WHY, "seen": "0"})
    assert (answer.status_code, answer.headers["location"]) == (
        303, "/setelan?ubah=second_look_share#second_look_share",
    )  # fmt: skip
    assert world.services.operating.now().second_look_share == 0.125
    text = page(client, "/setelan?ubah=second_look_share")
    assert "12,5 %" in text
    assert WHY in text
    assert save(client, "second_look_share", "", bawaan="ya", seen="12.5")[0] == 303
    assert world.services.operating.now().second_look_share == 0.0


def test_holidays_are_typed_one_per_line(world: World) -> None:
    client = world.browser("admin")
    assert save(client, "public_holidays", "2029-12-25\r\n2029-08-17, 2030-01-01")[0] == 303
    assert "17 Agu 2029, 25 Des 2029, 1 Jan 2030" in page(client)
    assert "2029-08-17\n2029-12-25\n2030-01-01</textarea>" in page(client)


@pytest.mark.parametrize(
    ("name", "value", "reason", "said"),
    [
        ("claim_minutes", "abc", WHY, "Tulis sebuah angka"),
        ("claim_minutes", "nan", WHY, "Tulis angka"),
        ("claim_minutes", "500", WHY, "1 – 240"),
        ("keep_dismissed_days", "1,5", WHY, "bilangan bulat"),
        ("public_holidays", "besok", WHY, "2029-12-25"),
        ("claim_minutes", "20", "", "paling sedikit 10"),
        ("rahasia", "1", WHY, "tidak ada"),
    ],
)
def test_refused_values_stay_in_their_form(tidy_world: World, name: str, value: str, reason: str, said: str) -> None:
    status, text = save(tidy_world.browser("coordinator"), name, value, reason)
    assert status == 422
    assert said in text
    if name != "rahasia":
        assert f'value="{value}"' in text or f">{value}</textarea>" in text
        (opened,) = re.findall(r'<details class="more" open><summary>[^<]*<span class="vh"> ([^<]*)', text)
        assert opened


def test_a_stale_form_is_refused(world: World) -> None:
    assert save(world.browser("admin"), "claim_minutes", "20", seen="10")[0] == 303
    status, text = save(world.browser("coordinator"), "claim_minutes", "30", seen="10")
    assert status == 409
    assert "Rekan sudah mengubah" in text
    assert world.services.operating.now().claim_minutes == 20
