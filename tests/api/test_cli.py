"""`netra …`: settings, migrations, people, rosters, the chain, and what each says when it cannot."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.cli.roster import weaknesses
from app.db.engine import open_engine, session_factory
from app.db.event_tables import Event
from app.db.migrate import newest
from app.db.people_tables import ApiToken, User
from app.db.submission_tables import Submission
from app.settings import settings
from tests.api.command import Netra
from tests.api.world import plain
from tests.conftest import fresh_database
from tests.durability.conftest import submission

# -- settings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOG_LEVEL", "TRACE"),
        ("PORT", "seribu"),
        ("PORT", "70000"),
        ("EMBEDDED_WORKER", "mungkin"),
        ("MAX_IMAGES", "0"),
        ("DATABASE_URL", "mysql://netra@localhost/netra"),
        ("DATABASE_URL", "netra.db"),
    ],
)
def test_a_bad_setting_is_one_line_that_names_it(
    netra: Netra, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"NETRA_{name}", value)
    settings.cache_clear()
    result = netra("migrate")
    assert result.code == 2
    assert result.said.startswith("netra [settings]: Setelan tidak sah / Not a valid setting: ")
    assert f"NETRA_{name}: " in result.said
    assert "Traceback" not in result.said


def test_a_plain_postgresql_address_gets_the_driver_that_is_installed(
    netra: Netra, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETRA_DATABASE_URL", "postgresql://netra:rahasia@db/netra")
    settings.cache_clear()
    assert settings().sqlalchemy_url == "postgresql+psycopg://netra:rahasia@db/netra"


@pytest.mark.parametrize("level", ["debug", "Info", "WARNING"])
def test_a_level_of_logging_in_any_case(netra: Netra, monkeypatch: pytest.MonkeyPatch, level: str) -> None:
    monkeypatch.setenv("NETRA_LOG_LEVEL", level)
    settings.cache_clear()
    assert settings().log_level == level.upper()


def test_only_the_proxies_named_may_forward_addresses(netra: Netra, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, object] = {}
    monkeypatch.setattr("uvicorn.run", lambda _app, **options: given.update(options))
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")  # uvicorn's own variable is no setting of ours
    assert netra("migrate").code == 0
    assert netra("serve").code == 0
    assert given["forwarded_allow_ips"] == "127.0.0.1"
    monkeypatch.setenv("NETRA_TRUSTED_PROXIES", "172.18.0.1,10.0.0.0/8")
    settings.cache_clear()
    assert netra("serve").code == 0
    trusted = ProxyHeadersMiddleware(lambda: None, str(given["forwarded_allow_ips"])).trusted_hosts  # type: ignore[arg-type]
    assert [address in trusted for address in ("172.18.0.1", "10.3.4.5", "127.0.0.1")] == [True, True, False]


# -- retry ----------------------------------------------------------------------------------------------------------


def test_retry_queues_again_what_failed(netra: Netra, database: str) -> None:
    engine = open_engine(database)
    with session_factory(engine)() as session:
        ids = [submission(session, f"kiriman {number}") for number in range(4)]
        session.execute(update(Submission).where(Submission.id != ids[3]).values(state="failed", failure="OSError"))
        session.commit()
    assert netra("retry").code == 2
    assert netra("retry", ids[0], "--all").code == 2
    assert netra("retry", "satu").code == 2
    assert netra("retry", ids[3]).code == 2
    one = netra("retry", ids[0])
    assert (one.code, one.said) == (0, f"{ids[0]}: antre lagi / queued again")
    rest = netra("retry", "--all")
    assert (rest.code, sorted(re.findall(r"[0-9a-f-]{36}", rest.said))) == (0, sorted(map(str, ids[1:3])))
    assert (netra("retry", "--all").code, netra("retry", "--all").said) == (0, "")
    with session_factory(engine)() as session:
        rows = session.execute(select(Submission.id, Submission.state, Submission.attempt)).all()
        events = session.scalars(select(Event.object_id).where(Event.action == "submission.requeued")).all()
    engine.dispose()
    assert {(row.id, row.state, row.attempt) for row in rows} == {(one, "queued", 1 + (one != ids[3])) for one in ids}
    assert sorted(events) == sorted(map(str, ids[:3]))


# -- roster, people, tokens, the chain ------------------------------------------------------------------------------


def test_a_roster_is_imported_and_listed(netra: Netra, database: str, roster: Path) -> None:
    first = netra("roster", "import", roster)
    assert first.code == 0, first.said
    assert "muara-embun: 6 foto / photos" in first.said
    assert netra("roster", "import", roster).code == 0
    listed = netra("roster", "list")
    assert listed.code == 0
    assert re.search(r"muara-embun .* 2 .*Bagus Tirtamaya.* 6 ", listed.said)
    checked = netra("roster", "reembed", "--check")
    assert (checked.code, "semua cocok / all up to date" in checked.said) == (0, True)
    photos = netra("roster", "photos", "muara-embun")
    assert photos.code == 0
    assert "nomor urut" in photos.said
    (roster.parent / "nirmala-2.png").write_bytes(plain(size=(200, 200)))
    refused = netra("roster", "import", roster)
    assert refused.code == 2
    assert "nirmala-2.png" in refused.said
    (roster.parent / "nirmala-2.png").unlink()
    missing = netra("roster", "import", roster)
    assert missing.code == 2
    assert "Photo is missing: nirmala-2.png" in missing.said
    assert "muara-embun: 5 foto / photos" in missing.said


def test_what_is_weak_about_a_photo_is_worded_in_both_languages() -> None:
    said = weaknesses(["small", "blurred", "turned", "weak", "drawn"]).splitlines()
    assert said[:2] == ["kecil / small", "kabur / blurred"]
    assert len(said) == 5
    assert weaknesses([]) == "–"


def test_people_tokens_and_the_chain(netra: Netra, database: str) -> None:
    added = netra("user", "add", "sari", "--name", "Sari Dewi", "--role", "reviewer")
    assert added.code == 0
    assert re.search(r"password: \S{12,}", added.out)
    given = ["user", "add", "tono", "--name", "Tono", "--role", "monitor", "--password-stdin"]
    assert netra(*given, stdin="kata sandi panjang sekali\n").code == 0
    assert netra(*given, stdin="kata sandi panjang sekali\n").code == 2
    assert netra("user", "add", "x", "--name", "X", "--role", "raja").code == 2
    assert netra("user", "add", "budi", "--name", "Budi", "--role", "admin", "--password-stdin", stdin="a\n").code == 2
    listed = netra("user", "list").said
    assert "sari" in listed
    assert "tono" in listed
    made = netra("token", "create", "tono", "--name", "peramban", "--scope", "submit")
    assert made.code == 0
    assert re.fullmatch(r"ntr_\S{40,}\n", made.out)
    assert netra("token", "create", "tono", "--name", "x", "--scope", "review").code == 2
    assert netra("token", "create", "siapa", "--name", "x", "--scope", "submit").code == 2
    engine = open_engine(database)
    with session_factory(engine)() as session:
        token = session.query(ApiToken).one()
        assert made.out.strip() not in token.token_hash
        assert session.query(User).count() == 2
    assert str(token.id) in netra("token", "list").said
    turned = netra("token", "rotate", token.id, "--overlap-hours", "1")
    assert re.fullmatch(r"ntr_\S{40,}\n", turned.out)
    assert turned.out != made.out
    assert netra("token", "revoke", token.id).code == 0
    assert netra("token", "rotate", token.id).code == 2
    assert netra("token", "revoke", "x").code == 2
    assert netra("user", "password", "sari").code == 0
    assert netra("user", "deactivate", "sari").code == 0
    assert netra("user", "deactivate", "siapa").code == 2
    verified = netra("audit", "verify")
    assert (verified.code, "every hash holds" in verified.said) == (0, True)
    assert "user.create" in netra("audit", "list").said
    with session_factory(engine)() as session:
        session.query(Event).count()
        session.execute(text("UPDATE chain_head SET hash = '0'"))
        session.commit()
    engine.dispose()
    broken = netra("audit", "verify")
    assert broken.code == 1
    assert "breaks" in broken.said


def test_before_migrating_every_command_says_what_to_do(netra: Netra, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for command in (
        ["user", "list"],
        ["roster", "list"],
        ["audit", "verify"],
        ["token", "list"],
        ["worker"],
        ["serve"],
    ):
        result = netra(*command)
        assert result.code == 3, command
        assert "netra migrate" in result.said


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_migrate_makes_a_database_and_again_changes_nothing(
    request: pytest.FixtureRequest, netra: Netra, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    with fresh_database(request, kind, tmp_path) as url:
        if kind == "postgresql":
            engine = open_engine(url)
            with engine.begin() as connection:
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("DROP SCHEMA dbos CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
            engine.dispose()
            monkeypatch.setenv("NETRA_DATABASE_URL", url)
            settings.cache_clear()
        for _ in range(2):
            result = netra("migrate")
            assert result.code == 0, result.said
            assert f"revision {newest()}" in result.said
        assert netra("user", "list").code == 0
        assert netra("audit", "verify").code == 0
    if kind == "sqlite":
        assert (tmp_path / "data" / "netra.db").is_file()


def test_models_are_listed_with_licence_and_state(netra: Netra) -> None:
    result = netra("models", "list", "--no-speed")
    assert result.code == 0
    assert "mobilefacenet_192" in result.said
    assert "Apache-2.0" in result.said
    assert "ok" in result.said


def test_a_damaged_pack_is_not_ready(
    netra: Netra, tmp_path: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = tmp_path / "models"
    (copied / "default").mkdir(parents=True)
    shutil.copy(model_folder.parent / "manifest.toml", copied)
    for file in model_folder.glob("*.onnx"):
        (copied / "default" / file.name).symlink_to(file)
    (copied / "default" / "onet.onnx").unlink()
    (copied / "default" / "onet.onnx").write_bytes(b"rusak")
    monkeypatch.setenv("NETRA_MODELS_DIR", str(copied))
    settings.cache_clear()
    result = netra("models", "list", "--no-speed")
    assert result.code == 3
    assert "prepare_models" in result.said


def test_help_needs_nothing(netra: Netra) -> None:
    for command in ([], ["screen"], ["serve"], ["worker"], ["roster"], ["demo"], ["user"], ["token"], ["audit"]):
        result = netra(*command, "--help")
        assert result.code == 0, command
        assert "Usage" in result.said
