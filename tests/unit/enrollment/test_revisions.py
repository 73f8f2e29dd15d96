"""Optimistic locking: a command that names what its sender has read is refused once that has changed."""

import pytest
from unit.enrollment import story

from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.refusals import EnrollmentRefused
from enrollment.domain.enrollment.revisions import IfRevision, decide, evolve
from enrollment.domain.enrollment.state import Enrollment, SupportContact

OTHER = story.update(company_name="Müller AG")


def played(*commands: object) -> Enrollment:
    state = Enrollment()
    for command in commands:
        for fact in decide(command, state):  # type: ignore[arg-type]  # commands of the story
            assert not isinstance(fact, EnrollmentRefused), fact
            state = evolve(state, fact)
    return state


def test_each_fact_makes_a_new_revision() -> None:
    draft = played(story.start())
    assert draft.revision == len(decide(story.start(), Enrollment()))
    changed = played(story.start(), story.update())
    assert changed.revision > draft.revision
    assert played(story.start(), story.update(), story.update()).revision == changed.revision


def test_a_change_of_what_was_read_is_carried_out() -> None:
    state = played(story.start())
    assert decide(IfRevision(state.revision, OTHER), state) == decide(OTHER, state) != []


@pytest.mark.parametrize("behind", [-1, 1])
def test_a_change_of_something_else_is_refused(behind: int) -> None:
    state = played(story.start(), story.update())
    (refused,) = decide(IfRevision(state.revision - behind, OTHER), state)
    assert isinstance(refused, EnrollmentRefused)
    assert (refused.reason, story.status_of(refused)) == ("changed-meanwhile", 412)


def test_an_approval_of_another_revision_approves_nothing() -> None:
    read = played(*story.STATUSES["in-review"])
    corrected = played(*story.STATUSES["in-review"], story.support(SupportContact("neu@x.example", "0221 1")))
    (refused,) = decide(IfRevision(read.revision, story.review()), corrected)
    assert isinstance(refused, EnrollmentRefused) and refused.reason == "changed-meanwhile"


def test_a_document_of_an_older_release_has_a_revision() -> None:
    stored = ENROLLMENT.dump(played(story.start()))
    del stored["revision"]
    assert ENROLLMENT.parse(stored).revision == 0
