"""Output of pgbench and the HTTP load is read; a failure is never taken for a figure."""

import pytest

from bench import pgbench
from bench.errors import WrongAnswerError
from bench.load import runner

PGBENCH = """\
pgbench (18.6)
transaction type: use.pgb
scaling factor: 1
query mode: prepared
number of clients: 8
number of threads: 2
maximum number of tries: 1
duration: 1 s
number of transactions actually processed: 4321
number of failed transactions: 0 (0.000%)
latency average = 1.851 ms
initial connection time = 20.113 ms
tps = 4309.875432 (without initial connection time)
"""
LOAD = (
    'RESULT {"answers": 900, "refused": 0, "broken": 0, "seconds": 2.0,'
    ' "p50_ms": 7.5, "p99_ms": 20.0}'
)


def test_a_report_of_pgbench_is_read() -> None:
    done = pgbench.parse(PGBENCH)
    assert (done.transactions, done.rate, done.latency_ms) == (4321, 4309.875432, 1.851)


def test_the_rates_of_the_parts_of_a_run_are_read() -> None:
    progress = (
        "pgbench (18.6)\n"
        "progress: 10.0 s, 1690.5 tps, lat 4.720 ms stddev 1.200, 0 failed\n"
        "progress: 20.0 s, 540.0 tps, lat 14.810 ms stddev 2.100, 0 failed\n"
    )
    assert pgbench.parse(PGBENCH, progress).parts == (1690.5, 540.0)


def test_failed_transactions_are_no_figure() -> None:
    with pytest.raises(WrongAnswerError):
        pgbench.parse(PGBENCH.replace("transactions: 0 (0.000%)", "transactions: 3 (0.069%)"))


@pytest.mark.parametrize("line", ["actually processed", "failed", "latency", "tps"])
def test_a_report_of_pgbench_that_lacks_a_line_is_none(line: str) -> None:
    lacking = "\n".join(each for each in PGBENCH.splitlines() if line not in each)
    with pytest.raises(WrongAnswerError):
        pgbench.parse(lacking)


def test_a_script_that_fails_is_told_with_its_error() -> None:
    with pytest.raises(WrongAnswerError, match=r"nothing_of_the_kind"):
        pgbench.run(
            "nothing_of_the_kind",
            "postgresql://nobody:none@127.0.0.1:1/none",
            1,
            seconds=1,
            variables={},
        )


def test_what_a_load_did_is_read_past_what_else_it_says() -> None:
    done = runner.parse(f"Running 2s test\n  1 threads\n{LOAD}\n", unanswered=32)
    assert (done.answers, done.rate, done.p50_ms, done.p99_ms) == (900, 450, 7.5, 20)
    assert done.unanswered == 32


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('"refused": 0', '"refused": 1'),
        ('"broken": 0', '"broken": 1'),
        ('"answers": 900', '"answers": 0'),
        ("RESULT", "NOTHING"),
    ],
)
def test_a_load_that_was_not_answered_as_it_should_is_no_figure(right: str, wrong: str) -> None:
    with pytest.raises(WrongAnswerError):
        runner.parse(LOAD.replace(right, wrong))


def test_loads_at_the_same_time_add_up_and_the_worst_latency_counts() -> None:
    one = runner.LoadResult(100, 2.0, p50_ms=1, p99_ms=9, unanswered=4)
    other = runner.LoadResult(300, 1.0, p50_ms=2, p99_ms=8, unanswered=4)
    both = runner.together([one, other])
    assert (both.answers, both.rate, both.p50_ms, both.p99_ms) == (400, 200, 2, 9)
    assert both.unanswered == 8
