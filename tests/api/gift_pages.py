"""Gift pages as their readers meet them: fetched, and taken apart."""

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

from tests.api.live_api import Caller, LiveApi, unique

# The look-ups that an address may make at once.
LOOK_UPS = 60


def anyone(api: LiveApi) -> Caller:
    """Return somebody at an address that nobody else has: look-ups are throttled by address."""
    numbers = [int(pair, 16) for pair in re.findall("..", unique("address")[-6:])]
    return Caller(api, {"X-Forwarded-For": "10." + ".".join(map(str, numbers))})


def until_refused(look_up: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """Look something up until that is refused, and return the answers, the refusal last.

    Asserts that no more are free than an address has: LOOK_UPS, and another one each second.
    """
    started = time.monotonic()
    answers = [look_up()]
    while answers[-1].status_code != httpx.codes.TOO_MANY_REQUESTS:
        assert len(answers) <= LOOK_UPS + time.monotonic() - started
        answers.append(look_up())
    return answers


def visit(
    api: LiveApi, code: str, who: Caller | None = None, method: str = "GET", **more: str
) -> httpx.Response:
    """Open the page of a code in a browser, as it is sent, with more headers."""
    headers = {**(who or anyone(api)).headers, "Accept": "text/html, */*;q=0.8"}
    headers |= {name.replace("_", "-"): text for name, text in more.items()}
    return api.client.request(method, f"/g/{code}", headers=headers)


@dataclass
class Document(HTMLParser):
    """A page's parts.

    Attributes:
        headings: Texts of the h1.
        text: All text that is shown.
        meta: Contents of the meta elements by name or property.
        links: Targets of all links.
        fields: Values of all fields by their names, ids where they have none.
        language: What the page says that it is in.
        shape: How often each element with which attributes occurs.
    """

    headings: list[str] = field(default_factory=list)
    text: str = ""
    meta: dict[str, str] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    language: str = ""
    shape: Counter[Any] = field(default_factory=Counter)
    style: str = ""
    script: str = ""
    _inside: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    @classmethod
    def of(cls, answer: httpx.Response) -> "Document":
        """Take an answer apart that must be a page."""
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        document = cls()
        document.feed(answer.text)
        document.close()
        return document

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.shape[tag, tuple(values)] += 1
        if tag == "meta":
            self.meta[values.get("name") or values.get("property", "")] = values.get("content", "")
        if tag == "html":
            self.language = values["lang"]
        if tag == "input":
            self.fields[values.get("name") or values["id"]] = values.get("value", "")
        if tag == "a":
            self.links.append(values["href"])
        if tag == "h1":
            self.headings.append("")
        self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" in self._inside:
            self.style += data
        elif "script" in self._inside:
            self.script += data
        elif "title" not in self._inside:
            self.text += data
        if "h1" in self._inside:
            self.headings[-1] += data

    @property
    def elements(self) -> set[str]:
        """The names of the elements that occur."""
        return {tag for tag, _ in self.shape}
