"""Parameters, problems, files and lists of every service."""

from collections.abc import Mapping

from kontor_contracts.fields.text import IN_LINK, KEY, Text

REQUESTS: Mapping[str, Text] = {
    # -- parameters
    "Idempotency-Key": Text(
        "A text of your choice that names this request; repeat it when you repeat the request.", KEY
    ),
    "accept-language": Text("Languages of the reader, as browsers send them.", "de-DE,de;q=0.9,en;q=0.5"),
    "after": Text("Show results after this row.", 100),
    "cursor": Text("next_cursor of the page before; leave it out for the first page.", "dXNlcjo1ZjNhMWM5ZQ"),
    "lang": Text("The page's language: en or de. Default: the browser's.", "de"),
    "limit": Text("At most so many items.", 50),
    "If-Match": Text("The ETag of what was read.", '"12"'),
    "q": Text("Words to look for in names and addresses.", "müller"),
    "separator": Text("Between the columns of the file."),
    "sort": Text("By which value the list is sorted; with a minus, the largest first."),
    "token": Text("The secret of the mailed link.", IN_LINK),
    # -- problems
    "code": Text("What went wrong, as a name that never changes.", "not-found"),
    "correlation_id": Text("Names the request and all that follows from it, in logs and messages.", KEY),
    "detail": Text("What is wrong and what to do about it, in the caller's language.", "there is no such user"),
    "errors": Text("Each fault with its field."),
    "field": Text("Where in the request the fault is, with dots.", "organization.name"),
    "message": Text("What is wrong with the field and what to do.", "Give at least 1 characters."),
    "title": Text("What the code means, in the caller's language.", "There is no such thing."),
    "type": Text("The problem's kind as a URN.", "urn:kontor:problem:not-found"),
    "CheckProblem.status": Text("The HTTP status that this check alone would have.", 422),
    "Problem.status": Text("The HTTP status of the answer.", 404),
    # -- files and lists
    "done": Text("Rows that are carried out.", 250),
    "error": Text("What went wrong, as a name that never changes.", "invalid"),
    "failed": Text("So many rows failed.", 1),
    "import_id": Text("The import.", KEY),
    "imported": Text("So many rows were imported.", 240),
    "items": Text("The items of this page."),
    "next_after": Text("Pass it as after for the next rows; null at the end.", 200),
    "next_cursor": Text("Pass it as cursor for the next page; null on the last one.", "dXNlcjo1ZjNhMWM5ZQ"),
    "result": Text("What became of the row.", "invited"),
    "row": Text("The row's number in the file; the header is row 1.", 2),
    "rows": Text("One entry for each row."),
    "total": Text("Rows of the file.", 251),
    "unchanged": Text("So many rows said what was known already.", 9),
}
