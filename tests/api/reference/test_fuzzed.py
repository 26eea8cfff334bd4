"""Requests that nobody thought of, made from the document: no mistake of ours, and as described."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.described import document
from tests.api.gift_pages import anyone
from tests.api.live_api import Guild, LiveApi, User

pytestmark = pytest.mark.nightly

SCHEMA = schemathesis.openapi.from_dict(document())

CHECKS = [
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]


@pytest.fixture(scope="module")
def guild(api: LiveApi) -> Guild:
    """A guild whose owner calls the routes for users."""
    guild = api.guild()
    api.fund(guild.owner.id, 1_000_000)
    return guild


def headers_for(case: Any, api: LiveApi, user: User) -> dict[str, str]:
    """Return what proves to the operation that the caller may call it."""
    proofs = {name for way in case.operation.definition.raw.get("security", ()) for name in way}
    if "userToken" in proofs:
        return user.headers
    return api.service.headers if "serviceKey" in proofs else anyone(api).headers


@SCHEMA.parametrize()
@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_sent_is_answered_as_described(case: Any, api: LiveApi, guild: Guild) -> None:
    if "guildId" in case.path_parameters:
        # In one that does not exist nothing else would ever be refused.
        case.path_parameters["guildId"] = guild.id
    answer = case.call(base_url=api.url, headers=headers_for(case, api, guild.owner))
    assert answer.status_code != 500
    case.validate_response(answer, checks=CHECKS)
