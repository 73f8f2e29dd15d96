"""Codes of identity."""

from collections.abc import Mapping

from kontor_contracts.problems.meaning import Meaning

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
