import pytest

from api.http.preferences import preferred_language

OFFERED = ("en", "en-us", "de", "de-ch", "fr")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("FR", "fr"),
        ("de-CH", "de-ch"),
        ("de-AT", "de"),
        ("de-Latn-CH-1996", "de"),
        ("en-US,en;q=0.9", "en-us"),
        ("fr;q=0.3, de;q=0.8, en;q=0.5", "de"),
        ("fr, de", "fr"),
        ("fr;q=0.9,de", "de"),
        ("ja,ko;q=0.9", "en"),
        ("ja, fr;q=0.001", "fr"),
        ("ja," * 600 + "fr", "fr"),
        # No more of a header than anybody would send is looked at.
        ("ja," * 700 + "fr", "en"),
        ("*", "en"),
        ("*, de", "de"),
        ("en;q=0, *", "de"),
        ("en;q=0, de;q=0, *;q=0.1", "fr"),
        ("en;q=0, de;q=0, fr;q=0", "en"),
        ("fr;q=0.1, *;q=0.5", "en"),
        ("de;q=0, fr;q=0.5", "fr"),
        ("ja, de;q=0", "en"),
        ("de ; q=0.5 , fr ; q=0.6", "fr"),
        ("fr;q=nan, de;q=0.1", "de"),
        ("fr;q=2, de;q=0.1", "de"),
        ("fr;q=-1, de;q=0.1", "de"),
        ("fr;q=0.12345, de;q=0.1", "de"),
        ("fr;q=, de;q=0.1", "de"),
        ("<script>, -, ,;;,de-", "de"),
        ("x" * 10_000, "en"),
    ],
)
def test_the_best_liked_of_the_languages_is_found(header: str, language: str) -> None:
    assert preferred_language(header, OFFERED) == language
