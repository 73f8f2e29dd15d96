"""Sealing keys and line secrets change while mails and links made with the old ones are on their way."""

import json
from pathlib import Path

import pytest
from joserfc.jwk import OKPKey
from typer.testing import CliRunner

from chassis.crypto import KeyedHash, Sealer, UnknownKeyError, UnsealableError
from kontor_cli.app import app
from kontor_local.keys import HASH_SECRET, SEALING_PRIVATE, SEALING_PUBLIC, write_keys

LINK = "https://kontor.example/invitations/1?token=secret"
run = CliRunner()


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    write_keys(tmp_path)
    return tmp_path


def rotate(keys: Path, *more: str) -> list[dict[str, str]]:
    files = ("--file", str(keys / SEALING_PRIVATE), "--public-file", str(keys / SEALING_PUBLIC))
    done = run.invoke(app, ["keys", "sealing", "rotate", *files, "--json", *more])
    assert done.exit_code == 0, done.output
    found: list[dict[str, str]] = json.loads(done.output)["keys"]
    return found


def test_a_mail_on_its_way_is_opened_after_a_rotation(keys: Path) -> None:
    before = Sealer(keys / SEALING_PUBLIC).seal(LINK)
    old, new = rotate(keys, "--seal-in", "0")
    after = Sealer(keys / SEALING_PUBLIC).seal(LINK)
    opens = Sealer(keys / SEALING_PRIVATE, private=True)
    assert (opens.open(before), opens.open(after)) == (LINK, LINK)
    assert (old["state"], new["state"]) == ("opens", "seals")


def test_a_new_key_opens_before_it_seals(keys: Path) -> None:
    first = rotate(keys)[0]["kid"]
    now = json.loads((keys / SEALING_PUBLIC).read_text())["keys"][1]["seals_from"]
    early = Sealer(keys / SEALING_PUBLIC, now=lambda: now - 1).seal(LINK)
    (keys / "old").write_text(json.dumps(json.loads((keys / SEALING_PRIVATE).read_text())["keys"][0]))
    assert json.loads((keys / "old").read_text())["kid"] == first
    assert Sealer(keys / "old").open(early) == LINK
    with pytest.raises(UnknownKeyError):
        Sealer(keys / "old").open(Sealer(keys / SEALING_PUBLIC, now=lambda: now).seal(LINK))


def test_a_key_that_arrives_late_opens_what_waited_for_it(keys: Path) -> None:
    opens = Sealer(keys / SEALING_PRIVATE, private=True)
    behind = (keys / SEALING_PRIVATE).read_text()
    rotate(keys, "--seal-in", "0")
    ahead = (keys / SEALING_PRIVATE).read_text()
    (keys / SEALING_PRIVATE).write_text(behind)
    sealed = Sealer(keys / SEALING_PUBLIC).seal(LINK)
    with pytest.raises(UnknownKeyError, match="not in the file"):
        opens.open(sealed)
    (keys / SEALING_PRIVATE).write_text(ahead)
    assert opens.open(sealed) == LINK


def test_a_text_that_names_no_key_is_tried_with_each(keys: Path) -> None:
    from joserfc import jwe  # noqa: PLC0415  only to make what earlier versions made

    key = OKPKey.import_key(json.loads((keys / SEALING_PUBLIC).read_text()))
    sealed = jwe.encrypt_compact(
        {"alg": "ECDH-ES", "enc": "A256GCM"}, LINK.encode(), key, algorithms=["ECDH-ES", "A256GCM"]
    )
    rotate(keys, "--seal-in", "0")
    assert Sealer(keys / SEALING_PRIVATE).open(sealed) == LINK
    with pytest.raises(UnsealableError):
        Sealer(keys / SEALING_PRIVATE).open(sealed[:-8] + "AAAAAAAA")


def test_the_public_file_holds_no_secret_half(keys: Path) -> None:
    rotate(keys)
    assert all("d" not in key for key in json.loads((keys / SEALING_PUBLIC).read_text())["keys"])
    assert (keys / SEALING_PRIVATE).stat().st_mode & 0o077 == 0


def test_a_second_rotation_waits_for_the_first(keys: Path) -> None:
    rotate(keys)
    again = run.invoke(app, ["keys", "sealing", "rotate", "--file", str(keys / SEALING_PRIVATE)])
    assert again.exit_code == 1 and "does not seal yet" in again.output


def test_a_public_file_cannot_be_rotated(keys: Path) -> None:
    wrong = run.invoke(app, ["keys", "sealing", "rotate", "--file", str(keys / SEALING_PUBLIC)])
    assert wrong.exit_code == 1 and "private keys" in wrong.output


def test_a_line_secret_changes_in_three_steps(keys: Path) -> None:
    file = keys / HASH_SECRET
    before = KeyedHash(file).of("code", "1")
    old = secrets_of(file)[0]["fingerprint"]
    assert run.invoke(app, ["keys", "secret", "add", "--file", str(file)]).exit_code == 0
    assert KeyedHash(file).of("code", "1") == before
    assert run.invoke(app, ["keys", "secret", "use", "--file", str(file)]).exit_code == 0
    assert KeyedHash(file).of("code", "1") != before
    assert before in KeyedHash(file).every("code", "1")
    assert run.invoke(app, ["keys", "secret", "drop", old, "--file", str(file)]).exit_code == 0
    assert before not in KeyedHash(file).every("code", "1")


def test_the_secret_in_use_cannot_be_dropped(keys: Path) -> None:
    file = keys / HASH_SECRET
    used = secrets_of(file)[0]["fingerprint"]
    done = run.invoke(app, ["keys", "secret", "drop", used, "--file", str(file)])
    assert done.exit_code == 1 and "in use" in done.output
    assert run.invoke(app, ["keys", "secret", "use", "--file", str(file)]).exit_code == 1


def secrets_of(file: Path) -> list[dict[str, str]]:
    done = run.invoke(app, ["keys", "secret", "show", "--file", str(file), "--json"])
    found: list[dict[str, str]] = json.loads(done.output)["secrets"]
    return found
