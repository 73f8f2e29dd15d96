"""Codes of relationships."""

from collections.abc import Mapping

from kontor_contracts.problems.meaning import Meaning

RELATIONSHIPS: Mapping[str, Meaning] = {
    "access-consent-missing": Meaning(
        (422,), "Administrator access needs consent.", "Der Administratorzugriff braucht die Zustimmung."
    ),
    "access-end-past": Meaning(
        (422,), "The end of the access is in the past.", "Das Ende des Zugriffs liegt in der Vergangenheit."
    ),
    "access-refused": Meaning(
        (409,), "The inviter did not let the company in.", "Der Einladende hat das Unternehmen nicht zugelassen."
    ),
    "access-unknown": Meaning(
        (404,), "There is no such request to be let in.", "Diese Anfrage um Zulassung gibt es nicht."
    ),
    "access-unneeded": Meaning((409,), "The caller may accept right away.", "Der Aufrufer kann gleich annehmen."),
    "address-invalid": Meaning((422,), "The text is no mail address.", "Der Text ist keine E-Mail-Adresse."),
    "already-accepted": Meaning(
        (409,), "Another company has accepted the invitation.", "Ein anderes Unternehmen hat die Einladung angenommen."
    ),
    "already-connected": Meaning(
        (409,), "The two companies work together already.", "Die beiden Firmen arbeiten schon zusammen."
    ),
    "already-sent": Meaning((409,), "The invitation is sent already.", "Die Einladung ist schon gesendet."),
    "country-outside-region": Meaning(
        (422,), "A country is outside the provider's region.", "Ein Land liegt nicht in der Region des Anbieters."
    ),
    "consent-missing": Meaning((422,), "Acceptance needs consent.", "Die Annahme braucht die Zustimmung."),
    "invitation-declined": Meaning(
        (410,), "The addressee has declined the invitation.", "Der Empfänger hat die Einladung abgelehnt."
    ),
    "invitation-expired": Meaning((410,), "The invitation is too old.", "Die Einladung ist zu alt."),
    "invitation-revoked": Meaning(
        (410,), "The sender has taken the invitation back.", "Der Absender hat die Einladung zurückgenommen."
    ),
    "inviter-not-active": Meaning(
        (409,), "The inviting company is no active partner.", "Das einladende Unternehmen ist kein aktiver Partner."
    ),
    "link-foreign": Meaning((422,), "The text links to another site.", "Der Text verweist auf eine fremde Seite."),
    "link-hidden": Meaning((422,), "The link in the text is not visible.", "Der Link im Text ist nicht sichtbar."),
    "link-repeated": Meaning((422,), "The link stands in the text once.", "Der Link steht im Text genau einmal."),
    "link-invalid": Meaning(
        (403,), "The link is incomplete or not valid.", "Der Link ist unvollständig oder ungültig."
    ),
    "link-missing": Meaning((422,), "The text has to keep {link}.", "Der Text muss {link} behalten."),
    "auto-extend-by-customer": Meaning(
        (403,), "Only the customer can have the grant extended.", "Nur der Kunde kann die Verlängerung einschalten."
    ),
    "auto-extend-of-top-role": Meaning(
        (422,),
        "A grant with the role global-administrator is never extended.",
        "Eine Berechtigung mit der Rolle global-administrator wird nie verlängert.",
    ),
    "customer-unreachable": Meaning(
        (409,), "The customer has no work account here.", "Der Kunde hat hier kein Arbeitskonto."
    ),
    "grant-not-open": Meaning((409,), "The grant has ended.", "Die Berechtigung ist beendet."),
    "grant-not-pending": Meaning((409,), "The grant was answered already.", "Die Berechtigung ist schon beantwortet."),
    "too-many-grants": Meaning(
        (409,),
        "The two have as many open grants as they may.",
        "Die beiden haben so viele offene Berechtigungen, wie sie dürfen.",
    ),
    "no-relationship": Meaning(
        (409,), "Customer and partner have no relationship.", "Kunde und Partner haben keine Beziehung."
    ),
    "not-a-customer": Meaning((403,), "The invitation is for a customer.", "Die Einladung ist für einen Kunden."),
    "not-a-draft": Meaning(
        (409,), "Only a draft can be changed or sent.", "Nur ein Entwurf lässt sich ändern oder senden."
    ),
    "not-a-provider": Meaning(
        (403,), "Only an indirect provider may do this.", "Das darf nur ein indirekter Anbieter."
    ),
    "not-a-reseller": Meaning(
        (403,), "Only an active indirect reseller may do this.", "Das darf nur ein aktiver indirekter Handelspartner."
    ),
    "not-open": Meaning((409,), "The invitation is over.", "Die Einladung ist beendet."),
    "not-sent": Meaning((409,), "The invitation is not sent yet.", "Die Einladung ist noch nicht gesendet."),
    "not-the-addressee": Meaning(
        (403,), "The invitation is for another address.", "Die Einladung ist für eine andere Adresse."
    ),
    "own-domain": Meaning(
        (422,), "The address is at a partner's own domain.", "Die Adresse liegt in der eigenen Domain eines Partners."
    ),
    "own-organization": Meaning(
        (403,),
        "A company cannot accept its own invitation.",
        "Ein Unternehmen kann seine eigene Einladung nicht annehmen.",
    ),
    "partner-not-active": Meaning(
        (409,), "The company is no active partner.", "Das Unternehmen ist kein aktiver Partner."
    ),
    "partnership-not-active": Meaning(
        (409,),
        "The two companies have no active partnership now.",
        "Die beiden Unternehmen haben derzeit keine aktive Partnerschaft.",
    ),
    "partnership-unknown": Meaning(
        (404,), "The two companies have had no partnership.", "Die beiden Unternehmen hatten keine Partnerschaft."
    ),
    "partnership-missing": Meaning(
        (409,),
        "Reseller and provider need a partnership first.",
        "Handelspartner und Anbieter brauchen zuerst eine Partnerschaft.",
    ),
    "profile-incomplete": Meaning(
        (422,), "A published profile needs more.", "Einem veröffentlichten Profil fehlt noch etwas."
    ),
    "profile-missing": Meaning((409,), "There is no profile yet.", "Es gibt noch kein Profil."),
    "provider-missing": Meaning((422,), "The invitation needs a provider.", "Die Einladung braucht einen Anbieter."),
    "provider-unexpected": Meaning((422,), "The invitation takes no provider.", "Die Einladung hat keinen Anbieter."),
    "region-differs": Meaning(
        (409,), "The companies are in different regions.", "Die Unternehmen sind in verschiedenen Regionen."
    ),
    "customer-not-shared": Meaning(
        (409,),
        "The customer does not work with both companies.",
        "Der Kunde arbeitet nicht mit beiden Unternehmen.",
    ),
    "partner-id-unknown": Meaning((422,), "No partner has this partner id.", "Kein Partner hat diese Partnernummer."),
    "partner-not-reseller": Meaning(
        (422,), "The company is no indirect reseller.", "Das Unternehmen ist kein indirekter Handelspartner."
    ),
    "record-unknown": Meaning(
        (404,),
        "No reseller was named on the subscription.",
        "Auf dem Abonnement war kein Handelspartner genannt.",
    ),
    "reseller-not-active": Meaning(
        (409,), "The reseller is no active partner.", "Der Handelspartner ist kein aktiver Partner."
    ),
    "match-final": Meaning(
        (409,), "The time to undo the match is over.", "Die Zeit, die Zuordnung rückgängig zu machen, ist vorbei."
    ),
    "match-unknown": Meaning((409,), "There is no such match.", "Diese Zuordnung gibt es nicht."),
    "no-match-proposed": Meaning(
        (409,), "The imported customer is not proposed.", "Dieser importierte Kunde wird nicht vorgeschlagen."
    ),
    "too-many-matches": Meaning(
        (409,), "Too many imported customers are confirmed.", "Zu viele importierte Kunden sind bestätigt."
    ),
    "subscriptions-active": Meaning(
        (409,),
        "The customer has active subscriptions with the partner.",
        "Der Kunde hat aktive Abonnements bei dem Partner.",
    ),
    "request-not-open": Meaning((409,), "The request is not open.", "Die Anfrage ist nicht offen."),
    "request-open": Meaning((409,), "There is an open request.", "Es gibt eine offene Anfrage."),
    "request-too-soon": Meaning((409,), "The last request was declined.", "Die letzte Anfrage wurde abgelehnt."),
    "sent-meanwhile": Meaning(
        (409,), "Somebody else has sent it again.", "Jemand anders hat sie inzwischen erneut gesendet."
    ),
    "too-many-access-requests": Meaning(
        (409,), "Too many companies have asked to be let in.", "Zu viele Unternehmen haben um Zulassung gebeten."
    ),
    "too-many-locations": Meaning((422,), "A country has too many locations.", "Ein Land hat zu viele Standorte."),
    "too-many-partners": Meaning(
        (409,),
        "The customer works with as many partners as it may.",
        "Der Kunde arbeitet mit so vielen Partnern, wie er darf.",
    ),
}
