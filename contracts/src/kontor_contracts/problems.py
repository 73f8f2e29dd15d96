"""Every ``code`` of a problem (RFC 9457) that a service may answer with: by service, with its statuses and what it means.

A code never changes its meaning. New ones are added; callers take one that they do not know by its status. A test of the
services fails where a code is missing here, and where one stands here that no service uses.
"""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple


class Meaning(NamedTuple):
    """``statuses``: HTTP statuses that the code comes with, first that of a refusal by the domain.

    One sentence each in English and German.
    """

    statuses: tuple[int, ...]
    en: str
    de: str


EVERYWHERE: Mapping[str, Meaning] = {
    "bad-cursor": Meaning(
        (422,), "The cursor is not one of an earlier page.", "Der Cursor stammt von keiner früheren Seite."
    ),
    "bad-request": Meaning((400,), "The request cannot be read.", "Die Anfrage lässt sich nicht lesen."),
    "csv-encoding": Meaning((422,), "The file is not UTF-8.", "Die Datei ist nicht UTF-8."),
    "csv-quoting": Meaning((422,), "Quotes or separators do not match.", "Anführungs- oder Trennzeichen passen nicht."),
    "forbidden": Meaning((403,), "The caller may not do this.", "Der Aufrufer darf das nicht."),
    "idempotency-key-expired": Meaning((409,), "The Idempotency-Key is too old.", "Der Idempotency-Key ist zu alt."),
    "idempotency-key-missing": Meaning((400,), "An Idempotency-Key is needed.", "Ein Idempotency-Key wird benötigt."),
    "idempotency-key-reused": Meaning(
        (422,), "The Idempotency-Key came with another request.", "Der Idempotency-Key kam mit einer anderen Anfrage."
    ),
    "internal": Meaning((500,), "An error on our side.", "Ein Fehler auf unserer Seite."),
    "invalid": Meaning(
        (422,), "The request does not have the documented form.", "Die Anfrage hat nicht die beschriebene Form."
    ),
    "mail-budget-spent": Meaning((429,), "The mails of today are used up.", "Die E-Mails für heute sind aufgebraucht."),
    "method-not-allowed": Meaning((405,), "The path knows no such method.", "Der Pfad kennt diese Methode nicht."),
    "not-csv": Meaning((415, 422), "The body is no CSV.", "Der Inhalt ist kein CSV."),
    "not-found": Meaning((404,), "There is no such thing.", "Das gibt es nicht."),
    "second-factor-needed": Meaning(
        (401,), "A sign-in with a second factor is needed.", "Eine Anmeldung mit zweitem Faktor wird benötigt."
    ),
    "taken": Meaning((409,), "The value is in use already.", "Der Wert ist schon vergeben."),
    "too-large": Meaning(
        (413,), "The request or what it leads to is too large.", "Die Anfrage oder ihr Ergebnis ist zu groß."
    ),
    "too-many-requests": Meaning((429,), "Too many requests; wait.", "Zu viele Anfragen; warten Sie."),
    "too-slow": Meaning((408,), "The body did not come in time.", "Der Inhalt kam nicht rechtzeitig."),
    "try-again": Meaning(
        (503,),
        "The service cannot answer now; repeat the request.",
        "Der Dienst kann gerade nicht antworten; wiederholen Sie die Anfrage.",
    ),
    "unauthenticated": Meaning((401,), "A valid access token is needed.", "Ein gültiges Zugriffstoken wird benötigt."),
}

IDENTITY: Mapping[str, Meaning] = {
    "active-partner": Meaning(
        (409,), "The organization is an active partner.", "Die Organisation ist aktiver Partner."
    ),
    "address-link-over": Meaning(
        (410,),
        "The link that confirms the new address no longer works.",
        "Der Link zur Bestätigung der neuen Adresse gilt nicht mehr.",
    ),
    "already-active": Meaning((409,), "There is a second factor already.", "Es gibt schon einen zweiten Faktor."),
    "busy": Meaning((429,), "Too many sign-ins at this moment.", "Gerade zu viele Anmeldungen."),
    "changed-meanwhile": Meaning((409,), "The user was changed meanwhile.", "Der Benutzer wurde inzwischen geändert."),
    "code-wrong": Meaning((422,), "The code is wrong.", "Der Code ist falsch."),
    "codes-closed": Meaning((429,), "Too many wrong codes.", "Zu viele falsche Codes."),
    "confirmation-missing": Meaning(
        (422,), "The change needs a confirmation.", "Die Änderung braucht eine Bestätigung."
    ),
    "dns-unavailable": Meaning(
        (503,), "The domain's name servers do not answer.", "Die Nameserver der Domain antworten nicht."
    ),
    "domain-taken": Meaning(
        (409,), "Another organization has proved this domain.", "Eine andere Organisation hat diese Domain belegt."
    ),
    "enrollment-submitted": Meaning(
        (409,),
        "An enrollment was submitted, so country and kind stay.",
        "Ein Antrag auf Teilnahme wurde eingereicht; Land und Art bleiben.",
    ),
    "external-sign-in-failed": Meaning(
        (401,),
        "The company's directory does not vouch for the person.",
        "Das Verzeichnis des Unternehmens bestätigt die Person nicht.",
    ),
    "external-state": Meaning(
        (400,),
        "The sign-in was begun elsewhere or too long ago.",
        "Die Anmeldung begann anderswo oder vor zu langer Zeit.",
    ),
    "global-admin-only": Meaning(
        (403, 409), "Only a global administrator may do this.", "Das darf nur ein globaler Administrator."
    ),
    "id-in-use": Meaning((409,), "The id belongs to another user.", "Die ID gehört einem anderen Benutzer."),
    "invalid-credentials": Meaning((401,), "The credentials do not match.", "Die Anmeldedaten passen nicht."),
    "invalid-grant": Meaning((400,), "The code does not count.", "Der Code gilt nicht."),
    "invitation-expired": Meaning((410,), "The invitation is too old.", "Die Einladung ist zu alt."),
    "invitation-unknown": Meaning((404,), "There is no such invitation.", "Diese Einladung gibt es nicht."),
    "last-global-admin": Meaning(
        (409,),
        "An organization keeps a global administrator.",
        "Eine Organisation behält einen globalen Administrator.",
    ),
    "legal-name": Meaning(
        (422,),
        "The name of an active partner changes through enrollment.",
        "Der Name eines aktiven Partners ändert sich über den Antrag auf Teilnahme.",
    ),
    "linked-otherwise": Meaning(
        (409,), "The person is another user already.", "Die Person ist schon ein anderer Benutzer."
    ),
    "no-such-session": Meaning((404,), "There is no such session.", "Diese Sitzung gibt es nicht."),
    "not-a-user": Meaning((403,), "The company has no such user.", "Das Unternehmen hat diesen Benutzer nicht."),
    "not-active": Meaning((409,), "There is no second factor.", "Es gibt keinen zweiten Faktor."),
    "not-begun": Meaning((409,), "No second factor is being set up.", "Es wird kein zweiter Faktor eingerichtet."),
    "not-closed": Meaning((409,), "The organization is not closed.", "Die Organisation ist nicht geschlossen."),
    "not-deleted": Meaning((409,), "The user is not deleted.", "Der Benutzer ist nicht gelöscht."),
    "not-disabled": Meaning((409,), "The user is not disabled.", "Der Benutzer ist nicht deaktiviert."),
    "not-invited": Meaning((409,), "The user is not invited.", "Der Benutzer ist nicht eingeladen."),
    "not-restorable": Meaning(
        (409,), "The user cannot be restored any more.", "Der Benutzer lässt sich nicht mehr wiederherstellen."
    ),
    "not-yours-to-give": Meaning(
        (403,), "The caller may not give this role.", "Der Aufrufer darf diese Rolle nicht vergeben."
    ),
    "organization-closed": Meaning((409,), "The organization is closed.", "Die Organisation ist geschlossen."),
    "other-global-admins": Meaning(
        (409,),
        "Only the last global administrator may do this.",
        "Das darf nur der letzte globale Administrator.",
    ),
    "own-account": Meaning((403,), "Nobody may do this to the own account.", "Das darf niemand mit dem eigenen Konto."),
    "own-roles": Meaning((403,), "Nobody changes the own roles.", "Niemand ändert die eigenen Rollen."),
    "password-chosen": Meaning((409,), "The user has chosen a password.", "Der Benutzer hat ein Kennwort gewählt."),
    "password-guessable": Meaning((422,), "The password is easy to guess.", "Das Kennwort ist leicht zu erraten."),
    "password-leaked": Meaning(
        (422,), "The password is on a list of leaked ones.", "Das Kennwort steht auf einer Liste bekannt gewordener."
    ),
    "password-reused": Meaning((422,), "The password is the last one.", "Das Kennwort ist das letzte."),
    "password-too-long": Meaning((422,), "The password is too long.", "Das Kennwort ist zu lang."),
    "password-too-short": Meaning((422,), "The password is too short.", "Das Kennwort ist zu kurz."),
    "proof-link-over": Meaning(
        (410,), "The link that proves the address is over.", "Der Link zum Nachweis der Adresse gilt nicht mehr."
    ),
    "record-missing": Meaning((409,), "The domain's TXT record is not there.", "Der TXT-Eintrag der Domain fehlt."),
    "registration-pending": Meaning(
        (503,), "The registration is not complete yet.", "Die Registrierung ist noch nicht fertig."
    ),
    "reset-link-over": Meaning(
        (410,), "The link for a new password is over.", "Der Link für ein neues Kennwort gilt nicht mehr."
    ),
    "restorable": Meaning(
        (409,),
        "A deleted user has this address: restore or purge the user.",
        "Ein gelöschter Benutzer hat diese Adresse: Stellen Sie ihn wieder her, oder löschen Sie ihn endgültig.",
    ),
    "role-not-for-guests": Meaning((422,), "The role is not for guests.", "Die Rolle ist nicht für Gäste."),
    "role-not-for-kind": Meaning(
        (422,), "The role is not for such an organization.", "Die Rolle ist nicht für solche Organisationen."
    ),
    "role-not-for-locations": Meaning(
        (422,), "The role counts for the whole company.", "Die Rolle gilt für das ganze Unternehmen."
    ),
    "roles-not-for-kind": Meaning(
        (409,),
        "Users hold roles that the other kind of organization does not have.",
        "Benutzer haben Rollen, die es in der anderen Art von Organisation nicht gibt.",
    ),
    "same-address": Meaning((422,), "The address is the current one.", "Die Adresse ist die bisherige."),
    "second-factor-required": Meaning(
        (401,), "Send a code of the second factor.", "Senden Sie einen Code des zweiten Faktors."
    ),
    "session-over": Meaning((409,), "The session is over.", "Die Sitzung ist beendet."),
    "too-many-global-admins": Meaning(
        (409,),
        "The organization has as many global administrators as it may have.",
        "Die Organisation hat so viele globale Administratoren, wie sie haben darf.",
    ),
    "too-many-rows": Meaning((422,), "The file has too many rows.", "Die Datei hat zu viele Zeilen."),
    "too-many-attempts": Meaning((429,), "Too many attempts; wait.", "Zu viele Versuche; warten Sie."),
    "unknown-domain": Meaning(
        (404,), "The organization has not claimed this domain.", "Die Organisation hat diese Domain nicht angemeldet."
    ),
    "unknown-role": Meaning((422,), "There is no such role.", "Diese Rolle gibt es nicht."),
    "unknown-user": Meaning((404,), "There is no such user.", "Diesen Benutzer gibt es nicht."),
    "user-deleted": Meaning((409,), "The user is deleted.", "Der Benutzer ist gelöscht."),
    "verification-link-over": Meaning(
        (410,), "The link of the sign-up is over.", "Der Link zur Registrierung gilt nicht mehr."
    ),
    "work-account-exists": Meaning(
        (409,), "The company has a work account already.", "Das Unternehmen hat schon ein Arbeitskonto."
    ),
    "wrong-columns": Meaning(
        (422,), "The file's columns are not the documented ones.", "Die Spalten der Datei sind nicht die beschriebenen."
    ),
    "wrong-password": Meaning((422,), "The current password is wrong.", "Das aktuelle Kennwort ist falsch."),
}

ENROLLMENT: Mapping[str, Meaning] = {
    "agreement-not-accepted": Meaning(
        (422,), "The agreement has to be accepted.", "Der Vertrag muss angenommen werden."
    ),
    "agreement-outdated": Meaning(
        (422,), "There is a newer version of the agreement.", "Es gibt eine neuere Fassung des Vertrags."
    ),
    "already-reviewed": Meaning((409,), "This was reviewed already.", "Das wurde schon geprüft."),
    "already-confirmed": Meaning((409,), "The contact has confirmed already.", "Der Kontakt hat schon bestätigt."),
    "already-denied": Meaning((409,), "The contact has declined already.", "Der Kontakt hat schon abgelehnt."),
    "cause-missing": Meaning(
        (422,), "An end at once needs a good cause.", "Ein sofortiges Ende braucht einen wichtigen Grund."
    ),
    "change-pending": Meaning((409,), "Another change is under review.", "Eine andere Änderung ist in Prüfung."),
    "claimed": Meaning(
        (409,), "Another reviewer has claimed the review.", "Ein anderer Prüfer hat die Prüfung übernommen."
    ),
    "closed": Meaning((409,), "The enrollment is closed.", "Der Antrag ist abgeschlossen."),
    "changed-meanwhile": Meaning(
        (412,), "The enrollment has changed since it was read.", "Der Antrag hat sich seit dem Lesen geändert."
    ),
    "company-name-invalid": Meaning(
        (422,), "The company's name is not complete.", "Der Name des Unternehmens ist nicht vollständig."
    ),
    "csv-header": Meaning(
        (422,),
        "The file's first row is not the documented one.",
        "Die erste Zeile der Datei ist nicht die beschriebene.",
    ),
    "csv-rows": Meaning((422,), "The file has too many rows.", "Die Datei hat zu viele Zeilen."),
    "confirmation-missing": Meaning((422,), "A confirmation is missing.", "Eine Bestätigung fehlt."),
    "due-date-invalid": Meaning((422,), "The date cannot be chosen.", "Das Datum kann nicht gewählt werden."),
    "not-due": Meaning((409,), "It is too early to confirm.", "Für die Bestätigung ist es zu früh."),
    "not-waiting": Meaning((409,), "Nothing keeps the company from enrolling.", "Das Unternehmen muss nicht warten."),
    "waiting": Meaning(
        (409,), "The company may not enroll again yet.", "Das Unternehmen darf noch keinen neuen Antrag stellen."
    ),
    "disposable-address": Meaning((422,), "The address is a disposable one.", "Die Adresse ist eine Wegwerfadresse."),
    "document-unknown": Meaning(
        (404,), "The program asked for no such document.", "Das Programm hat kein solches Dokument angefordert."
    ),
    "email-invalid": Meaning((422,), "The text is no mail address.", "Der Text ist keine E-Mail-Adresse."),
    "file-in-use": Meaning((409,), "The review needs this file.", "Die Prüfung braucht diese Datei."),
    "file-known": Meaning((409,), "This file was uploaded already.", "Diese Datei wurde schon hochgeladen."),
    "file-refused": Meaning((422,), "The scanner refused the file.", "Der Virenscanner hat die Datei abgelehnt."),
    "file-type": Meaning(
        (422,), "The file is no complete PDF, PNG or JPEG.", "Die Datei ist kein vollständiges PDF, PNG oder JPEG."
    ),
    "file-unknown": Meaning((404,), "There is no such file.", "Diese Datei gibt es nicht."),
    "foreign-signer": Meaning((403,), "Only the enrolling company signs.", "Nur das Unternehmen selbst unterschreibt."),
    "incomplete": Meaning((422,), "The enrollment is not complete.", "Der Antrag ist nicht vollständig."),
    "link-expired": Meaning((410,), "The link is too old.", "Der Link ist zu alt."),
    "link-superseded": Meaning((410,), "There is a newer link.", "Es gibt einen neueren Link."),
    "link-unknown": Meaning((404,), "There is no such link.", "Diesen Link gibt es nicht."),
    "market-not-supported": Meaning(
        (422,), "The program is not offered in this country.", "Das Programm gibt es in diesem Land nicht."
    ),
    "membership-sign-in-failed": Meaning(
        (403,), "The membership registry does not know the account.", "Das Mitgliedsverzeichnis kennt das Konto nicht."
    ),
    "no-change-pending": Meaning((409,), "No change is proposed.", "Es ist keine Änderung vorgeschlagen."),
    "not-active": Meaning((409,), "The company is no active partner.", "Das Unternehmen ist kein aktiver Partner."),
    "not-appealable": Meaning(
        (409,), "The rejection cannot be appealed.", "Gegen die Ablehnung ist kein Einspruch möglich."
    ),
    "not-awaiting-contact": Meaning((409,), "No contact is being waited for.", "Es wird auf keinen Kontakt gewartet."),
    "not-editable": Meaning(
        (409,), "The enrollment cannot be edited now.", "Der Antrag lässt sich gerade nicht ändern."
    ),
    "not-in-program": Meaning(
        (409,),
        "The membership registry does not know the company as enrolled.",
        "Das Mitgliederverzeichnis führt das Unternehmen nicht als Teilnehmer.",
    ),
    "not-in-review": Meaning((409,), "The enrollment is not in review.", "Der Antrag ist nicht in Prüfung."),
    "not-qualified": Meaning(
        (409,), "The enrollment has to be approved first.", "Der Antrag muss erst genehmigt werden."
    ),
    "not-started": Meaning((404,), "There is no such enrollment.", "Diesen Antrag gibt es nicht."),
    "not-signed": Meaning((409,), "Nothing is signed yet.", "Es ist noch nichts unterzeichnet."),
    "not-suspended": Meaning((409,), "The company is not suspended.", "Das Unternehmen ist nicht gesperrt."),
    "notice-of-program": Meaning((409,), "The program gave the notice.", "Das Programm hat gekündigt."),
    "own-company": Meaning((403,), "Nobody reviews the own company.", "Niemand prüft das eigene Unternehmen."),
    "partner-id-missing": Meaning((409,), "No partner id is linked yet.", "Es ist noch keine Partner-ID verknüpft."),
    "partner-id-inactive": Meaning((422,), "The partner id is not active.", "Die Partner-ID ist nicht aktiv."),
    "partner-id-not-a-location": Meaning(
        (422,), "The partner id is not of a location.", "Die Partner-ID gehört zu keinem Standort."
    ),
    "partner-id-other-country": Meaning(
        (422,), "The partner id is of another country.", "Die Partner-ID gehört zu einem anderen Land."
    ),
    "partner-id-unknown": Meaning(
        (422,), "The registry does not know the partner id.", "Das Verzeichnis kennt die Partner-ID nicht."
    ),
    "program-not-for-organization": Meaning(
        (422,), "The program is not for such an organization.", "Das Programm ist nicht für solche Organisationen."
    ),
    "reason-missing": Meaning((422,), "A rejection needs a reason.", "Eine Ablehnung braucht einen Grund."),
    "resend-limit-reached": Meaning(
        (409,), "No more mails for this contact.", "Keine weiteren E-Mails an diesen Kontakt."
    ),
    "resend-too-soon": Meaning((409,), "A mail was sent a moment ago.", "Gerade wurde eine E-Mail gesendet."),
    "role-mailbox": Meaning(
        (422,), "The address is of a role, not of a person.", "Die Adresse gehört einer Funktion, keiner Person."
    ),
    "too-many-attempts": Meaning((429,), "Too many attempts; wait.", "Zu viele Versuche; warten Sie."),
    "too-many-documents": Meaning(
        (422,), "The enrollment has too many documents.", "Der Antrag hat zu viele Dokumente."
    ),
    "too-many-files": Meaning((409,), "The document has too many files.", "Das Dokument hat zu viele Dateien."),
    "too-many-notes": Meaning((409,), "The review has too many notes.", "Die Prüfung hat zu viele Notizen."),
    "webmail-address": Meaning(
        (422,), "The address is of a public mail provider.", "Die Adresse ist von einem öffentlichen E-Mail-Dienst."
    ),
    "webmail-lookalike": Meaning(
        (422,),
        "The domain looks like a public mail provider's.",
        "Die Domain ähnelt der eines öffentlichen E-Mail-Diensts.",
    ),
}

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

NOTIFICATIONS: Mapping[str, Meaning] = {
    "mail-erased": Meaning((409,), "The recipient's data were erased.", "Die Daten des Empfängers wurden gelöscht."),
    "mail-expired": Meaning(
        (409,), "What the mail says is not valid any more.", "Was die E-Mail sagt, gilt nicht mehr."
    ),
    "mail-link-erased": Meaning((409,), "What the mail needs was erased.", "Was die E-Mail braucht, wurde gelöscht."),
    "mail-not-sent": Meaning((409,), "The mail was not sent.", "Die E-Mail wurde nicht gesendet."),
    "mail-over": Meaning((409,), "What the mail is about is over.", "Der Anlass der E-Mail ist vorbei."),
    "mail-sent": Meaning((409,), "The mail was sent.", "Die E-Mail wurde gesendet."),
    "mail-under-way": Meaning((409,), "The mail is about to be sent.", "Die E-Mail wird gerade gesendet."),
    "not-suppressed": Meaning((409,), "Mails go to this address.", "An diese Adresse gehen E-Mails."),
}

OWN: Mapping[str, Mapping[str, Meaning]] = {
    "identity": IDENTITY,
    "enrollment": ENROLLMENT,
    "relationships": RELATIONSHIPS,
    "notifications": NOTIFICATIONS,
}


@cache
def codes_of(service: str) -> Mapping[str, Meaning]:
    """All that this service may answer with."""
    return {**EVERYWHERE, **OWN.get(service, {})}
