"""Common parts of the local stack's pages: plain, light or dark, without a script."""

from __future__ import annotations

from html import escape

from starlette.responses import HTMLResponse, Response

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1rem/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText }}
body {{ max-width: 32rem; margin: 3rem auto; padding: 0 1rem }}
td {{ padding: .25rem 1rem .25rem 0 }}
td:last-child {{ text-align: right }}
form {{ display: inline }}
label {{ display: block; margin-bottom: 1rem }}
input {{ font: inherit; padding: .5rem }}
button {{ font: inherit; padding: .5rem 1rem; margin: 0 .5rem .5rem 0 }}
</style>
</head>
<body>
<header><small>{note}</small></header>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""


def page(title: str, body: str, note: str, status: int = 200) -> Response:
    """Return a page; its body is HTML already."""
    return HTMLResponse(_PAGE.format(title=escape(title), body=body, note=escape(note)), status)
