"""The contests over HTTP: the API as in production, its processes loaded by another one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import cpu, sql
from bench.cluster import API_PROCESSES
from bench.contests import Contest, Contestant, Sample
from bench.load import runner
from bench.load.requests import write
from bench.plan import Plan
from bench.routes import Route, routes
from bench.servers import Server, serving
from bench.sql import Target
from sandbox.cluster import Cluster
from sandbox.issuer import Issuer

LAYER = "bench_layer"
LIMIT = "limit statement"
WITHOUT_DATABASE = ", the layer alone"

_SERVICE_KEY = "bench-service-key"
_START_SECONDS = 0.1

# All routes but the hot ones, which are the same to a layer without a database.
_LAYER_ROUTES = 5
_HOST = "127.0.0.1"


def seconds(plan: Plan) -> float:
    """The time that a run of a load takes, about."""
    return plan.http_seconds + _START_SECONDS


@dataclass(frozen=True, slots=True)
class Web:
    """API processes that run, and what is asked of them.

    Attributes:
        plan: The extent of the run.
        folder: For the files of requests.
        main: The database behind `servers`.
        servers: API processes on it.
        layer: An API process on a database whose functions answer constants.
        postmaster: Process id of PostgreSQL.
        routes: The requests.
    """

    plan: Plan
    folder: Path
    main: Target
    servers: Sequence[Server]
    layer: Server
    postmaster: int
    routes: Sequence[Route]

    def verify(self) -> None:
        """Look at whole answers of each route of each process.

        Raises:
            WrongAnswerError: One is not what it should be.
        """
        for route in self.routes:
            for server in self.servers:
                self.main.books.acknowledged[route.writes] += route.verify(server.port)
            route.verify(self.layer.port)

    def contests(self) -> Iterator[Contest]:
        """Contests of one process with more and more connections, then of two processes."""
        plan = self.plan
        beside_limit = plan.connections[len(plan.connections) // 2]
        for connections in plan.connections:
            contestants = [self._contestant(route, 1, connections) for route in self.routes]
            if connections == beside_limit:
                limit = sql.limit_contestant(plan, self.main, connections)
                contestants.insert(0, Contestant(LIMIT, limit.run, limit.seconds))
                contestants += [
                    self._layer_contestant(route, connections)
                    for route in self.routes[: _LAYER_ROUTES if plan.whole_layer else 2]
                ]
            yield Contest(name_of(1, connections), contestants)
        if len(self.servers) > 1:
            yield Contest(
                name_of(len(self.servers), beside_limit),
                [self._contestant(route, len(self.servers), beside_limit) for route in self.routes],
            )

    def _contestant(self, route: Route, processes: int, connections: int) -> Contestant:
        servers = self.servers[:processes]

        def run() -> Sample:
            done, sample = self._load(route, servers, connections)
            if route.writes:
                self.main.books.acknowledged[route.writes] += done.answers
                self.main.books.unanswered[route.writes] += done.unanswered
            return sample

        return Contestant(route.name, run, seconds(self.plan))

    def _layer_contestant(self, route: Route, connections: int) -> Contestant:
        def run() -> Sample:
            return self._load(route, [self.layer], connections)[1]

        return Contestant(route.name + WITHOUT_DATABASE, run, seconds(self.plan))

    def _load(
        self, route: Route, servers: Sequence[Server], connections: int
    ) -> tuple[runner.LoadResult, Sample]:
        file = self.folder / "requests"
        write(route.requests, _HOST, file)
        api = cpu.seconds_of(server.pid for server in servers)
        postgres = cpu.seconds_of_tree(self.postmaster)
        done = runner.run(
            file, [server.port for server in servers], connections, self.plan.http_seconds
        )
        sample = Sample(
            rate=done.rate,
            p50_ms=done.p50_ms,
            p99_ms=done.p99_ms,
            cpu_api=_share(api, cpu.seconds_of(server.pid for server in servers), done.seconds),
            cpu_postgres=_share(postgres, cpu.seconds_of_tree(self.postmaster), done.seconds),
        )
        return done, sample


@contextlib.contextmanager
def running(plan: Plan, cluster: Cluster, folder: Path, main: Target, name: str) -> Iterator[Web]:
    """Start the stand-in of mana-auth and the API processes until the block ends."""
    issuer = Issuer(_SERVICE_KEY)
    with contextlib.ExitStack() as stack:
        stack.enter_context(issuer.serve())
        known = routes(plan, issuer)
        databases = [name] * (API_PROCESSES if plan.two_processes else 1)
        servers = [
            stack.enter_context(serving(cluster, each, issuer, folder / f"api-{number}.log"))
            for number, each in enumerate([*databases, LAYER])
        ]
        *ours, layer = servers
        yield Web(plan, folder, main, ours, layer, cluster.pid, known)


def name_of(processes: int, connections: int) -> str:
    """Return what a contest is called."""
    noun = "process" if processes == 1 else "processes"
    return f"HTTP, {processes} {noun}, {connections} connections"


def _share(before: float | None, after: float | None, took: float) -> float | None:
    return None if before is None or after is None else (after - before) / took
