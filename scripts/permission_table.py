"""Writes docs/permissions.md, who may call every route, from the application itself; `--check` compares only.

python scripts/permission_table.py [--check]
"""

from __future__ import annotations

import sys
from pathlib import Path

from made_document import write_or_check

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from app.api.deps import PUBLIC, SIGNED_IN, route_acts  # noqa: E402
from app.auth.principal import PERMISSIONS, ROLE_SCOPES, ROLES, SCOPES  # noqa: E402
from app.main import create_app  # noqa: E402
from app.settings import Settings  # noqa: E402

DOCUMENT = REPOSITORY / "docs" / "permissions.md"
HEAD = """# Who may do what

Made from the application by `python scripts/permission_table.py`; a test compares it. Every route states one act;
the table of acts is `PERMISSIONS` in `app/auth/principal.py`. A person needs the role. A token needs one of the
scopes, and its owner the role; where no scope stands, only people may. Other methods at these addresses are answered
with 405. What an act opens may be narrower for one item: one's own submissions, claims, four eyes, declarations of
interest.
"""


def render() -> str:
    """The whole document."""
    app = create_app(Settings(_env_file=None, embedded_worker=False))  # type: ignore[call-arg]
    routes = [(path, method, str(act)) for (method, path), act in route_acts(app).items()]
    lines = [
        HEAD,
        "## Acts",
        "",
        f"| act | {' | '.join(ROLES)} | scopes of tokens |",
        f"|---|{'---|' * len(ROLES)}---|",
    ]
    for act, (roles, scopes) in PERMISSIONS.items():
        ticks = " | ".join("yes" if role in roles else "" for role in ROLES)
        lines.append(f"| `{act}` | {ticks} | {', '.join(s for s in SCOPES if s in scopes) or 'none; people only'} |")
    lines += ["", "## Scopes that a token may carry, by the role of its owner", "", "| role | scopes |", "|---|---|"]
    lines += [f"| {role} | {', '.join(s for s in SCOPES if s in ROLE_SCOPES[role])} |" for role in ROLES]
    lines += ["", "## Routes", "", f"`{PUBLIC}`: anybody, also without signing in; so are `/static/…` and"]
    lines += [
        f"`/api/openapi.json`. `{SIGNED_IN}`: every person, every token.",
        "",
        "| address | method | act |",
        "|---|---|---|",
    ]
    lines += [f"| `{path}` | {method} | `{act}` |" for path, method, act in sorted(routes)]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(write_or_check(DOCUMENT, render, __doc__))
