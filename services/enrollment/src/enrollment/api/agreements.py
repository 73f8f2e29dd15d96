"""The partner agreement over HTTP: read it, sign it, and read and save what was signed."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from chassis import Handler, Language, MongoStore, Once, Principal, ProblemError, new_router, not_found, require
from enrollment.api.agreement_views import AgreementView, SignaturesView, agreement_view, signatures_view
from enrollment.api.forms import AgreementForm
from enrollment.api.views import EnrollmentView, enrollment_answer
from enrollment.documents import AGREEMENT_TEXT, ENROLLMENT
from enrollment.domain.agreement_text import SignedText
from enrollment.domain.enrollment.admission import SignAgreement
from enrollment.domain.enrollment.signatures import Signature
from enrollment.editions import Editions
from enrollment.lookups import Reader, own, readable
from kontor_contracts.markets import Markets
from kontor_contracts.values import Culture, Line

Signer = Annotated[Principal, require("enrollment:sign-agreement")]

TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {}}, "description": "The words that were signed, and the evidence of it."},
    409: {"description": "Nothing is signed yet."},
}
EVIDENCE: Mapping[Language, str] = {
    "en": "Signed for organization {organization} by user {signer} on {at} UTC. Version {version}, region {region}.\n"
    "SHA-256 of the text above: {sha256}",
    "de": "Unterzeichnet für die Organisation {organization} vom Benutzer {signer} am {at} UTC. Fassung {version}, Region"
    " {region}.\nSHA-256 des Textes darüber: {sha256}",
}


def router(store: MongoStore, handler: Handler, *, editions: Editions, markets: Markets) -> APIRouter:
    routes = new_router("/v1", tags=["agreements"])
    _signing(routes, store, handler, editions, markets)
    _signed(routes, store)
    return routes


def _signing(routes: APIRouter, store: MongoStore, handler: Handler, editions: Editions, markets: Markets) -> None:
    @routes.get("/agreements/current")
    async def show_current_agreement(caller: Reader, lang: Annotated[Culture | None, Query()] = None) -> AgreementView:
        """The agreement to sign in the region of the caller's country, in ``lang`` or the caller's language."""
        return agreement_view(await editions.current(markets.region_of(caller.country)), lang or caller.culture)

    @routes.post("/enrollments/{enrollment_id}/agreement")
    async def sign_agreement(enrollment_id: str, form: AgreementForm, once: Once, caller: Signer) -> EnrollmentView:
        """Sign for the caller's company. It is then an active partner of the program. The words are kept as evidence.

        A partner accepts a newer version in the same way, also after the date by which it was asked to; if it was suspended
        because it had not, it is active again.
        """
        state, cause = await own(store, enrollment_id, caller), once.cause(caller)
        agreement = await editions.current(state.region)
        language = agreement.language(form.language or caller.culture)
        words = agreement.texts[language]
        command = SignAgreement(
            version=form.version,
            current_version=agreement.version,
            accepted=form.accepted,
            language=language,
            sha256=words.sha256,
            signer=caller.user_id,
            signer_organization=caller.organization_id,
            at=cause.time,
        )
        id = ENROLLMENT.id(enrollment_id)
        if await handler.would_change(ENROLLMENT, id, command, cause):
            # Before the signature, which must not be without its words.
            await editions.keep(words, cause)
        outcome = await handler.handle(ENROLLMENT, id, command, cause, answer=enrollment_answer)
        return EnrollmentView.model_validate(outcome.answer)


def _signed(routes: APIRouter, store: MongoStore) -> None:
    @routes.get("/enrollments/{enrollment_id}/agreement")
    async def list_signatures(enrollment_id: str, caller: Reader) -> SignaturesView:
        """Who signed which version for the company, and when; the newest first."""
        return signatures_view(await readable(store, enrollment_id, caller))

    @routes.get("/enrollments/{enrollment_id}/agreement.txt", responses=TEXT, response_class=Response)
    async def download_agreement(
        enrollment_id: str,
        caller: Reader,
        version: Annotated[
            Line | None, Query(description="of the agreement; without it the newest that was signed")
        ] = None,
    ) -> Response:
        """The words that were signed, in their language, with the evidence.

        409 `not-signed` where nothing was signed, 404 for a version that was not.
        """
        state = await readable(store, enrollment_id, caller)
        if not state.signatures:
            detail = "nobody has signed for this company yet; sign the agreement first"
            raise ProblemError(409, "not-signed", detail)
        signature = next((one for one in reversed(state.signatures) if version in {None, one.version}), None)
        if signature is None:
            raise not_found("signature")
        words = await store.get_or_initial(AGREEMENT_TEXT, AGREEMENT_TEXT.id(signature.sha256))
        if not words.text:
            raise not_found("signature")
        text = evidence(words, signature, state.organization_id)
        headers = {
            "content-disposition": f'attachment; filename="agreement-{enrollment_id}.txt"',
            "cache-control": "no-store",
        }
        return Response(text, media_type="text/plain; charset=utf-8", headers=headers)


def evidence(words: SignedText, signature: Signature, organization_id: str) -> str:
    line = EVIDENCE["de" if signature.language == "de" else "en"].format(
        organization=organization_id,
        signer=signature.signer,
        at=f"{signature.at:%Y-%m-%d %H:%M:%S}",
        version=signature.version,
        region=signature.region,
        sha256=signature.sha256,
    )
    return f"{words.title}\n\n{words.text}\n\n--\n{line}\n"
