"""The metrics as Prometheus would read them."""

from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from tests.api.live_api import LiveApi


@dataclass(frozen=True)
class Exposition:
    """The samples of one scrape."""

    text: str

    def value(self, name: str, /, **labels: str) -> float | None:
        """Return the value of the one sample with this name and these labels; None without one."""
        return self.values(name).get(frozenset(labels.items()))

    def growth(self, before: "Exposition", name: str, /, **labels: str) -> float:
        """Return by how much a sample has grown since an earlier scrape."""
        return (self.value(name, **labels) or 0) - (before.value(name, **labels) or 0)

    def values(self, name: str) -> dict[frozenset[tuple[str, str]], float]:
        """Return the values of all samples of this name by their labels."""
        return {
            frozenset(sample.labels.items()): sample.value
            for family in text_string_to_metric_families(self.text)
            for sample in family.samples
            if sample.name == name
        }

    def names(self) -> set[str]:
        """Return the names of all samples."""
        return {
            sample.name
            for family in text_string_to_metric_families(self.text)
            for sample in family.samples
        }


def scrape(api: LiveApi) -> Exposition:
    """Read the metrics of a process."""
    answer = api.client.get("/metrics")
    assert answer.status_code == 200, answer.text
    return Exposition(answer.text)
