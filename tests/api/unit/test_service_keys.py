import pytest

from api.http.errors import ApiError
from api.identity.service_keys import ServiceKeys
from api.settings import ServiceKey

KEYS = ServiceKeys(
    [ServiceKey("memo", "k-1"), ServiceKey("chat", "k-2"), ServiceKey("memo", "k-3")]
)


@pytest.mark.parametrize(("key", "name"), [("k-1", "memo"), ("k-2", "chat"), ("k-3", "memo")])
def test_a_key_has_a_name(key: str, name: str) -> None:
    assert KEYS.name_of(key) == name


@pytest.mark.parametrize(
    "key", ["", "k-", "k-11", "K-1", "memo", "memo:k-1", "k-1,k-2", "schlüssel"]
)
def test_any_other_key_is_refused(key: str) -> None:
    with pytest.raises(ApiError) as caught:
        KEYS.name_of(key)

    assert (caught.value.status, caught.value.code) == (401, "unauthenticated")
