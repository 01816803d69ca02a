"""The two days of every post: when it happened and when it became known."""

from __future__ import annotations

from datetime import date

from app.errors import BadInput

EARLIEST = date(2000, 1, 1)


def check_dates(act: date, known: date, today: date) -> None:
    """Raise BadInput when a date lies in the future, or became known before it happened."""
    for field, day in (("act_date", act), ("known_date", known)):
        if day > today:
            raise BadInput("Tanggal ini belum terjadi / This date is in the future", field=field)
        if day < EARLIEST:
            raise BadInput(f"Tanggal sebelum {EARLIEST} / The date is before {EARLIEST}", field=field)
    if known < act:
        raise BadInput(
            "Tanggal diketahui mendahului tanggal kejadian / It became known before it happened", field="known_date"
        )
