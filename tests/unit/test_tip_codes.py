"""Receipt codes and proofs of work: nothing mistyped passes, nothing forged, expired or unworked does."""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput
from app.tips.codes import ALPHABET, RANDOM, fingerprint, new_code, read_code, shown
from app.tips.proof import VALID, holds, issue, question, read, work

KEY, OTHER = b"k" * 32, b"o" * 32
MOMENT = datetime(2029, 11, 20, 8, 15, 30, tzinfo=UTC)
signs = st.text(st.sampled_from(ALPHABET), min_size=RANDOM, max_size=RANDOM)


def test_a_code_has_more_than_sixty_bits_in_signs_that_nobody_confuses() -> None:
    assert RANDOM * math.log2(len(ALPHABET)) > 60
    assert not set("01ILO") & set(ALPHABET)
    assert len({new_code() for _ in range(200)}) == 200


@given(signs)
def test_a_code_is_read_however_it_was_copied(chosen: str) -> None:
    code = shown(chosen)
    assert len(code) == 19
    for typed in (code, code.lower(), code.replace("-", " "), f" {code.replace('-', '')}\n"):
        assert read_code(typed) == code.replace("-", "")
    assert fingerprint(code) == hashlib.sha256(code.replace("-", "").encode()).hexdigest()


@given(signs, st.integers(0, RANDOM), st.sampled_from(ALPHABET))
def test_one_wrong_sign_shows(chosen: str, place: int, sign: str) -> None:
    code = shown(chosen).replace("-", "")
    wrong = code[:place] + sign + code[place + 1 :]
    if wrong != code:
        with pytest.raises(BadInput):
            read_code(wrong)


@given(signs, st.integers(0, RANDOM - 1))
def test_two_neighbours_that_changed_places_show(chosen: str, place: int) -> None:
    code = shown(chosen).replace("-", "")
    wrong = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if wrong != code:
        with pytest.raises(BadInput):
            read_code(wrong)


@pytest.mark.parametrize("typed", ["", "A", "7KQM-2WXB", "0" * 16, "é" * 16, "2" * 17, "\ud800" * 16, "2" * 1000])
def test_what_is_no_code(typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_code(typed)
    assert refused.value.field == "code"


@pytest.mark.parametrize("bits", [1, 7, 8, 9, 12])
def test_work_holds_for_its_own_challenge_alone(bits: int) -> None:
    one, two = issue(KEY, bits, MOMENT), issue(KEY, bits, MOMENT)
    assert one.id != two.id
    assert read(KEY, one.text, MOMENT + VALID - timedelta(seconds=1)) == one
    found = work(one)
    digest = hashlib.sha256(f"{one.text}:{found}".encode()).hexdigest()
    assert f"{int(digest, 16):0256b}"[:bits] == "0" * bits
    assert holds(one, found)
    lower = int(found) - 1
    assert lower < 0 or not holds(one, str(lower))


@pytest.mark.parametrize("proof", ["", "-1", "1.5", "x", "٣", "9" * 21, "\ud800"])
def test_what_is_no_proof(proof: str) -> None:
    assert not holds(issue(KEY, 1, MOMENT), proof)


def test_a_challenge_of_somebody_else_or_an_old_one_is_refused() -> None:
    made = issue(KEY, 12, MOMENT)
    easier = made.text.replace(".12.", ".1.")
    for text in ("", "a.b.c", easier, made.text + "x", made.text[:-1], "é" + made.text, "x" * 500):
        with pytest.raises(BadInput, match="/ Unknown"):
            read(KEY, text, MOMENT)
    with pytest.raises(BadInput, match="/ Unknown"):
        read(OTHER, made.text, MOMENT)
    with pytest.raises(BadInput, match="too long"):
        read(KEY, made.text, MOMENT + VALID)


def test_the_question_belongs_to_its_challenge() -> None:
    made = [issue(KEY, 1, MOMENT) for _ in range(60)]
    assert all(question(KEY, one) == question(KEY, one) for one in made)
    asked = {question(KEY, one) for one in made}
    assert len(asked) > 20
    assert all(2 <= number <= 9 for pair in asked for number in pair)
