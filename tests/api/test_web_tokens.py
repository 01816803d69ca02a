"""The page of a person's own tokens, without scripts."""

from __future__ import annotations

import re
from datetime import timedelta

from app.db.base import now
from app.db.people_tables import ApiToken
from tests.api.world import World

HTML = {"Accept": "text/html"}


def test_a_monitor_makes_changes_and_revokes_a_token(sqlite_world: World) -> None:
    monitor = sqlite_world.browser("monitor")
    page = monitor.get("/token", headers=HTML).text
    assert "Belum ada token" in page
    assert 'value="submit" checked' in page
    assert 'value="review"' not in page  # not of this role
    made = monitor.post("/token", data={"name": "Ekstensi", "scopes": ["submit", "read-own"], "days": "90"})
    found = re.search(r'<output id="secret">(ntr_[^<]+)</output>', made.text)
    assert found is not None
    assert found[1] not in monitor.get("/token", headers=HTML).text
    program = sqlite_world.nobody()
    program.headers["Authorization"] = f"Bearer {found[1]}"
    assert program.get("/api/v1/session").json()["login"] == "monitor"
    with sqlite_world.services.sessions() as session:
        token = session.query(ApiToken).filter(ApiToken.name == "Ekstensi").one()
    turned = monitor.post(f"/token/{token.id}/ganti", data={"overlap_hours": "24"})
    assert "Rahasia lama masih berlaku sampai" in turned.text
    assert program.get("/api/v1/session").status_code == 200
    assert sqlite_world.browser("reviewer").post(f"/token/{token.id}/cabut").status_code == 404
    assert monitor.post(f"/token/{token.id}/cabut").headers["location"] == "/token"
    assert program.get("/api/v1/session").status_code == 401
    assert "Dicabut" in monitor.get("/token", headers=HTML).text


def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_kept(sqlite_world: World) -> None:
    monitor = sqlite_world.browser("monitor")
    for days in ("", "x", "0", "91", "9" * 6):
        answer = monitor.post("/token", data={"name": "Ekstensi kantor", "scopes": ["submit"], "days": days})
        assert answer.status_code == 422, days
        assert 'value="Ekstensi kantor"' in answer.text
        assert 'id="t-days" name="days" inputmode="numeric" required maxlength="6"' in answer.text
        assert 'aria-invalid="true"' in answer.text
    assert monitor.post("/token", data={"name": "x", "days": "3"}).status_code == 422


def test_its_owner_is_warned_before_a_token_ends_and_when_nobody_uses_it(sqlite_world: World) -> None:
    moment = now()
    sqlite_world.program("monitor", "submit")
    with sqlite_world.services.sessions() as session:
        token = session.query(ApiToken).one()
        token.expires_at = moment + timedelta(days=3, hours=1)
        token.last_used_at = moment - timedelta(days=45)
        session.commit()
    text = sqlite_world.browser("monitor").get("/token", headers=HTML).text
    assert "Berakhir dalam 3 hari" in text
    assert "Tidak dipakai sejak 45 hari" in text
    assert "Berakhir dalam 3 hari" in sqlite_world.browser("admin").get("/pengguna", headers=HTML).text
