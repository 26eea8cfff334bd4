"""The report of a run: tables as Markdown, and every sample as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.bars import Verdict
from bench.cluster import MEASURED
from bench.contests import Results, Sample, as_json, median_of
from bench.plan import Plan


@dataclass(frozen=True, slots=True)
class Report:
    """The measurements of a run, and its circumstances."""

    plan: Plan
    results: Results
    verdicts: Sequence[Verdict]
    notes: Sequence[str]

    def markdown(self) -> str:
        """Return the whole text."""
        parts = [f"# Benchmark, {self.plan.name}", _list([*_machine(), *self.notes])]
        if self.verdicts:
            parts += ["## Bars", self._bars()]
        for contest, contestants in self.results.samples.items():
            parts += [f"## {contest}", _rates(contestants)]
        return "\n\n".join(parts) + "\n"

    def json(self) -> str:
        """Return every sample, and the bars."""
        bars = [
            {
                "bar": verdict.bar.what,
                "wanted": verdict.bar.wanted,
                "atMost": verdict.bar.at_most,
                "median": verdict.measured.median,
                "lowest": verdict.measured.lowest,
                "highest": verdict.measured.highest,
                "pairs": verdict.measured.pairs,
                "outcome": verdict.outcome,
            }
            for verdict in self.verdicts
        ]
        content = {
            "plan": self.plan.name,
            "notes": [*_machine(), *self.notes],
            "bars": bars,
            "samples": as_json(self.results),
        }
        return json.dumps(content, indent=1) + "\n"

    def save(self, folder: Path) -> list[Path]:
        """Write both into a folder, and return where."""
        folder.mkdir(parents=True, exist_ok=True)
        files = [folder / f"{self.plan.name}.md", folder / f"{self.plan.name}.json"]
        for file, text in zip(files, (self.markdown(), self.json()), strict=True):
            file.write_text(text, encoding="utf-8")
        return files

    def _bars(self) -> str:
        rows = [
            (
                verdict.bar.what,
                f"{'at most' if verdict.bar.at_most else 'at least'} {verdict.bar.wanted:.2f}",
                str(verdict.measured),
                verdict.outcome,
            )
            for verdict in self.verdicts
        ]
        return _table(("ratio", "bar", "median of pairs (range)", ""), rows)


def _rates(contestants: dict[str, list[Sample]]) -> str:
    columns = {
        "a second": ("rate", "{:,.0f}"),
        "mean ms": ("mean_ms", "{:.2f}"),
        "p50 ms": ("p50_ms", "{:.2f}"),
        "p99 ms": ("p99_ms", "{:.2f}"),
        "CPU of API": ("cpu_api", "{:.0%}"),
        "CPU of PostgreSQL": ("cpu_postgres", "{:.0%}"),
        "backend µs": ("backend_us", "{:.1f}"),
        "WAL bytes": ("wal_bytes", "{:,.0f}"),
        "kept": ("kept", "{:.2f}"),
    }
    shown = {
        title: column
        for title, column in columns.items()
        if any(median_of(samples, column[0]) is not None for samples in contestants.values())
    }
    rows = [
        (name, *(_cell(samples, *column) for column in shown.values()))
        for name, samples in contestants.items()
    ]
    return _table(("median of the runs", *shown), rows)


def _cell(samples: Sequence[Sample], what: str, shape: str) -> str:
    value = median_of(samples, what)
    return "" if value is None else shape.format(value)


def _machine() -> list[str]:
    """Return what is measured on."""
    return [
        f"{platform.system()} on {platform.machine()}, {os.cpu_count()} processors, "
        f"Python {platform.python_version()}",
    ]


def circumstances(plan: Plan) -> list[str]:
    """Return what a server of our own is measured with."""
    settings = {**MEASURED, "shared_buffers": plan.shared_buffers}
    return [
        "PostgreSQL settings: " + ", ".join(f"{key} = {settings[key]}" for key in settings),
        f"{plan.main.accounts:,} accounts, {plan.main.ledger_rows:,} ledger rows behind them; "
        f"{plan.rounds} rounds of {plan.sql_seconds} s (SQL) and {plan.http_seconds} s (HTTP)",
    ]


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table whose columns stand below each other as plain text too."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    rule = ["-" * width for width in widths]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in (head, rule, *rows)
    )
