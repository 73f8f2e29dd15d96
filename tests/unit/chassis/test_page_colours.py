"""The colours of the pages' shell: contrast as WCAG 2.2 AA wants it, in light and in dark."""

import re
from collections.abc import Mapping
from importlib.resources import files

import pytest

STYLE = files("chassis.http.pages").joinpath("shell/shell.css").read_text("utf-8")
THEMES = re.findall(r":root \{([^}]*)\}", STYLE)
TEXT, PART = 4.5, 3.0
"""Least contrast of text (1.4.3), and of a control's border or focus (1.4.11)."""
PAIRS = [
    *(
        (text, ground, TEXT)
        for text in ("text", "heading", "muted", "accent", "bad")
        for ground in ("canvas", "surface")
    ),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-strong", TEXT),
    *(("text", ground, TEXT) for ground in ("info-soft", "good-soft", "warn-soft")),
    ("bad", "bad-soft", TEXT),
    ("accent-strong", "info-soft", TEXT),
    *((edge, "surface", PART) for edge in ("control", "accent", "focus", "info", "good", "warn", "bad")),
    ("focus", "canvas", PART),
]


def colours(theme: str) -> Mapping[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", theme))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_both_themes_have_the_same_colours() -> None:
    light, dark = map(colours, THEMES)
    assert light.keys() == dark.keys() and len(light) == 19


@pytest.mark.parametrize("theme", THEMES, ids=["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_colours_have_enough_contrast(theme: str, front: str, ground: str, least: float) -> None:
    has = colours(theme)
    assert contrast(has[front], has[ground]) >= least


def test_a_style_names_no_colour_beside_its_themes() -> None:
    rules = re.sub(r":root \{[^}]*\}|@media print \{.*", "", STYLE, flags=re.DOTALL)
    assert not re.findall(r"#[0-9a-f]{3,6}\b", rules)
