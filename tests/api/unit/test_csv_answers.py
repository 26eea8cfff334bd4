"""Tables in CSV that break while they are read."""

from collections.abc import AsyncIterator

import pytest
from starlette.responses import StreamingResponse

from api.http.paging import Listed
from api.routes.statements import streamed

pytestmark = pytest.mark.anyio


async def broken(*batches: list[Listed]) -> AsyncIterator[list[Listed]]:
    for batch in batches:
        yield batch
    raise LookupError


async def test_what_goes_wrong_in_the_first_batch_can_still_be_answered() -> None:
    with pytest.raises(LookupError):
        await streamed(broken())


async def test_what_goes_wrong_later_breaks_the_answer_off() -> None:
    answer = await streamed(broken([("1", "1,a")]))
    assert isinstance(answer, StreamingResponse)
    parts = aiter(answer.body_iterator)
    assert str(await anext(parts)).endswith("\r\n1,a\r\n")
    with pytest.raises(LookupError):
        await anext(parts)
