"""`netra webhook`: a receiver from the command line, and the check of a message that a receiver has kept."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from app.webhooks.signing import headers, is_secret, new_secret
from tests.api.command import Netra

BODY = b'{"type":"flag.raised","number":3}'


def test_a_webhook_from_the_command_line(netra: Netra) -> None:
    assert netra("migrate").code == 0
    made = netra("webhook", "add", "Rujukan", "https://1.1.1.1/netra", "--event", "flag.raised", "--event", "work.done")
    assert made.code == 0, made.said
    assert is_secret(made.out.strip())
    assert "Rujukan" in netra("webhook", "list").out
    for wrong in (("--event", "lain"), ("--event", "flag.raised", "--contest", "tidak-ada")):
        refused = netra("webhook", "add", "Dua", "https://1.1.1.1/", *wrong)
        assert refused.code == 2
    assert "[contests]" in refused.said
    assert "[url]" in netra("webhook", "add", "Dua", "https://10.0.0.1/", "--event", "flag.raised").said


@pytest.mark.parametrize(
    ("change", "option", "said"),
    [
        ({}, (), "msg_1: tanda tangan cocok"),
        ({"age": 4000}, ("--at-any-time",), "msg_1: tanda tangan cocok"),
        ({"age": 4000}, (), "outside the window"),
        ({"body": BODY + b" "}, (), "no signature fits"),
        ({"secret": "whsec_pendek"}, (), "[secret-file]"),
    ],
)
def test_a_message_that_was_kept_is_checked(
    netra: Netra, tmp_path: Path, change: dict[str, object], option: tuple[str, ...], said: str
) -> None:
    facts = {"age": 0, "body": BODY, "secret": new_secret()}
    sent = headers([str(facts["secret"])], "msg_1", int(time.time()) - int(str(change.get("age", 0))), BODY)
    facts |= change
    written = {
        "body": facts["body"],
        "secret": f"{facts['secret']}\n".encode(),
        "headers": "".join(["POST / HTTP/1.1\r\n", *(f"{n.lower()}: {v}\r\n" for n, v in sent.items())]).encode(),
    }
    for name, content in written.items():
        (tmp_path / name).write_bytes(content)  # type: ignore[arg-type]
    result = netra("webhook", "verify", "body", "--headers", "headers", "--secret-file", "secret", *option)
    assert said in result.said
    assert result.code == (0 if "cocok" in said else 2)


def test_a_file_that_is_not_there(netra: Netra) -> None:
    assert netra("webhook", "verify", "x", "--headers", "y", "--secret-file", "z").code == 2
