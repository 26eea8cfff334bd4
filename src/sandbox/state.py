"""State that a local stack keeps between two runs: its ports and its secrets."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

from sandbox.secret_files import write_secret
from sandbox.servers import free_port, port_is_free


class State:
    """A small file of mode 0600. A broken one counts as empty."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._ports: dict[str, int] = {}
        self._secrets: dict[str, str] = {}
        try:
            content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            self._ports = dict(content["ports"])
            self._secrets = dict(content["secrets"])
        except (OSError, ValueError, KeyError, TypeError):
            return

    def port(self, name: str) -> int:
        """Return the port of the last run if it is still free, else another one."""
        port = self._ports.get(name, 0)
        if not port or not port_is_free(port):
            port = free_port()
        self._ports[name] = port
        self._save()
        return port

    def secret(self, name: str, prefix: str = "") -> str:
        """Return the secret of a name, a random one the first time."""
        if name not in self._secrets:
            self._secrets[name] = prefix + secrets.token_hex(16)
            self._save()
        return self._secrets[name]

    def _save(self) -> None:
        write_secret(self._file, json.dumps({"ports": self._ports, "secrets": self._secrets}))
