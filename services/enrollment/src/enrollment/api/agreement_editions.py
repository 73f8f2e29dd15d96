"""Versions of the agreement over HTTP, for the program's staff: publish, withdraw, list, and give a partner another date."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from chassis import (
    Change,
    Handler,
    MongoStore,
    Once,
    Page,
    PageQuery,
    Principal,
    ProblemError,
    list_filter,
    new_router,
    not_found,
    require,
)
from enrollment.agreement import AgreementText
from enrollment.api.edition_forms import EditionForm, MoveAcceptanceForm, Version
from enrollment.api.edition_views import EditionFileView, EditionView, edition_file, edition_view
from enrollment.api.views import EnrollmentView, enrollment_view
from enrollment.documents import EDITION, ENROLLMENT
from enrollment.domain import agreement_edition
from enrollment.domain.agreement_edition import Edition, EditionStatus, EditionText, PublishEdition, WithdrawEdition
from enrollment.domain.enrollment.acceptance import MoveAcceptance
from enrollment.domain.enrollment.state import Actor
from enrollment.editions import Editions
from enrollment.lookups import readable
from kontor_contracts.markets import Markets

Publisher = Annotated[Principal, require("agreements:publish")]
Reviewer = Annotated[Principal, require("enrollment:review")]
Sort = Literal["published", "-published"]
UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"description": "No version of this name was published."}}


def router(store: MongoStore, handler: Handler, *, editions: Editions, markets: Markets) -> APIRouter:
    routes = new_router("/v1", tags=["agreements"])
    _reading(routes, store, editions)
    _publishing(routes, store, handler, editions, markets)
    _moving(routes, store, handler)
    return routes


def _reading(routes: APIRouter, store: MongoStore, editions: Editions) -> None:
    @routes.get("/agreements/editions")
    async def list_agreement_editions(
        _: Publisher,
        paging: PageQuery,
        status: Annotated[EditionStatus | None, Query()] = None,
        sort: Annotated[Sort, Query(description="by publication, the oldest first; - for the newest")] = "-published",
    ) -> Page[EditionView]:
        """The versions of the agreement that the program's staff published. Those that a release brings are not in it."""
        key = agreement_edition.status_key(status) if status else agreement_edition.ALL
        found = await store.list_page(
            EDITION,
            key,
            list_filter(keys=[]),
            limit=paging.limit + 1,
            after=paging.after,
            descending=sort.startswith("-"),
        )
        return paging.page([(order, edition_view(state)) for order, state in found])

    @routes.get("/agreements/editions/{version}", responses=UNKNOWN)
    async def show_agreement_edition(version: Version, _: Publisher) -> EditionFileView:
        """A published version with its words in every language, and how many partners were asked to accept it.

        `GET /v1/enrollments?unaccepted=` lists the partners that have not accepted it.
        """
        state = await _edition(store, version)
        return edition_file(state, await editions.texts(state.texts))


def _publishing(routes: APIRouter, store: MongoStore, handler: Handler, editions: Editions, markets: Markets) -> None:
    @routes.post("/agreements/editions", status_code=201)
    async def publish_agreement_edition(form: EditionForm, once: Once, caller: Publisher) -> EditionView:
        """Publish a version of the agreement. New partners sign it from now on.

        Partners of its regions are asked by mail to accept it by ``accept_until``, at least 30 days from now, and are
        suspended then if they have not. 409 `version-exists` for the name of another version.
        """
        cause = once.cause(caller)
        _known_regions(form, markets)
        words = {text.language: AgreementText(text.title, text.text) for text in form.texts}
        command = PublishEdition(
            version=form.version,
            regions=tuple(sorted(form.regions)) if form.regions else None,
            texts=tuple(EditionText(language, text.sha256) for language, text in sorted(words.items())),
            accept_until=form.accept_until,
            shipped=editions.ships(form.version),
            by=caller.user_id,
            at=cause.time,
        )
        id = EDITION.id(form.version)
        if await handler.would_change(EDITION, id, command, cause):
            # Before the version, which must not be without its words.
            for text in words.values():
                await editions.keep(text, cause)
        outcome = await handler.handle(EDITION, id, command, cause, answer=_answer)
        return EditionView.model_validate(outcome.answer)

    @routes.post("/agreements/editions/{version}/withdraw", responses=UNKNOWN)
    async def withdraw_agreement_edition(version: Version, once: Once, caller: Publisher) -> EditionView:
        """Withdraw a published version. The one before it holds again for partners that have not accepted this one.

        These get a mail, and those that were suspended for it are active again. What was signed stays signed.
        """
        cause = once.cause(caller)
        await _edition(store, version)
        command = WithdrawEdition(caller.user_id, cause.time)
        outcome = await handler.handle(EDITION, EDITION.id(version), command, cause, answer=_answer)
        return EditionView.model_validate(outcome.answer)


def _moving(routes: APIRouter, store: MongoStore, handler: Handler) -> None:
    @routes.put("/enrollments/{enrollment_id}/agreement/date")
    async def move_acceptance(
        enrollment_id: str, form: MoveAcceptanceForm, change: Change, caller: Reviewer
    ) -> EnrollmentView:
        """Give a partner of another organization another date to accept the new version. The partner gets a mail.

        409 `no-acceptance-pending` where it is asked for nothing, `not-active` after its suspension: reinstate it then.
        """
        await readable(store, enrollment_id, caller)
        cause = change.cause(caller)
        actor = Actor(user=caller.user_id, organization=caller.organization_id, staff=True, at=cause.time)
        command = MoveAcceptance(accept_until=form.accept_until, explanation=form.explanation, actor=actor)
        # No stored answer: the command is idempotent, and a repeated request may see the present state.
        outcome = await handler.handle(ENROLLMENT, ENROLLMENT.id(enrollment_id), command, cause)
        return enrollment_view(outcome.state)


async def _edition(store: MongoStore, version: str) -> Edition:
    state = await store.get(EDITION, EDITION.id(version))
    if state is None:
        raise not_found("version")
    return state


def _known_regions(form: EditionForm, markets: Markets) -> None:
    known = sorted(set(markets.regions.values()))
    for place, region in enumerate(form.regions or ()):
        if region not in known:
            detail = f"there is no region {region}; choose among {', '.join(known)}"
            raise ProblemError(422, "region-unknown", detail, field=f"regions.{place}")


def _answer(state: Edition) -> dict[str, Any]:
    return edition_view(state).model_dump(mode="json")
