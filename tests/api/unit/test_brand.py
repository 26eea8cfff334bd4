import pytest

from api.pages.brand import readable


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#ffcc00", "#0000ff", "#808080"])
@pytest.mark.parametrize(("ground", "towards"), [("#ffffff", "#000000"), ("#201a29", "#ffffff")])
def test_every_colour_can_be_read_on_either_card(colour: str, ground: str, towards: str) -> None:
    found = readable(colour, ground, towards, 4.5)

    darker, lighter = sorted((luminance(found), luminance(ground)))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert readable("#6429b8", "#ffffff", "#000000", 4.5) == "#6429b8"
