"""Which methods an address answers to: all of them, where the router names only those of the first route it found."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path

Served = list[tuple[re.Pattern[str], frozenset[str]]]


def allowed(app: FastAPI, path: str) -> str:
    """The Allow header of this address."""
    served: Served | None = getattr(app.state, "served", None)
    if served is None:
        served = app.state.served = list(_served(app))
    methods = {method for pattern, some in served if pattern.match(path) for method in some}
    return ", ".join(sorted(methods))


def _served(app: FastAPI) -> Iterator[tuple[re.Pattern[str], frozenset[str]]]:
    for route in iter_route_contexts(app.routes):
        if route.methods:
            yield compile_path(str(route.path))[0], frozenset(route.methods)
