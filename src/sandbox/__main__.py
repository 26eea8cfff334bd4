"""Run the whole service on one machine: `python -m sandbox`, or `make run`."""

from __future__ import annotations

import sys

from sandbox.stopping import StopSignals


def main() -> int:
    """Run until asked to stop, and return the exit status."""
    stop_signals = StopSignals()
    # Only now: it takes a moment to import, in which Ctrl-C may come already.
    from sandbox.run import run

    return run(stop_signals)


if __name__ == "__main__":
    sys.exit(main())
