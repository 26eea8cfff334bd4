"""Debits where accounts are spread over a cluster, beside a plain database on the same server."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bench import pgbench
from bench.books import Books
from bench.cluster import PASSWORD, SERVICE, workplace
from bench.contests import Contest, Contestant, Results, Sample
from bench.errors import BenchError
from bench.plan import Plan
from bench.progress import Progress
from deploy.deployment import deploy
from deploy.progress import Progress as Deployment
from sandbox import spread

_SPREAD = "mana_credits_bench"
_PLAIN = "mana_credits_bench_plain"

OF_PLAIN = "a plain database"
OF_COORDINATOR = "the coordinator"
OF_HOLDER = "the right worker"

BATCH = 20
# The rows that a script writes, as the books name them, how many a call, and its clients.
_SCRIPTS = {
    "spread_use": ("debits", 1, (8, 32)),
    "spread_use_guild": ("pool debits", 1, (8,)),
    "spread_batch": ("debits", BATCH, (8,)),
}
# People of each worker, and as many pools of the same ids.
_ACCOUNTS = 100
_CREDITS = 1_000_000
_SETUP_SECONDS = 90.0
_START_SECONDS = 0.15

_PLACES = """
    select a.number, n.nodeport
    from generate_series(1, %s) a (number)
    cross join lateral (
        select get_shard_id_for_distribution_column('credits.accounts', a.number::text) as id
    ) s
    join pg_dist_placement p on p.shardid = s.id
    join pg_dist_node n on n.groupid = p.groupid and n.noderole = 'primary'
    order by a.number
"""
_FILL = (
    "select * from credits.grant_credits("
    "p_user_id => %(id)s, p_amount => 2 * %(credits)s, p_reason => 'bonus',"
    " p_reference_id => 'bench')",
    "select * from credits.init_guild_pool(p_organization_id => %(id)s)",
    "select * from credits.fund_guild_pool("
    "p_user_id => %(id)s, p_organization_id => %(id)s, p_amount => %(credits)s)",
)
_SETTINGS = ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers")


@dataclass(frozen=True, slots=True)
class Asked:
    """A database that is asked for debits of some accounts.

    Attributes:
        url: A superuser's.
        numbers: The ids of the accounts.
        books: Those of all that is asked with it.
    """

    url: str
    numbers: Sequence[int]
    books: Books

    @property
    def dsn(self) -> str:
        """The URL of a trusted service."""
        return make_conninfo(self.url, user=SERVICE, password=PASSWORD)


def measure(
    plan: Plan, urls: Sequence[str], folder: Path, progress: Progress
) -> tuple[Results, list[str]]:
    """Measure debits asked of a plain database, of the coordinator, and of the right worker.

    The plain one lies on the coordinator's server, so all have the settings of the cluster.

    Args:
        plan: How many rounds there are, and how long they take.
        urls: Superusers' URLs of all nodes, the coordinator's first.
        folder: For scripts.
        progress: Told each step.

    Returns:
        Every sample; what they were measured on, and their ratios, in words.

    Raises:
        WrongAnswerError: An answer was wrong, or the books are off.
        BenchError: No cluster is named.
    """
    if len(urls) < 2:
        raise BenchError("name a cluster, its coordinator and workers, after it or by CITUS_URLS")
    results = Results()
    progress.expect(_SETUP_SECONDS)
    with workplace(folder), ExitStack() as stack:
        stack.callback(spread.drop, urls, _SPREAD)
        stack.callback(spread.drop, urls[:1], _PLAIN)
        progress.step("a plain database and a spread one", _SETUP_SECONDS)
        asked = _prepare(urls)
        notes = _circumstances(asked)
        contests = list(_contests(plan, asked, folder))
        progress.expect(sum(contest.seconds(plan) for contest in contests))
        all_books = [asked[name][0].books for name in (OF_PLAIN, OF_COORDINATOR)]
        for books in all_books:
            books.open()
        for contest in contests:
            results.run(contest, plan, progress)
        for books in all_books:
            books.check()
    return results, [*notes, *_ratios(contests, results)]


def _prepare(urls: Sequence[str]) -> Mapping[str, Sequence[Asked]]:
    """Make both databases, with the same accounts; return who is asked for which."""
    plain, coordinator = (make_conninfo(urls[0], dbname=name) for name in (_PLAIN, _SPREAD))
    spread.create(urls, _SPREAD)
    spread.drop(urls[:1], _PLAIN)
    spread.execute(
        urls[0],
        f"create database {_PLAIN} template template0 encoding 'UTF8'",
        f"alter database {_PLAIN} set synchronous_commit = on",
    )
    deploy(plain, progress=Deployment(io.StringIO()))
    _make_login(coordinator)
    places = _places(coordinator, len(urls) - 1)
    everybody = list(chain.from_iterable(places.values()))
    _fill(plain, everybody)
    books = Books(coordinator, peers=False)
    workers = {
        int(str(conninfo_to_dict(url)["port"])): make_conninfo(url, dbname=_SPREAD)
        for url in urls[1:]
    }
    for port, numbers in places.items():
        _fill(workers[port], numbers)
    return {
        OF_PLAIN: [Asked(plain, everybody, Books(plain, peers=False))],
        OF_COORDINATOR: [Asked(coordinator, everybody, books)],
        OF_HOLDER: [Asked(workers[port], numbers, books) for port, numbers in places.items()],
    }


def _make_login(coordinator: str) -> None:
    """Make the login of a service; the cluster takes it to its other nodes."""
    with psycopg.connect(coordinator, autocommit=True) as owner:
        known = owner.execute("select from pg_roles where rolname = %s", [SERVICE]).fetchone()
        login = sql.SQL("{} role {} login password {}").format(
            sql.SQL("create" if known is None else "alter"),
            sql.Identifier(SERVICE),
            sql.Literal(PASSWORD),
        )
        owner.execute(login)
        owner.execute(sql.SQL("grant credits_service to {}").format(sql.Identifier(SERVICE)))


def _places(coordinator: str, workers: int) -> Mapping[int, Sequence[int]]:
    """Return so many accounts for each worker, by its port."""
    found: dict[int, list[int]] = defaultdict(list)
    with psycopg.connect(coordinator) as owner:
        for number, port in owner.execute(_PLACES, [4 * workers * _ACCOUNTS]).fetchall():
            if len(found[port]) < _ACCOUNTS:
                found[port].append(number)
    return found


def _fill(url: str, numbers: Sequence[int]) -> None:
    """Give people credits, and as many to the pools of the same ids."""
    with psycopg.connect(url, autocommit=True) as owner:
        for number in numbers:
            for call in _FILL:
                owner.execute(call, {"id": str(number), "credits": _CREDITS})


def _contests(plan: Plan, asked: Mapping[str, Sequence[Asked]], folder: Path) -> Iterator[Contest]:
    everybody = asked[OF_COORDINATOR][0].numbers
    for script, (_, _, all_clients) in _SCRIPTS.items():
        for clients in all_clients:
            yield Contest(
                f"{script}, {clients} clients",
                [
                    _contestant(plan, name, script, clients, parts, everybody, folder)
                    for name, parts in asked.items()
                ],
            )


def _contestant(
    plan: Plan,
    name: str,
    script: str,
    clients: int,
    parts: Sequence[Asked],
    members: Sequence[int],
    folder: Path,
) -> Contestant:
    """Measure a script with so many clients, divided among those who are asked at once."""
    paths = [
        _script(folder / f"{script}-{name}-{number}.pgb".replace(" ", "-"), script, part, members)
        for number, part in enumerate(parts)
    ]
    shares = [clients // len(parts) + (n < clients % len(parts)) for n in range(len(parts))]

    def run() -> Sample:
        return _run(plan, script, list(zip(parts, paths, shares, strict=True)))

    return Contestant(name, run, plan.sql_seconds + _START_SECONDS, run)


def _run(plan: Plan, script: str, parts: Sequence[tuple[Asked, Path, int]]) -> Sample:
    what, each, _ = _SCRIPTS[script]

    def one(part: tuple[Asked, Path, int]) -> float:
        asked, path, clients = part
        done = pgbench.run(
            path,
            asked.dsn,
            clients,
            seconds=plan.sql_seconds,
            calls=plan.calls,
            variables={"accounts": "{" + ",".join(map(str, asked.numbers)) + "}"},
        )
        asked.books.acknowledged[what] += done.transactions * each
        return done.rate * each

    with ThreadPoolExecutor(len(parts)) as executor:
        return Sample(rate=sum(executor.map(one, parts)))


def _script(path: Path, script: str, asked: Asked, members: Sequence[int]) -> Path:
    """Write a script that begins with the choice of an account and of a member of its pool."""
    text = (pgbench.SCRIPTS / f"{script}.pgb").read_text(encoding="utf-8")
    chosen = [
        f"\\set at random(0, {len(numbers) - 1})\n\\set {name} {_chosen(numbers)}\n"
        for name, numbers in (("account", asked.numbers), ("member", members))
    ]
    path.write_text("".join([*chosen, text]), encoding="utf-8")
    return path


def _chosen(numbers: Sequence[int], first: int = 0) -> str:
    """Return an expression of pgbench that is the number at `:at`, by halves."""
    if len(numbers) == 1:
        return str(numbers[0])
    half = len(numbers) // 2
    lower, upper = _chosen(numbers[:half], first), _chosen(numbers[half:], first + half)
    return f"(case when :at < {first + half} then {lower} else {upper} end)"


def _circumstances(asked: Mapping[str, Sequence[Asked]]) -> list[str]:
    with psycopg.connect(asked[OF_COORDINATOR][0].url) as owner:
        rows = owner.execute(
            "select name, setting || coalesce(unit, '') from pg_settings where name = any (%s)",
            [list(_SETTINGS)],
        ).fetchall()
    return [
        f"a coordinator and {len(asked[OF_HOLDER])} workers, {_ACCOUNTS} accounts on each; "
        "the plain database is on the coordinator's server",
        ", ".join(f"{name} = {value}" for name, value in rows),
    ]


def _ratios(contests: Sequence[Contest], results: Results) -> Iterator[str]:
    for contest in contests:
        for name in (OF_COORDINATOR, OF_HOLDER):
            found = results.ratio((contest.name, name), (contest.name, OF_PLAIN))
            yield f"{contest.name}, {name} : {OF_PLAIN}: {found}"
