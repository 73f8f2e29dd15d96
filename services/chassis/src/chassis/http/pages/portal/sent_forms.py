"""Reads the forms that browsers send, with files or without."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

MOST_FIELDS = 300
MOST_FILES = 5
WITH_FILES = "multipart/form-data"

Fields = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class SentFile:
    """``name``: what the person calls it, without a folder."""

    name: str
    content: bytes


class _InMemory(MultiPartParser):
    """Pods have no disk to write to; the limit of the request's body is the limit of a file."""

    spool_max_size = 1024**3


async def sent_form(request: Request) -> tuple[Fields, Mapping[str, SentFile]]:
    """Fields and files of a form. A body that no browser sends is an empty form."""
    if not request.headers.get("content-type", "").startswith(WITH_FILES):
        return form_fields(await request.body()), {}
    fields, files = dict[str, list[str]](), dict[str, SentFile]()
    parser = _InMemory(request.headers, request.stream(), max_files=MOST_FILES, max_fields=MOST_FIELDS)
    try:
        sent = await parser.parse()
    except MultiPartException:
        return {}, {}
    for name, value in sent.multi_items():
        if not isinstance(value, UploadFile):
            fields.setdefault(name, []).append(value)
        elif value.filename:
            files[name] = SentFile(_base_name(value.filename), await value.read())
    await sent.close()
    return fields, files


def form_fields(body: bytes) -> Fields:
    """The fields of a form without files. A body that no browser sends is an empty form."""
    try:
        return parse_qs(body.decode(), max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}


def _base_name(path: str) -> str:
    """Some browsers send the folder as well."""
    return path.replace("\\", "/").rpartition("/")[2]
