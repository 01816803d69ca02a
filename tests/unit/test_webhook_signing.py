"""Signatures of webhooks: the specification's own example, what a receiver refuses, rotation."""

from __future__ import annotations

import base64

import pytest

from app.webhooks.signing import PREFIX, WINDOW_SECONDS, Refused, Verifier, headers, is_secret, new_secret, sign

SECRET, ID, MOMENT, BODY = (
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "msg_p5jXN8AQM9LWM0D4loKWxJek",
    1614265330,
    b'{"test": 2432232314}',
)
EXAMPLE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
"""Published with the libraries of the specification."""


def verifier(now: float = MOMENT, secret: str = SECRET) -> Verifier:
    return Verifier(secret, clock=lambda: now)


def refusal(checking: Verifier, given: dict[str, str], body: bytes = BODY) -> str:
    with pytest.raises(Refused) as caught:
        checking.check(given, body)
    return str(caught.value)


def test_the_published_example() -> None:
    assert sign(SECRET, ID, MOMENT, BODY) == EXAMPLE
    given = {"webhook-id": ID, "webhook-timestamp": str(MOMENT), "webhook-signature": EXAMPLE}
    assert verifier().check(given, BODY) == ID


def test_secrets_are_those_of_the_specification() -> None:
    made = {new_secret() for _ in range(20)}
    assert len(made) == 20
    assert all(map(is_secret, made))
    assert all(len(base64.b64decode(one.removeprefix(PREFIX))) == 32 for one in made)
    assert not any(map(is_secret, ("", "whsec_", "whsec_***", SECRET.removeprefix(PREFIX), "whsec_c2hvcnQ=")))


def test_what_was_here_before_is_refused_and_a_later_try_is_not() -> None:
    now = [float(MOMENT)]
    checking = Verifier(SECRET, clock=lambda: now[0])
    first = headers([SECRET], ID, MOMENT, BODY)
    checking.check(first, BODY)
    assert refusal(checking, first) == "this request was here before"
    assert checking.check(headers([SECRET], ID, MOMENT + 5, BODY), BODY) == ID
    now[0] += WINDOW_SECONDS + 1
    assert refusal(checking, first) == "the time is outside the window"
    checking.check(headers([SECRET], "msg_other", MOMENT + WINDOW_SECONDS, BODY), BODY)
    assert len(checking._taken) == 2  # what the window refuses anyway is forgotten


@pytest.mark.parametrize("shift", [-WINDOW_SECONDS - 1, WINDOW_SECONDS + 1])
def test_an_old_or_future_time_is_refused(shift: int) -> None:
    given = headers([SECRET], ID, MOMENT + shift, BODY)
    assert refusal(verifier(), given) == "the time is outside the window"


def test_anything_changed_is_refused() -> None:
    good = headers([SECRET], ID, MOMENT, BODY)
    for name, value in (
        ("Webhook-Id", "msg_else"), ("Webhook-Timestamp", str(MOMENT + 1)), ("Webhook-Signature", "v1,AAAA"),
        ("Webhook-Signature", EXAMPLE.replace("v1,", "v1a,")), ("Webhook-Signature", "v1,\u00e9"),
    ):  # fmt: skip
        assert refusal(verifier(), good | {name: value}) == "no signature fits"
    assert refusal(verifier(), good, BODY + b" ") == "no signature fits"
    assert refusal(verifier(secret=new_secret()), good) == "no signature fits"


@pytest.mark.parametrize("change", [
    {"Webhook-Id": ""}, {"Webhook-Id": "a.b"}, {"Webhook-Timestamp": ""}, {"Webhook-Timestamp": "-5"},
    {"Webhook-Timestamp": "1e9"}, {"Webhook-Timestamp": "٣٤"}, {"Webhook-Timestamp": "9" * 40},
])  # fmt: skip
def test_malformed_headers_are_refused(change: dict[str, str]) -> None:
    given = headers([SECRET], ID, MOMENT, BODY) | change
    assert refusal(verifier(), given) == "a header is missing or malformed"


def test_during_a_rotation_both_secrets_sign() -> None:
    new = new_secret()
    given = headers([new, SECRET], ID, MOMENT, BODY)
    assert len(given["Webhook-Signature"].split()) == 2
    assert verifier(secret=new).check(given, BODY) == verifier(secret=SECRET).check(given, BODY) == ID
