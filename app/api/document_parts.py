"""What the OpenAPI says of all operations alike: tags, problems with an example each, headers."""

from __future__ import annotations

from typing import Any

from app.api.etags import CHANGED, Changed
from app.api.problems import BUSY, DETAILS, FULL, MEDIA_TYPE, RETRY_SECONDS, Malformed, Problem
from app.errors import (
    AppError,
    BadInput,
    Conflict,
    NotAllowed,
    NotFound,
    NotReady,
    NotSignedIn,
    StorageFull,
    TooLarge,
    TooMany,
)

Json = dict[str, Any]
TAGS = {
    "session": "Signing in and out with a password, and who one is. Programs use tokens instead.",
    "submissions": "Handing in posts and following what becomes of them.",
    "flags": "Items of the queue: a flag is informasi awal for people to examine, never a verdict.",
    "work": "Who works on which item: claims, assignments, questions, escalation, objections, closing.",
    "copies": "Items that show the same, and one decision for several of them.",
    "circumstances": "What is stated of a post and corrected with a reason; looking again; other lanes.",
    "fairness": "Declarations of interest, risk classes of regions, known cases.",
    "roster": "Elections, contests, pairs, registered photos, the calendar of stages.",
    "statistics": "Figures with their intervals.",
    "rules": "Versions of the rules, and trained scores of texts: drafts, differences, publication.",
    "works": "Long work: started, followed, ended, applied.",
    "retention": "Legal holds, and the records of what was destroyed.",
    "settings": "What an office changes while Netra runs.",
    "users": "People who sign in.",
    "tokens": "Tokens of programs.",
    "tips": "Informasi awal from the public, and what an officer makes of it.",
    "webhooks": "Who is told by a signed request when something happens, and the log of what was sent.",
    "system": "Whether it runs, how much waits, the chain of events.",
}
INSTANCE = "urn:netra:request:79b45fe8cbfe48f1b9d11a8ca4cc2593"
EXAMPLES: tuple[AppError, ...] = (
    Malformed(DETAILS[400]),
    NotSignedIn("Token tidak dikenal, kedaluwarsa, atau dicabut / Token unknown, expired or revoked"),
    NotAllowed(
        "Peran atau token ini tidak boleh: flag.decide / This role or token may not: flag.decide", act="flag.decide"
    ),
    NotFound("Butir ini tidak ada / There is no such item"),
    Conflict(
        "Rekan sudah bertindak atas butir ini; muat ulang / A colleague has acted on this item already: reload",
        last_event=51,
    ),
    Changed(CHANGED),
    TooLarge("Permintaan lebih dari 1.048.576 bita / The request is larger than 1,048,576 bytes", limit=1_048_576),
    BadInput("Tanggal ini belum terjadi / This date is in the future", field="act_date"),
    TooMany("Terlalu banyak permintaan, coba lagi nanti / Too many requests, try again later", retry_after=12),
    NotReady(BUSY, retry_after=RETRY_SECONDS),
    StorageFull(FULL),
)
"""One per status that an operation may answer with."""
NAMES = {error.status: error.type.title().replace("-", "") for error in EXAMPLES}
TEXT = {"type": "string"}
HEADERS: Json = {
    "ETag": {"description": "Strong: the digest of this answer", "required": True, "schema": TEXT},
    "Location": {"description": "Where the new thing is", "required": True, "schema": TEXT},
    "Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer", "minimum": 0}},
    "WWW-Authenticate": {"description": "How to sign in", "required": True, "schema": {"const": "Bearer"}},
}
IF_NONE_MATCH: Json = {
    "name": "If-None-Match", "in": "header", "required": False,
    "description": "ETags that the caller has: 304 without a body where one still holds",
    "schema": TEXT,
}  # fmt: skip
OF_STATUS = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}
NOT_MODIFIED: Json = {"description": "Not Modified", "headers": {"ETag": {"$ref": "#/components/headers/ETag"}}}


def name_of(status: int | str) -> str:
    """The name of a problem among the responses: NotFound."""
    return NAMES[int(status)]


def components() -> Json:
    """Schemas of problems, responses with their example, headers, the parameter of conditional reads."""
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {
        "schemas": problem.pop("$defs", {}) | {"Problem": problem},
        "responses": {name_of(error.status): _response(error) for error in EXAMPLES},
        "headers": HEADERS,
        "parameters": {"IfNoneMatch": IF_NONE_MATCH},
    }


def _response(error: AppError) -> Json:
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": error.problem() | {"instance": INSTANCE}}
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in OF_STATUS.get(error.status, ())}
    response = {"description": error.title, "content": {MEDIA_TYPE: content}}
    return response | ({"headers": headers} if headers else {})
