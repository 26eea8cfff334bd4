"""A fresh installation on a server of its own, for the tools that look at one."""

import io
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.deployment import deploy
from deploy.progress import Progress
from sandbox.cluster import Cluster

# Files in memory, where the system has room for them: a database is copied there in a fifth of the
# time. A server with its copies takes far less than this.
MEMORY = Path("/dev/shm")  # noqa: S108
IN_MEMORY = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 4 << 30


@contextmanager
def server_folder(prefix: str) -> Iterator[Path]:
    """Make a folder for a server whose files need not outlive it; it is gone at the end."""
    with tempfile.TemporaryDirectory(prefix=prefix, dir=MEMORY if IN_MEMORY else None) as folder:
        # If we are root PostgreSQL runs as another user; the data folder itself stays closed.
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextmanager
def fresh_installation(
    bin_dir: Path | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Deploy to a new server and return a superuser's URL; the server is gone at the end.

    Args:
        bin_dir: The programs of another PostgreSQL than the embedded one.
        settings: Of the server, besides that nothing needs to outlive a crash.
    """
    with (
        server_folder("mana-tools-") as folder,
        Cluster(
            folder / "data", settings={"fsync": "off", **(settings or {})}, bin_dir=bin_dir
        ) as cluster,
    ):
        cluster.create_database("mana_credits")
        url = cluster.dsn("mana_credits")
        deploy(url, progress=Progress(io.StringIO()))
        yield url
