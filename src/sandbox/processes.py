"""Child processes that never outlive this one.

A child gets its own session, so that Ctrl-C in a terminal reaches only us and we decide in which
order things stop. Where `setpriv` knows how (Linux), the kernel also signals the child when we
are killed without a chance to clean up.
"""

from __future__ import annotations

import functools
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunAs:
    """The user and the group that a child runs as, None for ours.

    With `setpriv_options` it is `setpriv` that changes them, and keeps some extra right.
    """

    uid: int | None = None
    gid: int | None = None
    setpriv_options: tuple[str, ...] = ()

    @property
    def user(self) -> int | None:
        """The argument `user` for subprocess."""
        return None if self.setpriv_options else self.uid

    @property
    def group(self) -> int | None:
        """The argument `group` for subprocess."""
        return None if self.setpriv_options else self.gid

    @property
    def extra_groups(self) -> list[int] | None:
        """The argument `extra_groups` for subprocess."""
        return None if self.user is None else []


OURSELVES = RunAs()


@functools.cache
def setpriv() -> str | None:
    """Return the path of a `setpriv` that knows `--pdeathsig`, or None where there is none."""
    path = shutil.which("setpriv")
    if path is None:
        return None
    probe = [path, "--pdeathsig", "TERM", "--", "true"]
    done = subprocess.run(probe, capture_output=True, check=False)  # noqa: S603
    return path if done.returncode == 0 else None


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return our environment without libpq's PG* variables, which would redirect connections."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, **(extra or {})}


def log_tail(path: Path, lines: int = 20) -> str:
    """Return the last lines of a log file, or a word on why there are none."""
    try:
        content = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        return f"(no log: {error.strerror})"
    return "\n".join(content[-lines:]) or "(the log is empty)"


class Child:
    """A running program whose output goes to a log file."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str],
        run_as: RunAs = OURSELVES,
        on_our_death: signal.Signals = signal.SIGTERM,
        pass_fds: Sequence[int] = (),
    ) -> None:
        """Start it. Raises OSError if it cannot be started at all."""
        self.log = log
        self._ended = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._failure: OSError | None = None
        started = threading.Event()

        def keep() -> None:
            # The kernel watches the *thread* that started the child, so it is one that stays
            # until the child has ended.
            try:
                self._process = self._spawn(argv, env, run_as, on_our_death, pass_fds)
            except OSError as error:
                self._failure = error
                return
            finally:
                started.set()
            self._process.wait()
            self._ended.set()

        threading.Thread(target=keep, name=f"keeper of {Path(argv[0]).name}", daemon=True).start()
        started.wait()
        if self._failure is not None:
            raise self._failure

    def _spawn(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        run_as: RunAs,
        on_our_death: signal.Signals,
        pass_fds: Sequence[int],
    ) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                [*prefix(run_as, on_our_death), *argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(env),
                pass_fds=pass_fds,
                start_new_session=True,
                user=run_as.user,
                group=run_as.group,
                extra_groups=run_as.extra_groups,
            )

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._running().pid

    @property
    def returncode(self) -> int | None:
        """The exit status, negative for a signal, or None while it runs."""
        return self._running().returncode if self._ended.is_set() else None

    def wait(self, timeout: float) -> bool:
        """Wait until it has ended. Returns False if `timeout` seconds were not enough."""
        return self._ended.wait(timeout)

    def send(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens if it has already ended."""
        if not self._ended.is_set():
            self._running().send_signal(number)

    def stop(self, *steps: tuple[signal.Signals, float]) -> None:
        """Send each signal in turn, waiting its seconds, and kill the session if none helped."""
        for number, patience in steps:
            self.send(number)
            if self.wait(patience):
                return
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.wait(5)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("the process was never started")
        return self._process


def prefix(run_as: RunAs, on_our_death: signal.Signals | None = None) -> list[str]:
    """Return the `setpriv …` words that go before a command line, none if there is no need."""
    path = setpriv()
    options = list(run_as.setpriv_options)
    if on_our_death is not None:
        options += ["--pdeathsig", on_our_death.name.removeprefix("SIG")]
    if path is None or not options:
        return []
    return [path, *options, "--"]
