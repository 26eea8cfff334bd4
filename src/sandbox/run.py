"""The life of a local stack, told to a person at a terminal."""

from __future__ import annotations

import sys
import time

from sandbox.banner import banner
from sandbox.cluster import ClusterError
from sandbox.configuration import ConfigurationError, read_configuration
from sandbox.stack import Stack, StackError
from sandbox.stopping import StopRequestedError, StopSignals


def run(stop_signals: StopSignals) -> int:
    """Run a stack until asked to stop (exit status 0) or until something fails (1)."""
    started = time.monotonic()

    def progress(text: str) -> None:
        """Write what is being done now, and the time since the beginning."""
        print(f"{time.monotonic() - started:6.1f} s  {text}", flush=True)

    try:
        with Stack(read_configuration(), progress, stop_signals) as stack:
            progress("everything runs")
            print(f"\n{banner(stack)}\n", flush=True)
            try:
                stack.watch()
            finally:
                progress("stopping")
    except StopRequestedError:
        progress("stopped")
    except (ConfigurationError, StackError, ClusterError) as error:
        print(f"The local stack stopped: {error}", file=sys.stderr)
        return 1
    return 0
