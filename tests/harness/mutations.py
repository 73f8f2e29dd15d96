"""Records that no well-behaved producer writes, made from a good one: reproducible from a seeded `random.Random`."""

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

LARGEST = 900_000
"""Bytes. More than a message may have, less than a topic takes."""
DEPTH = 10_000
NOWHERE = 10**18
"""An offset that no topic has."""
LONE_SURROGATE = json.loads('"\\ud800"')
PLACE = "@here@"

Document = dict[str, Any]
Headers = tuple[tuple[str, bytes | None], ...]
STRUCTURED: Headers = (("content-type", b"application/cloudevents+json; charset=UTF-8"),)


@dataclass(frozen=True, slots=True)
class Raw:
    """What goes on the wire."""

    value: bytes | None
    key: bytes | None
    headers: Headers = STRUCTURED


def written(document: Document, *, key: str | None = None) -> Raw:
    """A document as its producer would send it."""
    return Raw(json.dumps(document).encode(), (key or document["partitionkey"]).encode())


def mutant(document: Document, random: Random) -> Raw:
    """One damage out of ``DAMAGES``."""
    return random.choice(DAMAGES)(copy.deepcopy(document), random)


# -- bytes


def _bits(document: Document, random: Random) -> Raw:
    raw = written(document)
    damaged = bytearray(raw.value or b"")
    for _ in range(random.randint(1, 6)):
        damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
    return replace(raw, value=bytes(damaged))


def _cut(document: Document, random: Random) -> Raw:
    raw = written(document)
    value = raw.value or b""
    return replace(raw, value=value[: random.randrange(len(value))])


def _noise(document: Document, random: Random) -> Raw:
    raw = written(document)
    value = raw.value or b""
    place = random.randrange(len(value))
    return replace(raw, value=value[:place] + random.randbytes(random.randint(1, 40)) + value[place:])


def _no_message(document: Document, random: Random) -> Raw:
    values = (
        None,
        b"",
        b" ",
        b"\x00",
        b"null",
        b"0",
        b"[]",
        b"{}",
        b'""',
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{}",
        b"[" * DEPTH,
    )
    return replace(written(document), value=random.choice(values))


# -- fields


def _another_value(document: Document, random: Random) -> Raw:
    holder, name = random.choice(list(_places(document)))
    holder[name] = random.choice(VALUES)
    return written(document, key=_key(document))


def _missing(document: Document, random: Random) -> Raw:
    key = _key(document)
    holder, name = random.choice([(holder, name) for holder, name in _places(document) if isinstance(holder, dict)])
    del holder[name]
    return written(document, key=key)


def _extra(document: Document, random: Random) -> Raw:
    holder = random.choice([document, document["data"]])
    holder.update({random.choice(NAMES): random.choice(VALUES) for _ in range(3)})
    return written(document, key=_key(document))


def _another_type(document: Document, random: Random) -> Raw:
    name = document["type"].rpartition(".v")[0]
    document["type"] = random.choice(
        (
            f"{name}.v9",
            f"{name}.v0",
            f"{name}.v01",
            f"{name}.v",
            name,
            f"{name}.v{'9' * 300}",
            "kontor.unheard.of.v1",
            "",
        )
    )
    return written(document)


def _edge_of_range(document: Document, random: Random) -> Raw:
    name, value = random.choice(
        [("sequence", each) for each in ("9223372036854775807", "9223372036854775808", "-1", "0", "1e3", "٣", 2**70)]
        + [
            ("time", each)
            for each in ("0000-01-01T00:00:00Z", "9998-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z", 1e400)
        ]
    )
    document[name] = value
    return written(document)


# -- JSON


def _raw_value(document: Document, random: Random) -> Raw:
    """What Python would not write: instead of some value, or in a field of its own."""
    holder, name = random.choice([*_places(document), (document["data"], "extra"), (document, "extra")])
    key = _key(document)
    holder[name] = PLACE
    text = random.choice(TEXTS)
    return Raw(json.dumps(document).replace(f'"{PLACE}"', text).encode(), key.encode())


def _repeated_keys(document: Document, random: Random) -> Raw:
    name = random.choice(list(document))
    text = json.dumps(document)
    again = f'"{name}": {json.dumps(random.choice([document[name], *VALUES]))}'
    value = f"{text[:-1]}, {again}}}" if random.random() < 0.5 else f"{{{again}, {text[1:]}"
    return Raw(value.encode(), _key(document).encode())


def _large(document: Document, random: Random) -> Raw:
    size = random.choice((60_000, 500_000, 520_000, LARGEST)) - len(json.dumps(document))
    padding = {"padding": "x" * size} if random.random() < 0.7 else {"padding": [0] * (size // 3)}
    random.choice([document, document["data"]]).update(padding)
    return written(document)


# -- key and headers


def _another_key(document: Document, random: Random) -> Raw:
    raw = written(document)
    long = b"k" * 10_000
    return replace(raw, key=random.choice((None, b"", b"other", b"\xff\xfe", long, (raw.key or b"") + b"\x00")))


def _nothing(document: Document, random: Random) -> Raw:
    return Raw(None, None, random.choice((STRUCTURED, (), _odd_headers(random))))


def _headers(document: Document, random: Random) -> Raw:
    return replace(written(document), headers=_odd_headers(random))


def _binary_mode(document: Document, random: Random) -> Raw:
    """Attributes as headers, some of them damaged."""
    key = _key(document)
    data = document.pop("data")
    headers: list[tuple[str, bytes | None]] = [("content-type", b"application/json")]
    headers += [(f"ce_{name}", str(value).encode()) for name, value in document.items() if name != "datacontenttype"]
    for _ in range(random.randint(0, 2)):
        place = random.randrange(len(headers))
        headers[place] = (headers[place][0], random.choice((None, b"", b"\xff\xfe", b"x" * 5000, b"\x00")))
    return Raw(json.dumps(data).encode(), key.encode(), tuple(headers))


def _odd_headers(random: Random) -> Headers:
    values = (None, b"", b"\xff\xfe", b"yes", b"1.0", b"x" * 20_000, "ü".encode())
    names = (
        "",
        "odd",
        "odd",
        "ce_specversion",
        "ce_id",
        "content-type",
        "dlq-original-offset",
        "dlq-stage",
        "ü",
        "n" * 2000,
    )
    return tuple((random.choice(names), random.choice(values)) for _ in range(random.randint(0, 12)))


DAMAGES: Sequence[Callable[[Document, Random], Raw]] = (
    *(_bits, _cut, _noise, _no_message),
    # Most of what can go wrong behind the parser goes wrong with these.
    *(_another_value, _another_value, _another_value, _missing, _missing, _extra, _another_type, _edge_of_range),
    *(_raw_value, _raw_value, _repeated_keys, _another_key, _nothing, _headers, _binary_mode),
)
LARGE = _large
"""Not among the others: a few are enough."""

TEXTS = (
    *("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e-400", "-0.0", "9" * 5_000, "0." + "1" * 5_000),
    *('"\\ud800"', '"\\udfff\\ud800"', '"\\u0000"', "[" * DEPTH + "]" * DEPTH, '{"a":' * DEPTH + "1" + "}" * DEPTH),
    *("tru", "'x'", "0x10", "01", '{"a": 1, "a": 2}', '"\x00"', '"\t"'),
)
VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        2**31,
        2**63,
        2**64,
        10**400,
        0.5,
        1e308,
        "",
        " ",
        "0",
        "null",
        "x" * 300,
        "x" * 20_000,
    ),
    *("\x00", "\n", LONE_SURROGATE, "\u202e", "\u2028", "a@b", "a@b\r\nBcc: c@d", "../..", "$where", "{{7*7}}", "%s%n"),
    *([], {}, [[]], [None], ["x"] * 1000, {"": ""}, {"$gt": ""}, {"a.b": 1}, "2026-11-02T10:48:10Z", "ü" * 200),
)
NAMES = ("", "extra", "$set", "a.b", "__class__", "data", "ID", "Id ", "\x00", "x" * 3000, LONE_SURROGATE)


def _key(document: Document) -> str:
    key = document.get("partitionkey")
    return key if isinstance(key, str) and key.isascii() else "none"


def _places(inside: Any) -> Iterator[tuple[Any, Any]]:
    """Every (holder, name or index) of a value, at any depth."""
    items = inside.items() if isinstance(inside, dict) else enumerate(inside) if isinstance(inside, list) else ()
    for name, value in list(items):
        yield inside, name
        yield from _places(value)


# -- replays


def forged(raw: Raw, random: Random, *, group: str, topics: Sequence[str]) -> Raw:
    """With notes of a dead letter that nobody parked: their offset, where it is one, is ``NOWHERE`` or higher."""
    odd = ("", "-1", "x", "\u0663", "9" * 19, "9" * 20, "1" * 5000)
    notes = {
        "dlq-original-topic": random.choice((*topics, *topics, "nobody.events", "", "a/b")),
        "dlq-original-partition": random.choice(("0", "0", "0", *odd)),
        "dlq-original-offset": random.choice((str(NOWHERE), str(2**63 - 2), str(2**63 - 1), *odd)),
        "dlq-original-timestamp": random.choice(("0", *odd)),
        "dlq-replay-count": random.choice(("0", *odd)),
        "dlq-consumer-group": random.choice((group, group, "", "nobody", "ü")),
        "dlq-action": random.choice(("", "", "discard", "apply")),
        "dlq-lane": random.choice(("", "lane:x")),
        "dlq-operator": random.choice(("", "olga", "x" * 20_000, "\x00")),
    }
    kept = [(name, text.encode()) for name, text in notes.items() if random.random() < 0.95]
    damaged = [(name, random.choice((*[value] * 20, None, b"\xff\xfe"))) for name, value in kept]
    return replace(raw, headers=(*raw.headers, *damaged))
