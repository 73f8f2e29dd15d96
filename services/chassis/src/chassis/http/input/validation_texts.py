"""What is wrong with a value, in our own sentences: by pydantic's type of error, in each language.

Every type that a JSON body or a parameter can raise has an entry; a test compares the table with pydantic's list. Words in
braces are of pydantic's context for the type.
"""

from collections.abc import Mapping

from chassis.http.language import Language

Sentences = Mapping[Language, str]

WHOLE: Sentences = {"en": "Give a whole number.", "de": "Geben Sie eine ganze Zahl an."}
NUMBER: Sentences = {"en": "Give a number.", "de": "Geben Sie eine Zahl an."}
TEXT: Sentences = {"en": "Give a text.", "de": "Geben Sie einen Text an."}
YES_OR_NO: Sentences = {"en": "Give true or false.", "de": "Geben Sie true oder false an."}
LIST: Sentences = {"en": "Give a list.", "de": "Geben Sie eine Liste an."}
OBJECT: Sentences = {
    "en": "Give a JSON object with named fields.",
    "de": "Geben Sie ein JSON-Objekt mit benannten Feldern an.",
}
MOMENT: Sentences = {
    "en": "Give date and time with offset, such as 2026-11-27T10:00:00Z.",
    "de": "Geben Sie Datum und Uhrzeit mit Zeitzone an, etwa 2026-11-27T10:00:00Z.",
}
DATE: Sentences = {"en": "Give a date, such as 2026-11-27.", "de": "Geben Sie ein Datum an, etwa 2026-11-27."}
TIME: Sentences = {"en": "Give a time of day, such as 10:30.", "de": "Geben Sie eine Uhrzeit an, etwa 10:30."}
DURATION: Sentences = {"en": "Give a duration, such as PT30M.", "de": "Geben Sie eine Dauer an, etwa PT30M."}
ADDRESS: Sentences = {
    "en": "Give a web address, such as https://company.example.",
    "de": "Geben Sie eine Webadresse an, etwa https://company.example.",
}
IDENTIFIER: Sentences = {"en": "Give a UUID.", "de": "Geben Sie eine UUID an."}
FORM: Sentences = {
    "en": "The value does not have the documented form; see the operation's OpenAPI document.",
    "de": "Der Wert hat nicht die beschriebene Form; siehe das OpenAPI-Dokument der Operation.",
}
"""Also where the table knows no better."""
JSON: Sentences = {"en": "Send a JSON document.", "de": "Senden Sie ein JSON-Dokument."}
LETTERS: Sentences = {
    "en": "The text holds characters that cannot be read.",
    "de": "Der Text enthält Zeichen, die sich nicht lesen lassen.",
}
LONGER: Sentences = {
    "en": "Give at least {min_length} characters.",
    "de": "Geben Sie mindestens {min_length} Zeichen an.",
}
SHORTER: Sentences = {
    "en": "Give at most {max_length} characters.",
    "de": "Geben Sie höchstens {max_length} Zeichen an.",
}
ONE_OF: Sentences = {"en": "Give one of these: {expected}.", "de": "Geben Sie einen dieser Werte an: {expected}."}
KIND: Sentences = {
    "en": "Give {discriminator} with one of these values: {expected_tags}.",
    "de": "Geben Sie {discriminator} mit einem dieser Werte an: {expected_tags}.",
}
PAST: Sentences = {"en": "Give a moment in the past.", "de": "Geben Sie einen Zeitpunkt in der Vergangenheit an."}
FUTURE: Sentences = {"en": "Give a moment in the future.", "de": "Geben Sie einen Zeitpunkt in der Zukunft an."}

TEXTS: Mapping[str, Sentences] = {
    # what is there
    "missing": {"en": "This field is needed.", "de": "Dieses Feld wird benötigt."},
    "extra_forbidden": {
        "en": "There is no such field; remove it or correct its name.",
        "de": "Dieses Feld gibt es nicht; entfernen Sie es oder berichtigen Sie den Namen.",
    },
    "too_many_fields": {
        "en": "The object has many fields that do not exist; send the documented ones.",
        "de": "Das Objekt hat viele Felder, die es nicht gibt; senden Sie die beschriebenen.",
    },
    "unknown_parameter": {
        "en": "There is no such query parameter; known are: {known}.",
        "de": "Diesen Abfrageparameter gibt es nicht; bekannt sind: {known}.",
    },
    "no_parameters": {
        "en": "This operation takes no query parameters.",
        "de": "Diese Operation hat keine Abfrageparameter.",
    },
    "none_required": {"en": "Leave this value null.", "de": "Lassen Sie diesen Wert null."},
    # JSON
    "json_invalid": {"en": "The body is not valid JSON.", "de": "Der Inhalt ist kein gültiges JSON."},
    "json_type": JSON,
    "recursion_loop": FORM,
    "recursion_depth_exceeded": {"en": "The body is nested too deeply.", "de": "Der Inhalt ist zu tief verschachtelt."},
    "invalid_key": {"en": "A field's name must be a text.", "de": "Der Name eines Feldes muss ein Text sein."},
    "model_type": OBJECT,
    "model_attributes_type": OBJECT,
    "dataclass_type": OBJECT,
    "dict_type": OBJECT,
    "mapping_type": OBJECT,
    # numbers
    "greater_than": {"en": "Give a value above {gt}.", "de": "Geben Sie einen Wert über {gt} an."},
    "greater_than_equal": {"en": "Give {ge} or more.", "de": "Geben Sie {ge} oder mehr an."},
    "less_than": {"en": "Give a value below {lt}.", "de": "Geben Sie einen Wert unter {lt} an."},
    "less_than_equal": {"en": "Give {le} or less.", "de": "Geben Sie {le} oder weniger an."},
    "multiple_of": {"en": "Give a multiple of {multiple_of}.", "de": "Geben Sie ein Vielfaches von {multiple_of} an."},
    "finite_number": NUMBER,
    "int_type": WHOLE,
    "int_parsing": WHOLE,
    "int_parsing_size": {"en": "The number has too many digits.", "de": "Die Zahl hat zu viele Stellen."},
    "int_from_float": WHOLE,
    "float_type": NUMBER,
    "float_parsing": NUMBER,
    "decimal_type": NUMBER,
    "decimal_parsing": NUMBER,
    "decimal_max_digits": {
        "en": "Give at most {max_digits} digits.",
        "de": "Geben Sie höchstens {max_digits} Ziffern an.",
    },
    "decimal_max_places": {
        "en": "Give at most {decimal_places} digits after the point.",
        "de": "Geben Sie höchstens {decimal_places} Nachkommastellen an.",
    },
    "decimal_whole_digits": {
        "en": "Give at most {whole_digits} digits before the point.",
        "de": "Geben Sie höchstens {whole_digits} Stellen vor dem Komma an.",
    },
    # lists
    "too_short": {"en": "Give at least {min_length} entries.", "de": "Geben Sie mindestens {min_length} Einträge an."},
    "too_long": {"en": "Give at most {max_length} entries.", "de": "Geben Sie höchstens {max_length} Einträge an."},
    "iterable_type": LIST,
    "list_type": LIST,
    "tuple_type": LIST,
    "set_type": LIST,
    "frozen_set_type": LIST,
    # texts
    "string_type": TEXT,
    "string_unicode": LETTERS,
    "string_too_short": LONGER,
    "string_too_long": SHORTER,
    "string_pattern_mismatch": FORM,
    "string_not_ascii": {
        "en": "Use only unaccented letters, digits and signs (ASCII).",
        "de": "Verwenden Sie nur Buchstaben ohne Umlaute, Ziffern und Zeichen (ASCII).",
    },
    "bytes_type": TEXT,
    "bytes_too_short": LONGER,
    "bytes_too_long": SHORTER,
    "bytes_invalid_encoding": LETTERS,
    "url_type": ADDRESS,
    "url_parsing": ADDRESS,
    "url_syntax_violation": ADDRESS,
    "url_too_long": SHORTER,
    "url_scheme": ADDRESS,
    "uuid_type": IDENTIFIER,
    "uuid_parsing": IDENTIFIER,
    "uuid_version": IDENTIFIER,
    # choices
    "bool_type": YES_OR_NO,
    "bool_parsing": YES_OR_NO,
    "enum": ONE_OF,
    "literal_error": ONE_OF,
    "union_tag_invalid": KIND,
    "union_tag_not_found": {
        "en": "Give the field {discriminator}; it says which kind of body this is.",
        "de": "Geben Sie das Feld {discriminator} an; es sagt, welche Art von Inhalt das ist.",
    },
    # dates and times
    "date_type": DATE,
    "date_parsing": DATE,
    "date_from_datetime_parsing": DATE,
    "date_from_datetime_inexact": DATE,
    "date_past": PAST,
    "date_future": FUTURE,
    "time_type": TIME,
    "time_parsing": TIME,
    "datetime_type": MOMENT,
    "datetime_parsing": MOMENT,
    "datetime_object_invalid": MOMENT,
    "datetime_from_date_parsing": MOMENT,
    "datetime_past": PAST,
    "datetime_future": FUTURE,
    "timezone_naive": MOMENT,
    "timezone_aware": MOMENT,
    "timezone_offset": MOMENT,
    "time_delta_type": DURATION,
    "time_delta_parsing": DURATION,
    # rules of our own, whose sentence is in `RULES`
    "value_error": FORM,
    "assertion_error": FORM,
}

PATTERNS: Mapping[str, Sentences] = {
    r"^[A-Z]{2}$": {
        "en": "Give a country as two capital letters (ISO 3166-1), such as DE.",
        "de": "Geben Sie das Land mit zwei Großbuchstaben an (ISO 3166-1), etwa DE.",
    },
    r"^[a-z]{2}(-[A-Z]{2})?$": {
        "en": "Give a language tag, such as de or de-DE.",
        "de": "Geben Sie ein Sprachkürzel an, etwa de oder de-DE.",
    },
    r"^[0-9]{4,12}$": {
        "en": "Give a partner id: 4 to 12 digits.",
        "de": "Geben Sie eine Partner-ID an: 4 bis 12 Ziffern.",
    },
    r"^[A-Za-z0-9:._-]+$": {
        "en": "An id has letters, digits and the characters : . _ - only.",
        "de": "Eine ID hat nur Buchstaben, Ziffern und die Zeichen : . _ -",
    },
    r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$": {
        "en": "Give one line of text without control characters.",
        "de": "Geben Sie eine Zeile Text ohne Steuerzeichen an.",
    },
    r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$": {
        "en": "Leave out control characters; line feeds and tabs are allowed.",
        "de": "Lassen Sie Steuerzeichen weg; Zeilenumbrüche und Tabulatoren sind erlaubt.",
    },
    r"^[^@\s\x00-\x1f\x7f-\x9f<>,;]+@[^@\s\x00-\x1f\x7f-\x9f<>,;]+$": {
        "en": "Give a mail address, such as name@company.example.",
        "de": "Geben Sie eine E-Mail-Adresse an, etwa name@company.example.",
    },
}
"""By pattern of a text: those of the contracts' values."""

RULES: Mapping[str, Sentences] = {
    "leave out invisible characters: control, text direction, zero width": {
        "en": "Leave out invisible characters: control, text direction, zero width.",
        "de": "Lassen Sie unsichtbare Zeichen weg: Steuerzeichen, Schreibrichtung, Nullbreite.",
    },
    "leave out links and mail addresses: give the name alone": {
        "en": "Leave out links and mail addresses: give the name alone.",
        "de": "Lassen Sie Links und E-Mail-Adressen weg: Geben Sie nur den Namen an.",
    },
    "leave out links: the mail with this text goes out under our name": {
        "en": "Leave out links: the mail with this text goes out under our name.",
        "de": "Lassen Sie Links weg: Die E-Mail mit diesem Text geht unter unserem Namen hinaus.",
    },
    "note which document is needed": {
        "en": "Note which document is needed.",
        "de": "Sagen Sie in note, welches Dokument gebraucht wird.",
    },
    "give a name with letters or digits": {
        "en": "Give a name with letters or digits.",
        "de": "Geben Sie einen Namen mit Buchstaben oder Ziffern an.",
    },
    "this is no domain name": {
        "en": "Give a domain name, such as company.example.",
        "de": "Geben Sie einen Domainnamen an, etwa company.example.",
    },
    "give a domain that a company can own, such as company.example": {
        "en": "Give a domain that a company can own, such as company.example.",
        "de": "Geben Sie eine Domain an, die einem Unternehmen gehören kann, etwa company.example.",
    },
}
"""By the text of a ``ValueError`` that a validator of ours raises."""

MAIL_ADDRESS = PATTERNS[r"^[^@\s\x00-\x1f\x7f-\x9f<>,;]+@[^@\s\x00-\x1f\x7f-\x9f<>,;]+$"]
