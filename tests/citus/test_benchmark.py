"""The benchmark on a cluster, as small as it gets: all three are asked, and the books close."""

import json
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.spread import OF_COORDINATOR, OF_HOLDER, OF_PLAIN
from tests.citus.conftest import URLS


@pytest.mark.skipif(not URLS, reason="CITUS_URLS does not name a cluster")
def test_a_run_asks_a_plain_database_the_coordinator_and_the_right_worker(tmp_path: Path) -> None:
    folders = ["--folder", str(tmp_path / "scripts"), "--results", str(tmp_path)]
    assert main(["--plan", "tiny", *folders, "--cluster", *URLS]) == 0
    saved = json.loads((tmp_path / "cluster.json").read_text())
    asked = {tuple(contestants) for contestants in saved["samples"].values()}
    assert asked == {(OF_PLAIN, OF_COORDINATOR, OF_HOLDER)}
    assert len([note for note in saved["notes"] if OF_PLAIN in note]) > len(saved["samples"])
