"""What tests use again instead of making it anew: databases of PostgreSQL, compiled statements, routes, sights."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections import defaultdict
from collections.abc import Callable, MutableMapping
from typing import Any

import numpy as np
import psycopg
from fastapi import FastAPI
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import SQLAlchemyError

from app.imaging.decode import Picture
from app.imaging.pyramid import Pyramid
from app.screening.models import Models
from app.screening.pipeline import Stopwatch, observe
from app.vision.observations import Observations

SNAPSHOT = r"""
DROP SCHEMA IF EXISTS asal CASCADE;
CREATE SCHEMA asal;
CREATE FUNCTION asal.tables() RETURNS SETOF regclass LANGUAGE sql AS $$
    SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname <> 'asal' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
$$;
CREATE FUNCTION asal.kept(t regclass) RETURNS text LANGUAGE sql AS $$ SELECT 'asal.' || quote_ident(t::text) $$;
CREATE FUNCTION asal.shape() RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', (SELECT sum(oid::bigint * (1 + relnatts)) FROM pg_class WHERE oid >= 16384),
        (SELECT sum(oid::bigint * ascii(tgenabled::text)) FROM pg_trigger),
        (SELECT sum(oid::bigint) FROM pg_constraint),
        (SELECT sum(oid::bigint) FROM pg_proc WHERE oid >= 16384))
$$;
CREATE FUNCTION asal.restore() RETURNS void LANGUAGE plpgsql AS $$
DECLARE t regclass; s record;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR t IN SELECT * FROM asal.tables() LOOP
        IF pg_relation_size(t) > 262144 THEN EXECUTE 'TRUNCATE ' || t || ' CASCADE';
        ELSIF pg_relation_size(t) > 0 THEN EXECUTE 'DELETE FROM ' || t;
        END IF;
    END LOOP;
    FOR t IN SELECT * FROM asal.tables() LOOP
        IF to_regclass(asal.kept(t)) IS NOT NULL THEN
            EXECUTE format('INSERT INTO %s TABLE %s', t, asal.kept(t));
        END IF;
    END LOOP;
    FOR s IN SELECT * FROM asal.sequences LOOP PERFORM setval(s.name, s.value, s.used); END LOOP;
END $$;
DO $$
DECLARE t regclass; s record; filled boolean;
BEGIN
    CREATE TABLE asal.sequences (name text, value bigint, used boolean);
    FOR s IN SELECT format('%I.%I', schemaname, sequencename) AS name, start_value, last_value FROM pg_sequences LOOP
        INSERT INTO asal.sequences VALUES (s.name, coalesce(s.last_value, s.start_value), s.last_value IS NOT NULL);
    END LOOP;
    FOR t IN SELECT * FROM asal.tables() LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', t) INTO filled;
        IF filled THEN EXECUTE format('CREATE TABLE %s AS TABLE %s', asal.kept(t), t); END IF;
    END LOOP;
END $$;
"""
OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
numbers = itertools.count(1)


class Databases:
    """Copies of a template, each used by one test at a time; `given_back`, a copy becomes again what it was."""

    def __init__(self, pattern: str, template: str) -> None:
        """`pattern` is the cluster's URL without a name; the template keeps what a copy is restored from."""
        self._pattern = pattern
        self._template = template
        self._free: list[str] = []
        with self._open(template) as connection:
            connection.execute(SNAPSHOT)
            self._shape = connection.execute("SELECT asal.shape()").fetchone()
        self._server = self._open("postgres")

    def _open(self, name: str) -> psycopg.Connection:
        url = self._pattern.format(name=name).replace("+psycopg", "")
        return psycopg.connect(url, autocommit=True, options="-c client_min_messages=warning")

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of one database."""
        return self._pattern.format(name=name)

    def taken(self) -> str:
        """The name of a database that nobody uses."""
        if self._free:
            return self._free.pop()
        name = f"netra_{os.getpid()}_{next(numbers)}"
        self._server.execute(f"CREATE DATABASE {name} TEMPLATE {self._template}".encode())
        return name

    def given_back(self, name: str) -> None:
        """End what is still connected and restore every row; a database with other tables than before is dropped."""
        self._server.execute(OTHERS, [name])
        try:
            connection = self._open(name)
            with connection:
                if connection.execute("SELECT asal.shape()").fetchone() == self._shape:
                    connection.execute("SELECT asal.restore()")
                    self._free.append(name)
                    return
        except psycopg.Error:
            pass
        self._server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    def close(self) -> None:
        """End the connection to the server."""
        self._server.close()


class Memory:
    """One dialect and one store of compiled statements for all engines of a kind: most tests say the same things."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._dialects: dict[str, Dialect] = {}
        self._compiled: dict[str, MutableMapping[Any, Any]] = defaultdict(dict)

    def create_engine(self, *arguments: Any, **options: Any) -> Engine:
        """SQLAlchemy's create_engine."""
        engine = create_engine(*arguments, **options)
        kind = engine.dialect.name
        if kind not in self._dialects:
            try:
                with engine.connect():  # the dialect asks the server once what it can do
                    self._dialects[kind] = engine.dialect
            except SQLAlchemyError:
                return engine
            engine.dispose()
        engine.dialect = self._dialects[kind]
        engine.update_execution_options(compiled_cache=self._compiled[kind])
        return engine


class Sights:
    """What was seen in a picture by the same models: looking is pure, and it takes most of the time of screening."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._seen: dict[tuple[Any, ...], tuple[Models, Observations]] = {}

    def observe(self, picture: Picture, pyramid: Pyramid, models: Models, watch: Stopwatch) -> Observations:
        """The pipeline's `observe`."""
        shown = hashlib.sha256(np.ascontiguousarray(picture.pixels)).digest()
        parts = models.detector, models.embedder, models.hands, models.reader, models.thresholds
        key = (shown, picture.pixels.shape, picture.width, picture.height, picture.scale, *map(id, parts))
        if key not in self._seen:
            self._seen[key] = models, observe(picture, pyramid, models, watch)
        return self._seen[key][1]


def with_known_routes(build: Callable[..., FastAPI]) -> Callable[..., FastAPI]:
    """`build`, whose applications share the routes and the OpenAPI of the first: FastAPI reads every signature at the
    first request, and no setting changes either."""
    first: list[FastAPI] = []

    def built(*arguments: Any) -> FastAPI:
        app = build(*arguments)
        if first:
            app.router.routes[:] = first[0].router.routes
            app.openapi = first[0].openapi  # type: ignore[method-assign]
        first[:] = first or [app]
        return app

    return built
