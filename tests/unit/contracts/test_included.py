"""Code on pages is the code of the files it names."""

from pathlib import Path

import pytest
from included import with_code

CODE = "FIRST = 1\n\n\n@str\ndef second() -> int:\n    return 2\n\n\nTHIRD: int = 3\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "code.py").write_text(CODE)
    return tmp_path


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ("", CODE.strip()),
        (" second", "@str\ndef second() -> int:\n    return 2"),
        (" THIRD FIRST", "FIRST = 1\n\n\nTHIRD: int = 3"),
    ],
)
def test_a_block_shows_the_named_code_as_it_is(root: Path, names: str, shown: str) -> None:
    begin, end = f"before\n<!-- code: code.py{names} -->\n", "<!-- /code -->\nafter\n"
    expected = f"{begin}```python\n{shown}\n```\n{end}"
    assert with_code(root, f"{begin}old\n{end}") == expected
    assert with_code(root, expected) == expected


def test_a_name_that_is_gone_is_named(root: Path) -> None:
    with pytest.raises(LookupError, match=r"code\.py has no fourth"):
        with_code(root, "<!-- code: code.py fourth -->\n<!-- /code -->")
