"""Codes of notifications."""

from collections.abc import Mapping

from kontor_contracts.problems.meaning import Meaning

NOTIFICATIONS: Mapping[str, Meaning] = {
    "mail-erased": Meaning((409,), "The recipient's data were erased.", "Die Daten des Empfängers wurden gelöscht."),
    "mail-expired": Meaning(
        (409,), "What the mail says is not valid any more.", "Was die E-Mail sagt, gilt nicht mehr."
    ),
    "mail-link-erased": Meaning((409,), "What the mail needs was erased.", "Was die E-Mail braucht, wurde gelöscht."),
    "mail-mandatory": Meaning(
        (422,), "Mails of this category cannot be muted.", "E-Mails dieser Art lassen sich nicht abbestellen."
    ),
    "mail-not-sent": Meaning((409,), "The mail was not sent.", "Die E-Mail wurde nicht gesendet."),
    "mail-over": Meaning((409,), "What the mail is about is over.", "Der Anlass der E-Mail ist vorbei."),
    "mail-sent": Meaning((409,), "The mail was sent.", "Die E-Mail wurde gesendet."),
    "mail-under-way": Meaning((409,), "The mail is about to be sent.", "Die E-Mail wird gerade gesendet."),
    "not-suppressed": Meaning((409,), "Mails go to this address.", "An diese Adresse gehen E-Mails."),
}
