"""What the item page shows of the sum adds up, digit by digit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.i18n import translator
from app.rules.wording import label_of
from app.web.sums import adding_up, parts_of
from app.web.words import Words


@given(st.lists(st.floats(-6, 6), min_size=1, max_size=12))
def test_rounded_parts_add_up_to_the_rounded_sum(values: list[float]) -> None:
    shown, total = adding_up(values, 2)
    assert round(sum(round(part * 100) for part in shown)) == round(total * 100)
    assert abs(total - sum(values)) <= 0.0051
    assert all(abs(part - value) < 0.0101 for part, value in zip(shown, values, strict=True))


def test_findings_of_one_kind_are_one_row_and_other_pairs_are_left_out() -> None:
    def signal(code: str, weight: float, counts: bool = True) -> dict:
        return {"code": code, "weight": weight, "counts": counts}

    found = [signal("NAMA", 0.26), signal("GESTURE", 2.0), signal("NAMA", 0.13), signal("GESTURE", 2.0, counts=False)]
    sums = parts_of({"bias": -3.5, "signals": [*found, signal("BERIMBANG", -2.0)]}, Words(translator("id", "console")))
    names = [row["name"] for row in sums["rows"]]
    assert names[1:] == [label_of("GESTURE", "id"), label_of("BERIMBANG", "id"), f"{label_of('NAMA', 'id')} (2×)"]
    assert [row["value"] for row in sums["rows"]] == ["−3,50", "+2,00", "−2,00", "+0,39"]
    assert sums["total"] == "−3,11"
