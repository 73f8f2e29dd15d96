"""What the result of a row says, in the language of who asks. Results are stored in English."""

from collections.abc import Sequence

from chassis import Language
from identity.people.imports.rows import RowFault, RowResult
from kontor_contracts.remedies import german_detail

ROW_GERMAN = {
    "email-taken": "Ein anderer Benutzer Ihres Unternehmens hat diese Adresse.",
    "repeated": "Eine frühere Zeile hat dieselbe Adresse.",
    "sender-gone": (
        "Der Benutzer, der die Datei gesandt hat, ist nicht mehr aktiv; ein anderer Administrator kann sie erneut senden."
    ),
}
"""Of the codes that only rows have."""

COLUMN_GERMAN = {
    "full_name": "geben Sie eine Zeile mit 1 bis 200 Zeichen an, ohne Links und unsichtbare Zeichen",
    "email": "geben Sie eine E-Mail-Adresse an",
    "roles": "geben Sie Namen von Rollen an, mit Leerzeichen dazwischen",
    "culture": "geben Sie eine Sprache wie de oder de-DE an",
    "guest": "geben Sie ja oder nein an",
    "row": "die Zeile hat mehr oder weniger Zellen als die erste",
}


def in_language(results: Sequence[RowResult], language: Language) -> list[RowResult]:
    return [_german(one) if language == "de" else one for one in results]


def _german(result: RowResult) -> RowResult:
    if result.error is None:
        return result
    faults = [RowFault(field=one.field, message=COLUMN_GERMAN.get(one.field, one.message)) for one in result.errors]
    named = "; ".join(f"{fault.field}: {fault.message}" for fault in faults)
    detail = named or ROW_GERMAN.get(result.error) or german_detail("identity", result.error, {}) or result.detail
    return result.model_copy(update={"detail": detail, "errors": faults})
