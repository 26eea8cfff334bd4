"""Times at which alerts fire, as Prometheus itself has it: with promtool, where there is one."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

RULES = Path(__file__).resolve().parents[2] / "deploy" / "prometheus" / "alerts.yml"

pytestmark = pytest.mark.skipif(shutil.which("promtool") is None, reason="there is no promtool")

UP = {'mana_credits_database_up{instance="a"}': "1x3000"}
AGE = "mana_credits_reconciliation_age_seconds"
FAILED = 'mana_credits_job_runs_total{{instance="{}",name="{}",outcome="failed"}}'
HOUR, DAY = 3600, 86400

Series = dict[str, str]


def fires(folder: Path, alert: str, series: Series, at: str = "6h") -> bool:
    """Return True if an alert fires on these series of a sample a minute."""
    told = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": text} for name, text in series.items()],
                "alert_rule_test": [{"eval_time": at, "alertname": alert, "exp_alerts": []}],
            }
        ],
    }
    file = folder / "test.yml"
    file.write_text(yaml.safe_dump(told), encoding="utf-8")
    done = subprocess.run(
        ["promtool", "test", "rules", file], capture_output=True, text=True, check=False
    )
    printed = done.stdout + done.stderr
    assert done.returncode == 0 or f'alertname="{alert}"' in printed, printed
    return done.returncode != 0


def always(value: float) -> str:
    return f"{value:.0f}x3000"


def every(minutes: int) -> str:
    """A counter that goes up by one every so many minutes, and not at first."""
    return f"0x{minutes - 1} " + " ".join(f"{n}x{minutes - 1}" for n in range(1, 60))


@pytest.mark.parametrize("scopes", [{"new": HOUR}, {"full": HOUR}, {"new": 9 * DAY, "full": HOUR}])
def test_books_found_clean_by_any_run_are_reconciled(
    tmp_path: Path, scopes: dict[str, float]
) -> None:
    series = {
        f'{AGE}{{instance="a",scope="{scope}"}}': always(age) for scope, age in scopes.items()
    }
    assert not fires(tmp_path, "ManaCreditsNotReconciled", series | UP)


def test_books_that_were_found_clean_long_ago_are_not_reconciled(tmp_path: Path) -> None:
    series = {
        f'{AGE}{{instance="a",scope="{scope}"}}': always(2 * DAY) for scope in ("new", "full")
    }
    assert fires(tmp_path, "ManaCreditsNotReconciled", series | UP)


def test_books_that_nobody_ever_reconciled_are_not_reconciled(tmp_path: Path) -> None:
    assert fires(tmp_path, "ManaCreditsNotReconciled", UP)


def test_books_that_were_long_not_read_in_full_are_told_of(tmp_path: Path) -> None:
    series = {f'{AGE}{{instance="a",scope="full"}}': always(36 * DAY)}
    assert fires(tmp_path, "ManaCreditsNotReconciledInFull", series)


@pytest.mark.parametrize("alert", ["ManaCreditsNotReconciled", "ManaCreditsFiguresOld"])
def test_figures_that_the_database_cannot_tell_are_no_alert_of_their_own(
    tmp_path: Path, alert: str
) -> None:
    assert not fires(tmp_path, alert, {'mana_credits_database_up{instance="a"}': always(0)})


@pytest.mark.parametrize(
    ("name", "age", "overdue"),
    [
        ("seal", HOUR, False),
        ("seal", 3 * HOUR, True),
        ("reconcile_stripe", DAY, False),
        ("reconcile_stripe", 3 * DAY, True),
    ],
)
def test_a_job_that_nobody_finishes_is_told_of(
    tmp_path: Path, name: str, age: float, overdue: bool
) -> None:
    series = {f'mana_credits_job_age_seconds{{instance="a",name="{name}"}}': always(age)}
    assert fires(tmp_path, "ManaCreditsJobOverdue", series) is overdue


def test_credits_that_were_never_measured_are_told_of(tmp_path: Path) -> None:
    assert fires(tmp_path, "ManaCreditsFiguresOld", UP)


@pytest.mark.parametrize("name", ["seal", "reconcile_stripe"])
def test_a_rare_job_that_always_fails_is_told_of_in_whichever_process(
    tmp_path: Path, name: str
) -> None:
    """Two processes take turns, each round a quarter of an hour and a look of half a minute."""
    series = {FAILED.format(instance, name): every(31) for instance in "ab"}
    assert fires(tmp_path, "ManaCreditsJobsFail", series)


@pytest.mark.parametrize("name", ["seal", "expire_gifts"])
def test_a_job_that_failed_once_is_no_alert(tmp_path: Path, name: str) -> None:
    series = {FAILED.format("a", name): "0x340 1x1000"}
    assert not fires(tmp_path, "ManaCreditsJobsFail", series)


def test_a_frequent_job_that_fails_is_told_of_within_a_quarter_of_an_hour(tmp_path: Path) -> None:
    series = {FAILED.format("a", "expire_gifts"): "0x60 0+2x200"}
    assert fires(tmp_path, "ManaCreditsJobsFail", series, at="75m")


def test_a_service_that_is_no_target_at_all_is_down(tmp_path: Path) -> None:
    assert fires(tmp_path, "ManaCreditsDown", {'up{job="another",instance="a"}': always(1)})


def test_a_service_that_answers_is_not_down(tmp_path: Path) -> None:
    assert not fires(
        tmp_path, "ManaCreditsDown", {'up{job="mana-credits",instance="a"}': always(1)}
    )


def test_failures_are_not_thinned_out_by_questions_after_health(tmp_path: Path) -> None:
    requests = 'mana_credits_requests_total{{instance="a",method="GET",route="{}",status="{}"}}'
    series = {
        requests.format("/health/ready", 200): "0+600x3000",
        requests.format("/api/v1/credits/balance", 200): "0+4x3000",
        requests.format("/api/v1/credits/balance", 500): "0+1x3000",
    }
    assert fires(tmp_path, "ManaCreditsErrors", series)


@pytest.mark.parametrize(
    ("alert", "code"),
    [
        ("ManaCreditsAuthAway", "auth_unavailable"),
        ("ManaCreditsPaymentsAway", "payments_unavailable"),
        ("ManaCreditsInternalErrors", "internal_error"),
    ],
)
def test_even_one_refusal_of_some_kinds_is_told_of(tmp_path: Path, alert: str, code: str) -> None:
    series = {f'mana_credits_refusals_total{{instance="a",code="{code}"}}': "0x60 1x1000"}
    assert fires(tmp_path, alert, series, at="68m")
