"""Operations declare all that their handlers take."""

import pytest
from msgspec.structs import fields

from api.http.operations import Operation
from api.routes import OPERATIONS


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_key_that_may_stand_in_the_body_may_stand_in_the_header(operation: Operation) -> None:
    in_body = operation.body is not None and "idempotencyKey" in {
        field.encode_name for field in fields(operation.body.shape)
    }
    assert operation.keyed == in_body
