"""What a webhook may be set to: where it leads, which events it is told, and of which contests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.contest_tables import ContestRow
from app.db.hook_tables import Webhook
from app.errors import BadInput
from app.settings import Settings
from app.text.storable import storable
from app.webhooks.addresses import allowed_by, target_of
from app.webhooks.kinds import CODES, OF_NO_CONTEST, Told

MOST_CONTESTS = 1000


def checked_address(settings: Settings, url: str) -> str:
    """The address as it is kept. Raises BadInput where it may not be called."""
    stripped = url.strip()
    target_of(stripped, allowed_by(settings.webhook_allow))
    return stripped


def checked_events(events: Iterable[str]) -> list[str]:
    """The events in the order of the list, each once. Raises BadInput for none and for unknown ones."""
    wanted = set(events)
    if not wanted or not wanted <= set(CODES):
        raise BadInput("Pilih peristiwa dari daftar / Choose events from the list: " + ", ".join(CODES), field="events")
    return [code for code in CODES if code in wanted]


def checked_contests(
    session: Session, contests: Iterable[str], events: Sequence[str], kept: Iterable[str]
) -> list[str]:
    """The contests to which a webhook is limited, sorted; none: all. One of `kept` may have been deleted meanwhile.

    Raises BadInput for an unknown contest, and where none of the events is ever about a contest."""
    wanted = {storable(one.strip()) for one in contests} - {""}
    known = {*session.scalars(select(ContestRow.id).where(ContestRow.id.in_(wanted))), *kept}
    if unknown := sorted(wanted - known):
        raise BadInput(f"Kontes ini tidak ada / There is no such contest: {unknown[0][:80]}", field="contests")
    if len(wanted) > MOST_CONTESTS:
        raise BadInput(f"Paling banyak {MOST_CONTESTS} kontes / At most {MOST_CONTESTS} contests", field="contests")
    if wanted and OF_NO_CONTEST.issuperset(events):
        raise BadInput(
            "Peristiwa yang dipilih tidak menyangkut kontes mana pun; jangan batasi kontesnya"
            " / The chosen events are about no contest: do not limit the contests",
            field="contests",
        )
    return sorted(wanted)


def is_for(hook: Webhook, told: Told) -> bool:
    """Whether a webhook is told this. One that is limited to contests is told nothing that is about none."""
    return told.kind in hook.events and (not hook.contests or told.contest in hook.contests)
