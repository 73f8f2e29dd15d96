"""Codes of enrollment."""

from collections.abc import Mapping

from kontor_contracts.problems.meaning import Meaning

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
    "no-acceptance-pending": Meaning(
        (409,), "The partner is asked to accept nothing.", "Der Partner hat nichts anzunehmen."
    ),
    "not-published": Meaning(
        (409,), "No such version was published.", "Eine solche Fassung wurde nicht veröffentlicht."
    ),
    "region-unknown": Meaning((422,), "There is no such region.", "Diese Region gibt es nicht."),
    "version-exists": Meaning(
        (409,), "There is a version of this name already.", "Es gibt schon eine Fassung dieses Namens."
    ),
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
    "mailbox-exception-unneeded": Meaning(
        (422,), "The address needs no exception.", "Die Adresse braucht keine Ausnahme."
    ),
    "webmail-address": Meaning(
        (422,), "The address is of a public mail provider.", "Die Adresse ist von einem öffentlichen E-Mail-Dienst."
    ),
    "webmail-lookalike": Meaning(
        (422,),
        "The domain looks like a public mail provider's.",
        "Die Domain ähnelt der eines öffentlichen E-Mail-Diensts.",
    ),
}
