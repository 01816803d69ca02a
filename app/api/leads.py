"""Which answers lead to which other operations: the links of the OpenAPI, for programs that walk it."""

from __future__ import annotations

import re
from typing import Any

Json = dict[str, Any]
OWN = "/api/v1/session/"
"""What somebody has of their own: no other address leads there, and these lead nowhere else."""
ID, FIRST = "$response.body#/id", "$response.body#/items/0/id"
LEADS: dict[str, dict[str, str]] = {
    "create_submission": {"submission_id": ID},
    "list_submissions": {"submission_id": FIRST},
    "list_flags": {"flag_id": FIRST},
    "claim_next_flag": {"flag_id": ID},
    "appeal_flag": {"flag_id": "$request.path.flag_id", "event_id": "$response.body#/event"},
    "declare_conflict": {"user_id": "$response.body#/user", "contest_id": "$response.body#/contest"},
    "create_user": {"user_id": ID},
    "list_users": {"user_id": FIRST},
    "create_token": {"token_id": ID},
    "list_tokens": {"token_id": FIRST},
    "create_own_token": {"token_id": ID},
    "list_own_tokens": {"token_id": FIRST},
    "save_election": {"election_id": ID},
    "list_elections": {"election_id": FIRST},
    "save_contest": {"contest_id": ID},
    "list_contests": {"contest_id": FIRST},
    "save_paslon": {"paslon_id": ID},
    "enrol_photo": {"photo_id": ID},
    "start_rescreen": {"work_id": ID},
    "start_reembedding": {"work_id": ID},
    "apply_rescreen": {"work_id": ID},
    "list_works": {"work_id": FIRST},
    "draft_rules": {"version_id": ID},
    "list_rule_versions": {"version_id": FIRST},
    "draft_text_model": {"model_id": ID},
    "list_text_models": {"model_id": FIRST},
    "create_webhook": {"webhook_id": ID},
    "list_webhooks": {"webhook_id": FIRST},
    "ping_webhook": {"webhook_id": "$request.path.webhook_id", "delivery_id": ID},
    "list_deliveries": {"webhook_id": "$request.path.webhook_id", "delivery_id": FIRST},
    "list_destructions": {"run_id": FIRST},
    "list_tips": {"tip_id": FIRST},
}
"""Operation -> the path parameters that its answer fills, each with the runtime expression that finds the value."""


def lead_on(paths: Json) -> None:
    """Write the links into the good answers of the operations above: one to each operation that takes exactly these
    parameters in its address."""
    takers: dict[tuple[bool, frozenset[str]], list[str]] = {}
    sources: dict[str, tuple[bool, Json]] = {}
    for path, item in paths.items():
        own = path.startswith(OWN)
        for operation in item.values():
            takers.setdefault((own, frozenset(re.findall(r"\{(\w+)\}", path))), []).append(operation["operationId"])
            sources[operation["operationId"]] = own, operation
    for source, filled in LEADS.items():
        if source not in sources:
            continue  # an application of some routers only
        own, operation = sources[source]
        answers = operation["responses"]
        good = next(status for status in answers if status.startswith("2"))
        answers[good]["links"] = {
            target: {"operationId": target, "parameters": filled} for target in takers[own, frozenset(filled)]
        }
