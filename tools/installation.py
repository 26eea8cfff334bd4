"""A fresh installation on a server of its own, for the tools that look at one."""

import io
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.deployment import deploy
from deploy.progress import Progress
from sandbox.cluster import Cluster


@contextmanager
def fresh_installation(
    bin_dir: Path | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Deploy to a new server and return a superuser's URL; the server is gone at the end.

    Args:
        bin_dir: The programs of another PostgreSQL than the embedded one.
        settings: Of the server, besides that nothing needs to outlive a crash.
    """
    with tempfile.TemporaryDirectory(prefix="mana-tools-") as folder:
        # If we are root PostgreSQL runs as another user; the data folder itself stays closed.
        Path(folder).chmod(0o755)
        data = Path(folder) / "data"
        with Cluster(
            data, settings={"fsync": "off", **(settings or {})}, bin_dir=bin_dir
        ) as cluster:
            cluster.create_database("mana_credits")
            url = cluster.dsn("mana_credits")
            deploy(url, progress=Progress(io.StringIO()))
            yield url
