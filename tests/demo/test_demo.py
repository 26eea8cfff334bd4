"""`make demo`: the whole day, once."""

import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="module")
def told(pictures: Path) -> str:
    """The output of a day that goes as its story has it, with clean books in the end."""
    command = [sys.executable, "-m", "demo", "--pictures", str(pictures)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_tells_each_scene_in_its_order(told: str) -> None:
    scenes = re.findall(r"^\[ ?(\d+)/(\d+)\] (\d\d:\d\d)", told, re.MULTILINE)
    count = int(scenes[0][1])
    assert [int(number) for number, _, _ in scenes] == list(range(1, count + 1))
    moments = [moment for _, _, moment in scenes]
    assert moments == sorted(moments)


def test_shows_the_refusals_that_people_will_meet(told: str) -> None:
    codes = re.findall(r'→ 4\d\d \{"code": "(\w+)"', " ".join(told.split()))
    assert codes == [
        "spending_limit_exceeded",
        "gift_already_claimed",
        "amount_exceeds_reservation",
        "insufficient_credits",
        "account_frozen",
        "price_changed",
    ]


def test_loses_no_credit(told: str) -> None:
    found = re.search(r"The books: (.*)\n += (.*);", told)
    assert found
    came, went = ([Decimal(n) for n in re.findall(r"\d[\d.]*", side)] for side in found.groups())
    assert (len(came), len(went)) == (4, 4)
    assert sum(came) == sum(went)
    assert min(came + went) > 0


def test_ends_with_a_reconciliation_in_which_every_check_is_clean(told: str) -> None:
    checks = re.findall(r"^(\w+) +(\w+) +[\d.]+ s$", told, re.MULTILINE)
    assert "credits_not_conserved" in dict(checks)
    assert {result for _, result in checks} == {"clean"}


@pytest.mark.parametrize("name", ["balances", "spending"])
def test_draws_pictures(told: str, pictures: Path, name: str) -> None:
    assert told
    with Image.open(pictures / f"{name}.png") as picture:
        assert picture.width > picture.height > 500
        colors = {color for _, color in picture.convert("RGB").getcolors(1 << 20) or []}
    # The lines of Ben and Cleo.
    assert {(213, 94, 0), (0, 158, 115)} <= colors


def test_the_service_knows_nothing_of_it() -> None:
    program = "import sys, api.app; print(*{name.split('.')[0] for name in sys.modules})"
    command = [sys.executable, "-c", program]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "api" in loaded
    assert not {"demo", "sandbox", "matplotlib"} & set(loaded)
