"""Generated files follow from the contracts, and the tools notice when they do not."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import generate
import pytest
import release
import samples
import topic_table
from released import Released, parsed, written
from schemas import all_schemas

from kontor_contracts import enrollment, topics

ROOT = Path(__file__).parents[3]
TYPE = "kontor.enrollment.enrollment-rejected.v1"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is generated, with a README of its own."""
    tree = tmp_path_factory.mktemp("generated")
    shutil.copytree(
        ROOT / "contracts", tree / "contracts", ignore=shutil.ignore_patterns("src", "tools", "__pycache__")
    )
    (tree / "README.md").write_text("# Kontor\n\n<!-- topics:begin -->\nold\n<!-- topics:end -->\n\nafter\n")
    generate.write(tree)
    assert generate.check(tree) == []
    return tree


@pytest.fixture
def tree(generated: Path, tmp_path: Path) -> Path:
    """A copy of it, to damage."""
    return Path(shutil.copytree(generated, tmp_path, dirs_exist_ok=True))


def test_everything_is_up_to_date() -> None:
    assert generate.check(ROOT) == [], "run contracts/tools/generate.py"


def test_generating_twice_changes_nothing(tree: Path) -> None:
    assert generate.write(tree) == []


@pytest.mark.parametrize("path", [f"contracts/schemas/{TYPE}.json", "contracts/topics.json", "README.md"])
def test_an_edited_file_is_named(tree: Path, path: str) -> None:
    edited = tree / path
    edited.write_text(edited.read_text().replace("enrollment", "enrolment"))
    assert [line.partition(":")[0] for line in generate.check(tree)] == [path]


@pytest.mark.parametrize("path", [f"contracts/schemas/{TYPE}.json", f"contracts/examples/{TYPE}/identity.json"])
def test_a_missing_file_is_named_and_written(tree: Path, path: str) -> None:
    (tree / path).unlink()
    assert [line.partition(":")[0] for line in generate.check(tree)] == [path]
    assert generate.write(tree) == [tree / path]
    assert generate.check(tree) == []


def test_a_schema_without_a_message_is_named_and_removed(tree: Path) -> None:
    stray = tree / "contracts/schemas/kontor.enrollment.never-was.v1.json"
    stray.write_text("{}")
    assert generate.check(tree) == ["contracts/schemas/kontor.enrollment.never-was.v1.json: belongs to no message"]
    generate.write(tree)
    assert not stray.exists()


def test_an_existing_example_is_never_overwritten(tree: Path) -> None:
    example = tree / f"contracts/examples/{TYPE}/identity.json"
    older = json.loads(example.read_text()) | {"id": "an-older-message"}
    example.write_text(json.dumps(older))
    generate.write(tree)
    assert json.loads(example.read_text()) == older


def test_an_example_that_no_longer_parses_is_named(tree: Path) -> None:
    example = tree / f"contracts/examples/{TYPE}/identity.json"
    document = json.loads(example.read_text())
    del document["data"]["reason"]
    example.write_text(json.dumps(document))
    assert generate.check(tree) == [
        f"contracts/examples/{TYPE}/identity.json: no longer understood, data.reason: Field required"
    ]


def test_the_topic_table_stands_between_its_markers_alone(tree: Path) -> None:
    text = (tree / "README.md").read_text()
    assert text.startswith("# Kontor\n\n<!-- topics:begin -->\n| topic |")
    assert text.endswith("\n<!-- topics:end -->\n\nafter\n")
    assert all(f"`{topic.name}`" in text for topic in topics.TOPICS)


def test_a_readme_without_markers_is_left_alone() -> None:
    assert topic_table.put_between("# Kontor\n", "topics", "| table |") == "# Kontor\n"


def test_the_registry_as_data_is_the_registry() -> None:
    data = json.loads((ROOT / "contracts/topics.json").read_text(encoding="utf-8"))
    assert data["partitioner"] == "murmur2"
    assert {topic["name"]: topic["messages"] for topic in data["topics"]} == {
        topic.name: list(topic.types) for topic in topics.TOPICS
    }


@pytest.fixture
def released(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The copy as a repository whose main branch has today's contracts."""
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "release"]):
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.test", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", str(tree), *identity, *command], check=True)
    monkeypatch.setattr(release, "ROOT", tree)
    return tree


def test_the_gate_compares_with_the_main_branch(released: Path) -> None:
    assert release.released_ref() == "main"
    assert release.released_schemas("main") == all_schemas()
    assert release.main([]) == 0


def test_the_gate_stops_a_removed_field(
    released: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    schemas = all_schemas()
    del schemas[TYPE]["$defs"]["EnrollmentRejected"]["properties"]["reason"]
    monkeypatch.setattr(release, "all_schemas", lambda: schemas)
    assert release.main([]) == 1
    assert f"breaking  {TYPE}: `data.reason` is gone" in capsys.readouterr().out


def test_without_branch_and_tag_the_release_still_counts(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    schemas = all_schemas()
    del schemas[TYPE]["$defs"]["EnrollmentRejected"]["properties"]["reason"]
    monkeypatch.setattr(release, "ROOT", tree)
    monkeypatch.setattr(release, "all_schemas", lambda: schemas)
    assert release.released_ref() is None
    assert release.main([]) == 1
    assert "`data.reason` is gone" in capsys.readouterr().out


def test_a_release_that_was_made_is_never_edited(released: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = released / "contracts/released.json"
    last = parsed(copy.read_text(encoding="utf-8"))
    del last.schemas[TYPE]
    copy.write_text(written(last), encoding="utf-8")
    assert release.main([]) == 1
    assert f"release {last.version} was edited" in capsys.readouterr().out
    copy.write_text(written(replace(last, version="9.0.0")), encoding="utf-8")
    assert release.main([]) == 0


def test_a_copy_of_a_release_holds_all_but_the_words_for_people() -> None:
    last = parsed(written(Released("1.0.0", topic_table.as_data(), all_schemas())))
    assert last.topics == topic_table.as_data()
    assert release.findings(last.schemas, all_schemas()) == []
    assert sum(len(schema["$defs"]) for schema in last.schemas.values()) > len(last.schemas)


def test_the_gate_stops_an_edited_example(released: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = f"contracts/examples/{TYPE}/identity.json"
    (released / path).write_text((released / path).read_text().replace("Harbour", "Harbor"))
    assert release.main([]) == 1
    assert f"breaking  {path}: an example is never edited" in capsys.readouterr().out


def test_the_gate_passes_an_added_example(released: Path) -> None:
    folder = released / f"contracts/examples/{TYPE}"
    shutil.copy(folder / "identity.json", folder / "identity-2.json")
    assert release.main([]) == 0


def test_a_ref_that_is_not_there_is_no_success(released: Path) -> None:
    assert release.main(["nowhere"]) == 1


def test_a_message_without_a_sample_names_the_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(samples, "samples", lambda _: [])
    with pytest.raises(samples.NoSampleError) as missing:
        samples.envelope_for(topics.BY_NAME["enrollment.events"], enrollment.EnrollmentRejected, "identity")
    assert str(missing.value).startswith(
        f"{TYPE} has no sample: add one of EnrollmentRejected to contracts/tools/samples/"
    )
    monkeypatch.setattr(generate, "write", lambda _: (_ for _ in ()).throw(missing.value))
    assert generate.main([]) == 1
    assert "contracts/tools/samples/enrollment.py" in capsys.readouterr().err


def test_without_a_repository_nothing_is_released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "ROOT", tmp_path)
    assert release.main([]) == 0
