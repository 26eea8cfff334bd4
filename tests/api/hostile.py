"""Hostile input: JSON values, segments of paths and values of queries."""

from collections.abc import Iterator

from hypothesis import strategies as st

_NUMBERS = [
    b"0",
    b"-0",
    b"-0.0",
    b"-1",
    b"0.1e-7",
    b"0.0000001",
    b"1e400",
    b"-1e400",
    b"1e-400",
    b"1E+2",
    b"1e99999999999",
    b"999999999.9999999",
    b"9223372036854775808",
    b"9" * 400,
    b"9" * 5000,
    b"0." + b"0" * 5000 + b"1",
    b"NaN",
    b"-Infinity",
    b"01",
]

_TEXTS = [
    "",
    " ",
    "1",
    "\x00",
    "a\x1fb",
    "\x7f\x85",
    "\u202etxet\u202c",
    "e" + "\u0301" * 500,
    "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "\ufeff",
    "\ufffe\uffff",
    "\U0010ffff",
    "x" * 129,
    "x" * 60_000,
    "' or 1=1; drop table credits.balances; --",
    "%s%n%(x)s{}{0.__class__}",
    "../../../etc/passwd",
    "<script>alert(1)</script>",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999999-23:59",
    "01900000-0000-7000-8000-000000000001",
    "postgresql://x@y/z",
]


def _escaped(text: str) -> bytes:
    return b'"' + b"".join(b"\\u%04x" % unit for unit in _units(text)) + b'"'


def _units(text: str) -> Iterator[int]:
    encoded = text.encode("utf-16-be", "surrogatepass")
    return (int.from_bytes(encoded[i : i + 2], "big") for i in range(0, len(encoded), 2))


VALUES: list[bytes] = [
    b"null",
    b"true",
    b"[]",
    b"{}",
    b"[1]",
    b'{"a":1,"a":2}',
    b'{"type":"guild","guildId":{}}',
    b"[" * 5000 + b"]" * 5000,
    b'{"a":' * 500 + b"1" + b"}" * 500,
    b'{"a":[' * 30 + b"1e308" + b"]}" * 30,
    b"",
    b'"',
    b'"\xff"',
    b'"\xc0\xaf"',
    b'"\xed\xa0\x80"',
    b'"\\ud800"',
    b'"\\udc00\\ud800"',
    b'"\\u12"',
    *_NUMBERS,
    *(_escaped(text) for text in _TEXTS if len(text) < 10_000),
    *(b'"%s"' % text.encode() for text in _TEXTS if text.isprintable()),
]

BODIES: list[bytes] = [
    b"null",
    b"[]",
    b"0",
    b'"x"',
    b"{",
    b"{}{}",
    b"\xef\xbb\xbf{}",
    b"\xff\xfe",
    b"\x00",
    b"{'amount': 1}",
    b'{"amount": 1,}',
    b'{"__proto__": {"amount": 1}}',
    b'{"x":' + b"[" * 60_000,
    b'{"x":"' + b"x" * 70_000 + b'"}',
    b'{"' + b'x":1,"' * 8000 + b'":1}',
    b"amount=1&appId=chat",
    b"--x\r\nContent-Disposition: form-data; name=amount\r\n\r\n1\r\n--x--",
]

MEDIA_TYPES = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
    "application/xml",
    "application/json; charset=utf-16",
    "application/json-patch+json",
    ";;;",
    "\u00ff",
]

SEGMENTS = [
    "%00",
    "%0a",
    "%ff%fe",
    "%c0%af",
    "%ed%a0%80",
    "%2e%2e%2f%2e%2e",
    "..",
    ".",
    "%",
    "%zz",
    "%25%30%30",
    "x" * 129,
    "x" * 8000,
    "%E2%80%AE",
    "e" + "%CC%81" * 300,
    "'%20or%201=1",
    "{}",
    "0",
    "-1",
    "null",
    "a;b=c",
    "01900000-0000-7000-8000-000000000001",
]

QUERIES = [
    "",
    "&&&",
    "=",
    "%",
    "%ff=%fe",
    "limit",
    "limit=",
    "limit=1&limit=x",
    "limit=%00",
    "limit=1e400",
    "limit=-0",
    "limit=%D9%A3",
    "limit=" + "9" * 5000,
    "offset=99999999999999999999",
    "offset=9223372036854775807",
    "cursor=%00",
    "cursor=../..",
    "type=%00",
    "type=" + "x" * 5000,
    "appId=%ED%A0%80",
    "appId=%27%20or%201=1",
    "from=0001-01-01T00:00:00%2B23:59&to=9999-12-31T23:59:59-23:59",
    "from=-infinity&to=infinity",
    "from=2026-01-31&to=2026-13-45",
    "from=9999-12-31&to=0001-01-01",
    "format=csv",
    "format=%00&month=0000-00",
    "&".join(f"x{i}=1" for i in range(3000)),
]

json_values = st.recursive(
    st.sampled_from(VALUES),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: b"[" + b",".join(items) + b"]"),
    max_leaves=5,
)
