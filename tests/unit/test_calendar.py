"""The calendar: real dates of 2024, a region that moved its stages, and a repeat vote."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.election.calendar import numbers_drawn, stage_codes, stage_on, standard_offsets, track
from app.election.contest import Candidate, Contest, Paslon

PAIRS = (Paslon("p1", 1, (Candidate("c1", "Arman Dipasena"),)), Paslon("p2", 2, (Candidate("c2", "Bagus Tirtamaya"),)))


def contest(kind: str = "pilkada", voting: date = date(2024, 11, 27), **changes: object) -> Contest:
    values = {"id": "c", "name": "Contoh", "region_code": "99.01", "region_name": "Muara Embun", "paslon": PAIRS}
    return Contest(**{**values, "voting_day": voting, "kind": kind, **changes})


@pytest.mark.parametrize(
    ("day", "stage", "lane"),
    [
        (date(2024, 6, 14), "pra_pencalonan", "kode_etik"),
        (date(2024, 8, 24), "pengumuman_pendaftaran", "kode_etik"),
        (date(2024, 8, 27), "pendaftaran", "kode_etik"),
        (date(2024, 8, 29), "pendaftaran", "kode_etik"),
        (date(2024, 8, 30), "penelitian_syarat", "kode_etik"),
        (date(2024, 9, 21), "penelitian_syarat", "kode_etik"),
        (date(2024, 9, 22), "penetapan_paslon", "disiplin"),
        (date(2024, 9, 23), "pengundian_nomor_urut", "disiplin"),
        (date(2024, 9, 24), "pra_kampanye", "disiplin"),
        (date(2024, 9, 25), "kampanye", "disiplin"),
        (date(2024, 11, 23), "kampanye", "disiplin"),
        (date(2024, 11, 24), "masa_tenang", "disiplin"),
        (date(2024, 11, 27), "pemungutan_suara", "disiplin"),
        (date(2024, 12, 16), "hitung_rekap", "disiplin"),
        (date(2024, 12, 17), "pasca", "disiplin"),
    ],
)
def test_the_pilkada_of_2024(day: date, stage: str, lane: str) -> None:
    found = stage_on(contest(), day)
    assert (found.code, track(found)) == (stage, lane)
    assert found.holds_on(day)


@pytest.mark.parametrize(
    ("day", "stage", "lane"),
    [
        (date(2023, 10, 19), "pendaftaran", "kode_etik"),
        (date(2023, 11, 12), "penelitian_syarat", "kode_etik"),
        (date(2023, 11, 13), "penetapan_paslon", "disiplin"),
        (date(2023, 11, 14), "pengundian_nomor_urut", "disiplin"),
        (date(2023, 11, 28), "kampanye", "disiplin"),
        (date(2024, 2, 11), "masa_tenang", "disiplin"),
        (date(2024, 3, 20), "hitung_rekap", "disiplin"),
    ],
)
def test_the_presidential_election_of_2024_has_its_own_calendar(day: date, stage: str, lane: str) -> None:
    found = stage_on(contest("pemilu", date(2024, 2, 14)), day)
    assert (found.code, track(found)) == (stage, lane)


def test_numbers_mean_something_from_the_drawing_on() -> None:
    assert not numbers_drawn(contest(), date(2024, 9, 22))
    assert numbers_drawn(contest(), date(2024, 9, 23))
    undrawn = tuple(Paslon(pair.id, None, pair.candidates) for pair in PAIRS)
    assert not numbers_drawn(contest(paslon=undrawn), date(2024, 10, 1))


def test_a_moved_confirmation_moves_the_lane_and_fills_the_gap() -> None:
    moved = contest(
        stage_overrides=(
            ("penetapan_paslon", date(2024, 9, 28), date(2024, 9, 28)),
            ("pengundian_nomor_urut", date(2024, 9, 29), date(2024, 9, 29)),
            ("pra_kampanye", date(2024, 9, 30), date(2024, 9, 30)),
            ("kampanye", date(2024, 10, 1), date(2024, 11, 23)),
        )
    )
    gap = stage_on(moved, date(2024, 9, 25))
    assert (gap.code, gap.candidate_status, gap.last) == ("penelitian_syarat", "bakal_calon", date(2024, 9, 27))
    assert not numbers_drawn(moved, date(2024, 9, 28))
    assert numbers_drawn(moved, date(2024, 9, 29))
    assert stage_on(moved, date(2024, 10, 1)).code == "kampanye"


def test_a_repeat_vote_opens_stages_again_and_keeps_the_first_ones() -> None:
    repeat = contest(
        stage_overrides=(
            ("masa_tenang", date(2025, 4, 16), date(2025, 4, 18)),
            ("pemungutan_suara", date(2025, 4, 19), date(2025, 4, 19)),
        )
    )
    for day, code in (
        (date(2024, 11, 25), "masa_tenang"),
        (date(2024, 11, 27), "pemungutan_suara"),
        (date(2025, 4, 15), "pasca"),
        (date(2025, 4, 17), "masa_tenang"),
        (date(2025, 4, 19), "pemungutan_suara"),
        (date(2025, 4, 20), "pasca"),
    ):
        assert stage_on(repeat, day).code == code
        assert track(stage_on(repeat, day)) == "disiplin"


def test_a_calendar_that_begins_or_ends_late_still_names_a_stage() -> None:
    closed = contest(
        stage_overrides=(
            ("pra_pencalonan", date(2024, 6, 1), date(2024, 8, 23)),
            ("pasca", date(2024, 11, 20), date(2025, 1, 31)),
        )
    )
    assert stage_on(closed, date(2023, 1, 1)).code == "pra_pencalonan"
    assert stage_on(closed, date(2026, 1, 1)).code == "pasca"


@given(st.integers(-400, 400), st.sampled_from(["pilkada", "pemilu"]), st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_every_day_has_a_stage_that_holds_on_it(offset: int, kind: str, voting: date) -> None:
    day = voting + timedelta(days=offset)
    found = stage_on(contest(kind, voting), day)
    assert found.holds_on(day)
    assert found.code in stage_codes(kind)


@pytest.mark.parametrize("kind", ["pilkada", "pemilu"])
def test_the_standard_calendars_leave_no_gap(kind: str) -> None:
    ends = [-1000]
    for offset in standard_offsets(kind):
        assert offset.from_day is None or offset.from_day <= max(ends) + 1
        ends.append(1000 if offset.to_day is None else offset.to_day)
