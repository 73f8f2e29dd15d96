"""What the program's staff, and notifications itself, decide about mails, as the activity log shows it."""

from collections.abc import Iterator

from identity.domain.audit_entry import Difference
from kontor_contracts import Payload
from kontor_contracts.notifications import AddressSuppressed, MailOrdered, SuppressionLifted


def further_organizations(data: Payload) -> tuple[str, ...]:
    """Whose mail it is."""
    return (data.organization_id,) if isinstance(data, MailOrdered) and data.organization_id else ()


def differences(data: Payload) -> Iterator[Difference]:
    match data:
        case MailOrdered(order=order, reason=reason, template=template):
            yield Difference("order", None, order)
            yield Difference("template", None, template)
            yield Difference("reason", None, reason)
        case AddressSuppressed(reason=reason, note=note):
            yield Difference("suppressed", None, reason)
            if note:
                yield Difference("note", None, note)
        case SuppressionLifted(note=note):
            yield Difference("suppressed", "suppressed", None)
            yield Difference("note", None, note)
