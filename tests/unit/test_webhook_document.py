"""docs/webhooks.md says what the code does: events, failures, waits, and an example that is a real message."""

from __future__ import annotations

import json
import re

from app.web.words import words
from app.webhooks.delivering import WAITS
from app.webhooks.kinds import CODES, Told
from app.webhooks.sending import KEPT_CHARACTERS
from tests.conftest import REPOSITORY

TEXT = (REPOSITORY / "docs" / "webhooks.md").read_text(encoding="utf-8")
UNITS = {"s": 1, "min": 60, "h": 3600}


def rows(head: str) -> list[str]:
    """The first cells of the table under this head."""
    table = TEXT.split(head)[1].split("\n\n")[0]
    return re.findall(r"^\| `([\w.]+)` \|", table, re.MULTILINE)


def test_the_events_are_those_of_the_code() -> None:
    assert rows("| event | told when |") == list(CODES)


def test_every_event_and_failure_has_words() -> None:
    for language in ("id", "en"):
        t = words(language)
        assert all(t(f"hook.kind.{code}") for code in (*CODES, "webhook.ping"))
        assert all(t(f"hook.failure.{code}") for code in rows("| `failure` in the log | what to look at |"))


def test_the_waits_are_those_of_the_code() -> None:
    told = TEXT.split("is tried again, after ")[1].split(", each")[0]
    found = [int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)\s(s|min|h)\b", told)]
    assert tuple(found) == WAITS
    assert f"{KEPT_CHARACTERS} characters" in TEXT


def test_the_example_is_a_message() -> None:
    example = re.search(r"```json\n(.*?)```", TEXT, re.DOTALL)
    assert example is not None
    shown = json.loads(example[1])
    data = shown["data"]
    told = Told(shown["type"], shown["number"], shown["timestamp"], data["object"], data["id"], data["contest"])
    assert json.loads(told.body("https://netra.contoh.id/")) == shown
