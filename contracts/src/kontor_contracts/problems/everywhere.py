"""Codes that every service may answer with."""

from collections.abc import Mapping

from kontor_contracts.problems.meaning import Meaning

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
