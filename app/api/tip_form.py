"""The door for tips: what is checked before a body is read, and the form that anybody may send."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request

from app.api.deps import ServicesDep
from app.api.multipart import Part, Reader, to_upload
from app.api.parts import parsing
from app.auth import limits
from app.db.base import now
from app.errors import AppError, BadInput
from app.intake.room import require_room
from app.intake.upload import Upload
from app.operating import Values
from app.screening.service import Services
from app.sealing import signing_key
from app.tips import proof
from app.tips.proof import Challenge
from app.tips.receive import MOST_PICTURES, require_open, require_share, require_unspent

TOLD = ("text", "url", "contest", "region", "platform", "act_date")
"""What a tip says of the post, named as in any upload."""
SEEN = "seen"
CONTROLS = ("tantangan", "jawaban", "situs")
"""Of the page's form: challenge, the answer to its question, and a field that people do not see."""
TRIES = 6
"""So many requests per tip: forms with a mistake in them are sent again."""
PLAIN_SHARE = 3
"""Without a proof of work an address may send a third as many."""
STATUS_PER_MINUTE = 20
TIP_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": [SEEN],
    "properties": {
        "images": {
            "type": "array",
            "items": {"type": "string", "format": "binary"},
            "description": f"JPEG, PNG or WebP, up to {MOST_PICTURES}",
        },
        **{name: {"type": "string"} for name in (*TOLD, SEEN)},
        "act_date": {"anyOf": [{"type": "string", "format": "date"}, {"const": ""}]},
    },
}


@dataclass(frozen=True, slots=True)
class Gate:
    """Who stands at the door: the address in memory only, and the values that apply now."""

    address: str
    values: Values


def signing(services: Services) -> bytes:
    """The key with which challenges are signed."""
    return signing_key(services.settings, "tip challenge")


def gate(request: Request, services: ServicesDep) -> Gate:
    """Let in who may try: the office takes tips, queue and disk have room, and this address has tries left in this
    hour."""
    values = services.operating.now()
    require_open(values)
    require_room(services, None)
    address = limits.network(request.client.host if request.client else "")
    limits.spend_hourly("tip-try", values.tips_per_hour * TRIES, address)
    return Gate(address, values)


GateDep = Annotated[Gate, Depends(gate)]


def admit(services: Services, door: Gate, challenge: Challenge, *, worked: bool) -> None:
    """Let one tip in: its challenge was not spent, the day and this address have room. Raises Conflict or TooMany."""
    with services.sessions() as session:
        require_unspent(session, challenge)
        require_share(session, door.values, worked=worked)
    limits.spend_hourly(*_share(door, worked=worked))


def _share(door: Gate, *, worked: bool) -> tuple[str, int, str]:
    per_hour = door.values.tips_per_hour
    return ("tip", per_hour, door.address) if worked else ("tip-plain", max(1, per_hour // PLAIN_SHARE), door.address)


def proven(
    services: ServicesDep,
    door: GateDep,
    challenge: Annotated[str, Header(alias="Netra-Challenge", max_length=200)] = "",
    worked: Annotated[str, Header(alias="Netra-Proof", max_length=40)] = "",
) -> Challenge:
    """The challenge of a program that has done its work: known before anything of the body is read."""
    found = _worked(services, challenge, worked)
    admit(services, door, found, worked=True)
    return found


ProvenDep = Annotated[Challenge, Depends(proven)]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the page's form before its body: the challenge whose work is done, if the address says so, or
    why nothing can be taken."""

    challenge: Challenge | None = None
    refusal: AppError | None = None


def known(
    services: ServicesDep,
    door: GateDep,
    tantangan: Annotated[str, Query(max_length=200)] = "",
    bukti: Annotated[str, Query(max_length=40)] = "",
) -> Known:
    """Look at all that needs no body. Scripts put challenge and proof into the form's address; without them there is
    the question, whose answer is in the body. A refusal waits for the words of the form, so that they can be shown
    again, but its pictures are passed over."""
    try:
        challenge = _worked(services, tantangan, bukti) if bukti else None
        with services.sessions() as session:
            if challenge is not None:
                require_unspent(session, challenge)
            require_share(session, door.values, worked=challenge is not None)
        limits.require_hourly(*_share(door, worked=challenge is not None))
    except AppError as error:
        return Known(refusal=error)
    return Known(challenge)


def _worked(services: Services, challenge: str, number: str) -> Challenge:
    found = proof.read(signing(services), challenge, now())
    if not proof.holds(found, number):
        raise BadInput("Bukti kerja tidak cocok / The proof of work does not hold", field="proof")
    return found


KnownDep = Annotated[Known, Depends(known)]


@dataclass(frozen=True, slots=True)
class TipForm:
    """The form: its texts as they came, and what it says of the post, or the reason why it cannot be read."""

    texts: dict[str, str]
    outcome: Upload | AppError

    def text(self, name: str) -> str:
        """A field, empty where it was not sent."""
        return self.texts.get(name, "")


def _form(parts: list[Part], error: AppError | None) -> TipForm:
    texts = {part.name: part.value.decode("utf-8", "replace") for part in parts if part.file is None}
    try:
        outcome = error or to_upload([part for part in parts if part.file is not None or part.name in TOLD])
    except BadInput as refused:
        outcome = refused
    return TipForm(texts, outcome)


async def read_tip(request: Request, services: ServicesDep, _challenge: ProvenDep) -> AsyncIterator[TipForm]:
    """The tip of a program. Raises BadInput or TooLarge."""
    reader = Reader(settings=services.settings, fields=(*TOLD, SEEN), most=MOST_PICTURES)
    async with parsing(request, reader):
        form = _form(reader.parts, None)
        if isinstance(form.outcome, AppError):
            raise form.outcome
        yield form


async def read_tip_form(request: Request, services: ServicesDep, looked: KnownDep) -> AsyncIterator[TipForm]:
    """The form of the page, also when a part of it is refused. Raises BadInput when it cannot be read at all."""
    fields = (*TOLD, SEEN, *CONTROLS)
    reader = Reader(settings=services.settings, patient=True, fields=fields, most=MOST_PICTURES, error=looked.refusal,
                    without_pictures=looked.refusal is not None)  # fmt: skip
    async with parsing(request, reader):
        yield _form(reader.parts, reader.error)


def spend_status(request: Request, services: ServicesDep) -> None:
    """Count one question about a receipt code."""
    require_open(services.operating.now())
    address = limits.network(request.client.host if request.client else "")
    limits.spend("tip-status", STATUS_PER_MINUTE, address)


TipDep = Annotated[TipForm, Depends(read_tip)]
TipFormDep = Annotated[TipForm, Depends(read_tip_form)]
STATUS = Depends(spend_status)
