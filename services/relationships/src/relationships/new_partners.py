"""Invitations that waited until their addressee's company was enrolled."""

from collections.abc import Sequence

from chassis import Dispatch, MongoStore, Reactions
from chassis.crypto import Sealer
from kontor_contracts import Envelope
from kontor_contracts.enrollment import EnrollmentActivated
from relationships import lookups
from relationships.documents import INVITATION
from relationships.domain.invitation.commands import NoteEnrolled
from relationships.domain.invitation.listing import address_list, company_list, domain_list
from relationships.links import Links

MOST_INVITATIONS = 20
"""Of one list, the newest: each leads to a mail."""


def tell_addressees(on: Reactions, store: MongoStore, links: Links, sealer: Sealer) -> None:
    """The addressees of open invitations to a partnership get a mail when their company can accept."""

    @on(EnrollmentActivated)
    async def when_addressee_is_enrolled(message: Envelope[EnrollmentActivated]) -> Sequence[Dispatch]:
        partner, applicant = message.data.partner, message.data.applicant
        if partner.program != "indirect-reseller":
            return []
        domains = await lookups.proved_domains(store, partner.organization_id)
        addresses = {partner.contact.email, *([applicant.email] if applicant else ())}
        lists = (
            company_list(partner.organization_id),
            *(address_list(email) for email in sorted(addresses)),
            *(domain_list(domain) for domain in domains),
        )
        open_ones = {"state.invitation.status": "sent", "state.invitation.kind": "partnership"}
        found: dict[str, Dispatch] = {}
        for key in lists:
            page = await store.list_page(INVITATION, key, open_ones, limit=MOST_INVITATIONS, descending=True)
            for invitation in (state.invitation for _, state in page if state.invitation):
                id = INVITATION.id(invitation.invitation_id)
                found[id] = Dispatch(INVITATION, id, NoteEnrolled(sealer.seal(links.url(invitation)), message.time))
        return list(found.values())
