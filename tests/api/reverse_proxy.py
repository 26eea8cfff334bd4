"""The nginx of deploy/nginx, in front of API processes of this machine."""

import os
import re
import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sandbox.processes import Child, clean_environment, log_tail
from sandbox.servers import free_port
from tests.api.live_api import wait_until

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
CONFIGURATION = Path(__file__).resolve().parents[2] / "deploy" / "nginx" / "mana-credits.conf"

needs_nginx = pytest.mark.skipif(
    NGINX is None, reason="there is no nginx here: apt-get install nginx-light"
)

# The frame that any nginx has around the configuration.
_AROUND = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
worker_processes 2;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {configuration}
}}
"""


@contextmanager
def nginx(ports: list[int]) -> Iterator[str]:
    """Serve API processes at these ports as the configuration says; yield the URL.

    It listens on this machine alone, without a certificate; nothing else of it is changed.
    """
    assert NGINX is not None
    port = free_port()
    with TemporaryDirectory(prefix="mana-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        file = folder / "nginx.conf"
        file.write_text(_AROUND.format(folder=folder, configuration=_configuration(port, ports)))
        log = folder / "nginx.log"
        process = Child([NGINX, "-c", str(file), "-p", name], log=log, env=clean_environment())

        def listens() -> bool:
            assert process.returncode is None, log_tail(log)
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        try:
            wait_until(listens)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.stop((signal.SIGTERM, 5.0))


def _configuration(port: int, ports: list[int]) -> str:
    text = CONFIGURATION.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^server \{\n    listen 80;.*?^\}\n", "", text, flags=re.DOTALL)
    text = re.sub(r"(?m)^ *(ssl_|listen \[::\]).*\n", "", text)
    text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    for written, actual in zip(("3061", "3062"), ports, strict=True):
        assert f"127.0.0.1:{written} " in text
        text = text.replace(f"127.0.0.1:{written} ", f"127.0.0.1:{actual} ")
    return text
