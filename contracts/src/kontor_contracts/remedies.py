"""What German callers can do about a problem: by service and code of `problems`.

The detail of a problem is made of the catalogue's German sentence and this one. Words in braces are of the refusal: its fields,
``field``, and ``seconds`` until it makes sense to try again. English details are written where the rule is, because they name
what this very request has.
"""

from collections.abc import Mapping
from typing import Any

from kontor_contracts.problems import codes_of

EVERYWHERE: Mapping[str, str] = {
    "bad-cursor": "Übergeben Sie next_cursor einer früheren Seite unverändert.",
    "bad-request": "Senden Sie eine wohlgeformte HTTP-Anfrage.",
    "csv-encoding": "Speichern Sie die Datei als CSV UTF-8, oder nennen Sie ihren Zeichensatz.",
    "csv-quoting": "Korrigieren Sie die Anführungszeichen oder Trennzeichen.",
    "forbidden": "Bitten Sie Ihre Administration um eine Rolle mit dem nötigen Recht.",
    "idempotency-key-expired": "Senden Sie die Anfrage mit einem neuen Idempotency-Key, wenn sie noch gelten soll.",
    "idempotency-key-missing": "Senden Sie den Header Idempotency-Key, zum Beispiel mit einer UUID.",
    "idempotency-key-reused": "Senden Sie für eine andere Anfrage einen neuen Idempotency-Key.",
    "internal": "Melden Sie uns die correlation_id dieser Antwort.",
    "invalid": "Jeder Fehler steht in errors.",
    "mail-budget-spent": "Erlaubt sind {limit} E-Mails am Tag; heute sind noch {left} übrig. Versuchen Sie es morgen wieder.",
    "method-not-allowed": "Welche Methoden der Pfad kennt, steht im OpenAPI-Dokument.",
    "not-csv": "Speichern Sie die Tabelle als CSV, und senden Sie diese Datei mit dem Content-Type text/csv.",
    "not-found": "Prüfen Sie die Kennung und ob die Sache zu Ihrer Organisation gehört.",
    "second-factor-needed": "Melden Sie sich mit einem zweiten Faktor an, und senden Sie die Anfrage dann wieder.",
    "taken": "Geben Sie einen anderen Wert an, oder arbeiten Sie mit dem, was es schon gibt.",
    "too-large": "Senden Sie weniger auf einmal.",
    "too-many-requests": "Senden Sie die Anfrage nach der Zeit in Retry-After wieder.",
    "too-slow": "Senden Sie den Inhalt ohne lange Pausen.",
    "try-again": "Senden Sie dieselbe Anfrage noch einmal, mit demselben Idempotency-Key.",
    "unauthenticated": "Melden Sie sich an, und senden Sie das Zugriffstoken: Authorization: Bearer <token>.",
}

IDENTITY: Mapping[str, str] = {
    "active-partner": "Bitten Sie das Programmteam, zuerst die Teilnahme am Programm zu beenden.",
    "address-link-over": "Beantragen Sie die Änderung der Adresse noch einmal.",
    "already-active": "Schalten Sie ihn zuerst ab.",
    "busy": "Versuchen Sie es in wenigen Sekunden wieder.",
    "changed-meanwhile": "Laden Sie den Benutzer neu, und senden Sie die Anfrage dann wieder.",
    "code-wrong": "Senden Sie die sechs Ziffern, die die App jetzt zeigt.",
    "codes-closed": "Versuchen Sie es in {seconds} Sekunden wieder.",
    "confirmation-missing": "Senden Sie confirm: true, wenn Sie das wirklich wollen.",
    "dns-unavailable": "Versuchen Sie es in einigen Minuten wieder.",
    "domain-taken": "Wenn die Domain Ihnen gehört, wenden Sie sich an das Programmteam.",
    "enrollment-submitted": "Schließen Sie dieses Konto, und registrieren Sie sich neu.",
    "external-sign-in-failed": "Versuchen Sie es noch einmal, oder fragen Sie die Administration des Verzeichnisses.",
    "external-state": "Beginnen Sie die Anmeldung von vorn, im selben Browser.",
    "global-admin-only": "Bitten Sie einen globalen Administrator Ihrer Organisation.",
    "id-in-use": "Senden Sie die Anfrage mit einem neuen Idempotency-Key.",
    "invalid-credentials": "Prüfen Sie Adresse und Passwort, oder lassen Sie sich einen Link für ein neues Passwort senden.",
    "invalid-grant": "Beginnen Sie die Anmeldung von vorn.",
    "invitation-expired": "Bitten Sie Ihre Administration um eine neue.",
    "invitation-unknown": "Öffnen Sie den Link so, wie er in der E-Mail steht, oder bitten Sie um eine neue Einladung.",
    "last-global-admin": "Geben Sie zuerst einem anderen Benutzer diese Rolle.",
    "legal-name": "Bitten Sie das Programmteam, den rechtlichen Namen dort zu ändern.",
    "linked-otherwise": "Melden Sie sich mit dem anderen Konto an, oder bitten Sie Ihre Administration.",
    "no-such-session": "GET /v1/me/sessions nennt Ihre Sitzungen.",
    "not-a-user": "Bitten Sie Ihre Administration, Sie als Benutzer hinzuzufügen.",
    "not-active": "Richten Sie ihn mit POST /v1/me/second-factor ein.",
    "not-begun": "Beginnen Sie mit POST /v1/me/second-factor.",
    "not-closed": "Ist die Frist zum Wiederöffnen vorbei, registrieren Sie sich neu.",
    "not-deleted": "Löschen Sie den Benutzer zuerst.",
    "not-disabled": "Nur deaktivierte Benutzer lassen sich aktivieren; der Status steht in der Liste der Benutzer.",
    "not-invited": "Der Status steht in der Liste der Benutzer.",
    "not-restorable": "Fügen Sie den Benutzer neu hinzu.",
    "not-yours-to-give": "Bitten Sie einen Administrator, der sie vergeben darf; GET /v1/roles nennt die Rollen dafür.",
    "organization-closed": "Bitten Sie das Programmteam, sie wieder zu öffnen.",
    "other-global-admins": "Nehmen Sie den anderen zuerst diese Rolle, oder löschen Sie diese Benutzer.",
    "own-account": "Bitten Sie einen anderen Administrator.",
    "own-roles": "Bitten Sie einen anderen Administrator.",
    "password-chosen": "Dieses Passwort gilt weiter.",
    "password-guessable": "Nehmen Sie mehrere Wörter, die nichts miteinander und nichts mit Ihnen zu tun haben.",
    "password-leaked": "Wählen Sie ein anderes, zum Beispiel aus mehreren zufälligen Wörtern.",
    "password-reused": "Wählen Sie ein anderes.",
    "password-too-long": "Wählen Sie ein kürzeres.",
    "password-too-short": "Nehmen Sie zum Beispiel drei oder mehr Wörter, die nichts miteinander zu tun haben.",
    "proof-link-over": "Bitten Sie Ihre Administration um einen neuen.",
    "record-missing": "Legen Sie den Eintrag an, und prüfen Sie ihn nach einigen Minuten wieder.",
    "registration-pending": "Versuchen Sie es in wenigen Sekunden wieder.",
    "reset-link-over": "Lassen Sie sich einen neuen senden.",
    "restorable": "Beides finden Sie beim gelöschten Benutzer in der Liste der Benutzer.",
    "role-not-for-guests": "GET /v1/roles nennt die Rollen, die Gäste haben können.",
    "role-not-for-kind": "GET /v1/roles nennt die Rollen Ihrer Organisation.",
    "role-not-for-locations": "GET /v1/roles nennt die Rollen, die für einzelne Standorte gelten können.",
    "roles-not-for-kind": "Nehmen Sie den Benutzern zuerst diese Rollen.",
    "same-address": "Geben Sie eine andere an.",
    "second-factor-required": "Er steht in Ihrer Authenticator-App; ein Wiederherstellungscode gilt auch.",
    "session-over": "Melden Sie sich neu an.",
    "too-many-attempts": "Versuchen Sie es in {seconds} Sekunden wieder.",
    "too-many-global-admins": "Nehmen Sie zuerst einem von ihnen die Rolle.",
    "too-many-rows": "Teilen Sie die Datei auf.",
    "unknown-domain": "Melden Sie sie zuerst an.",
    "unknown-role": "GET /v1/roles nennt alle Rollen.",
    "unknown-user": "GET /v1/users nennt die Benutzer.",
    "user-deleted": "Stellen Sie ihn zuerst wieder her.",
    "verification-link-over": "Registrieren Sie sich noch einmal.",
    "work-account-exists": "Bitten Sie die Administration der Firma um einen Benutzer.",
    "wrong-columns": "Die Spalten stehen in der Beschreibung der Operation.",
    "wrong-password": "Prüfen Sie die Eingabe, oder lassen Sie sich einen Link für ein neues Passwort senden.",
}

ENROLLMENT: Mapping[str, str] = {
    "agreement-not-accepted": "Lesen Sie ihn, und senden Sie accepted: true.",
    "agreement-outdated": "Lesen und unterschreiben Sie die aktuelle Fassung.",
    "already-confirmed": "Wenn das nicht stimmt, schreiben Sie der Firma, die sich angemeldet hat.",
    "already-denied": "Möchte die Firma doch teilnehmen, beginnt sie eine neue Anmeldung.",
    "closed": "Beginnen Sie eine neue.",
    "company-name-invalid": "Geben Sie den eingetragenen Namen der Firma an.",
    "csv-header": "Die Spalten stehen in der Beschreibung der Operation.",
    "csv-rows": "Teilen Sie die Datei auf.",
    "disposable-address": "Geben Sie eine dauerhafte Adresse der Firma an.",
    "email-invalid": "Geben Sie eine Adresse wie name@firma.example an.",
    "foreign-signer": "Melden Sie sich mit einem Benutzer dieser Firma an.",
    "incomplete": "Es fehlt noch: {field}. Ergänzen Sie es, und reichen Sie die Anmeldung wieder ein.",
    "link-expired": "Bitten Sie die Firma um eine neue E-Mail.",
    "link-superseded": "Nehmen Sie den Link aus der neuesten E-Mail.",
    "link-unknown": "Öffnen Sie ihn so, wie er in der E-Mail steht.",
    "market-not-supported": "Nehmen Sie ein Arbeitskonto eines Landes, in dem es das Programm gibt.",
    "membership-sign-in-failed": "Prüfen Sie Konto und Zugangscode des Mitgliedsverzeichnisses.",
    "not-active": "Nur bei einem aktiven Partner geht das.",
    "not-awaiting-contact": "Reichen Sie die Anmeldung zuerst ein.",
    "not-editable": "Warten Sie auf die Entscheidung.",
    "not-in-review": "Die Warteschlange finden Sie mit status=in-review.",
    "not-qualified": "Warten Sie auf die Genehmigung.",
    "not-started": "Beginnen Sie eine.",
    "not-suspended": "Nur eine ausgesetzte Teilnahme lässt sich wieder aufnehmen.",
    "own-company": "Bitten Sie einen Prüfer einer anderen Organisation.",
    "partner-id-inactive": "Wählen Sie eine aktive, oder lassen Sie sie reaktivieren.",
    "partner-id-not-a-location": "Wählen Sie die Partner-ID des Standorts in Ihrem Land.",
    "partner-id-other-country": "Wählen Sie eine Partner-ID im Land Ihres Arbeitskontos.",
    "partner-id-unknown": "Sehen Sie die Profile des Mitgliedskontos nach, oder melden Sie sich mit einem anderen an.",
    "program-not-for-organization": "Wählen Sie ein passendes Programm oder ein anderes Arbeitskonto.",
    "reason-missing": "Nennen Sie ihn; die Firma bekommt ihn per E-Mail.",
    "resend-limit-reached": "Versuchen Sie es morgen wieder.",
    "resend-too-soon": "Warten Sie eine Minute.",
    "role-mailbox": "Geben Sie die Adresse einer Person an.",
    "too-many-attempts": "Versuchen Sie es in {seconds} Sekunden wieder.",
    "webmail-address": "Geben Sie eine Adresse in der eigenen Domain der Firma an.",
    "webmail-lookalike": "Geben Sie eine Adresse in der eigenen Domain der Firma an.",
}

RELATIONSHIPS: Mapping[str, str] = {
    "address-invalid": "Geben Sie eine Adresse wie name@firma.example an.",
    "already-accepted": "Bitten Sie den Absender um eine neue.",
    "already-sent": "Laden Sie die Einladung neu; zum Wiederholen gibt es das erneute Senden.",
    "consent-missing": "Lesen Sie, was die Annahme bedeutet, und senden Sie consent: true.",
    "invitation-declined": "Fragen Sie den Empfänger, bevor Sie eine neue senden.",
    "invitation-expired": "Bitten Sie den Absender um eine neue.",
    "invitation-revoked": "Fragen Sie den Absender.",
    "inviter-not-active": "Fragen Sie die Firma, die Sie eingeladen hat.",
    "link-invalid": "Öffnen Sie ihn so, wie er in der E-Mail steht.",
    "link-missing": "Daraus wird der persönliche Link.",
    "no-relationship": "Laden Sie die Liste neu; vielleicht ist die Beziehung schon beendet.",
    "not-a-customer": "Melden Sie sich mit dem Arbeitskonto eines Kunden an.",
    "not-a-draft": "Schreiben Sie eine neue Einladung.",
    "not-a-provider": "Bitten Sie einen indirekten Anbieter, Sie einzuladen.",
    "not-a-reseller": "Schließen Sie zuerst die Anmeldung zum Programm ab.",
    "not-sent": "Warten Sie auf die E-Mail.",
    "own-domain": "Geben Sie eine Adresse des Kunden an.",
    "own-organization": "Leiten Sie die Einladung an den Empfänger weiter.",
    "partner-not-active": "Schließen Sie zuerst die Anmeldung zum Programm ab.",
    "partnership-missing": "Laden Sie zuerst zu einer Partnerschaft ein.",
    "provider-missing": "Nennen Sie den Anbieter, den der Kunde autorisieren soll.",
    "provider-unexpected": "Nur eine gemeinsame Einladung (customer-joint) nennt einen.",
    "region-differs": "Zusammenarbeit gibt es nur innerhalb einer Region des Programms.",
    "sent-meanwhile": "Laden Sie die Einladung neu, und entscheiden Sie dann.",
    "subscriptions-active": "Beenden oder übertragen Sie zuerst die Abonnements.",
    "too-many-partners": "Beenden Sie zuerst die Zusammenarbeit mit einem anderen, oder fragen Sie das Programmteam.",
}

OWN: Mapping[str, Mapping[str, str]] = {
    "identity": IDENTITY,
    "enrollment": ENROLLMENT,
    "relationships": RELATIONSHIPS,
    "notifications": {},
}


def german_detail(service: str, code: str, values: Mapping[str, Any]) -> str | None:
    """What is wrong and what to do, in German. None where the catalogue does not know the code."""
    meaning = codes_of(service).get(code)
    if meaning is None:
        return None
    remedy = OWN.get(service, {}).get(code) or EVERYWHERE.get(code, "")
    try:
        return f"{meaning.de} {remedy.format_map(values)}".strip()
    except KeyError:
        # The value came with another release of the refusal.
        return meaning.de
