"""A reseller that is invited before it is enrolled gets a mail when it can accept, over real sockets."""

from uuid import uuid4

from service.relationships.stage import Company, Stage, problem

from kontor_contracts.relationships import InvitationReady

pytest_plugins = ("service.relationships.fixtures",)


async def test_an_invitation_waits_for_the_enrollment_and_is_mailed_then(stage: Stage, provider: Company) -> None:
    newcomer = stage.company("reseller")
    sent = await stage.invited(provider, "partnership", to=newcomer.partner.contact.email)
    other = await stage.invited(provider, "partnership", to=f"{uuid4().hex}@else.example")
    assert problem(await stage.accept(newcomer, sent))[:2] == (403, "not-a-reseller")
    await stage.activate(newcomer)
    (ready,) = await stage.events(InvitationReady.TYPE, lambda data: data.invitation_id == sent["invitation_id"])
    assert (ready.recipient.email, ready.inviter.name) == (newcomer.partner.contact.email, provider.name)
    assert (await stage.accept(newcomer, sent)).status_code == 200
    # The next company's mail shows that all of the first activation is announced.
    second = stage.company("reseller")
    later = await stage.invited(provider, "partnership", to=second.partner.contact.email)
    await stage.activate(second)
    await stage.events(InvitationReady.TYPE, lambda data: data.invitation_id == later["invitation_id"])
    told = await stage.events(InvitationReady.TYPE, lambda data: data.inviter.partner_id == provider.partner_id, 2)
    assert other["invitation_id"] not in {one.invitation_id for one in told}
