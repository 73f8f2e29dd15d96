"""The customers of a suspended partner get a mail, and another one when it is reinstated."""

from collections.abc import Sequence

from chassis import Cause, Dispatch, Fire, Handler, MongoStore, Reactions, derived_id
from kontor_contracts import Envelope
from kontor_contracts.relationships import PartnerReinstated, PartnerSuspended
from relationships.documents import CUSTOMER, PARTNER, STANDING_NOTICE
from relationships.domain.customer.listing import list_key
from relationships.domain.partner import known_company
from relationships.domain.standing_notice import BATCH, BeginNotice, NotifyCustomers, StopNotice


def follow_standing(on: Reactions) -> None:
    @on(PartnerSuspended, PartnerReinstated)
    def when_standing_changes(
        message: Envelope[PartnerSuspended] | Envelope[PartnerReinstated],
    ) -> Sequence[Dispatch]:
        partner, suspended = message.data.partner, isinstance(message.data, PartnerSuspended)
        key = derived_id("standing-notice", partner.organization_id, message.id)
        begin = BeginNotice(
            notice_id=key,
            partner=partner,
            standing="suspended" if suspended else "reinstated",
            at=message.time,
        )
        return [Dispatch(STANDING_NOTICE, STANDING_NOTICE.id(key), begin)]


def standing_timer(store: MongoStore, handler: Handler) -> Fire:
    """Tells the next customers of the partner. Firing it again changes nothing."""

    async def tell(id: str, cause: Cause) -> None:
        state = await store.get(STANDING_NOTICE, id)
        notice = state.round if state else None
        if notice is None:
            return
        partner = await store.get(PARTNER, PARTNER.id(notice.partner.organization_id))
        company = known_company(partner)
        if company is None or (company.status == "suspended") != (notice.standing == "suspended"):
            await handler.handle(STANDING_NOTICE, id, StopNotice(), cause)
            return
        key = list_key(notice.partner.partner_id, "active")
        found = await store.list_page(CUSTOMER, key, {}, limit=BATCH, after=notice.after)
        people = (state.account.contact for _, state in found if state.account)
        command = NotifyCustomers(
            before=notice.after,
            after=found[-1][0] if len(found) == BATCH else None,
            # Customers of other portals have no contact here.
            recipients=tuple(one for one in people if one),
            at=cause.time,
        )
        await handler.handle(STANDING_NOTICE, id, command, cause)

    return tell
