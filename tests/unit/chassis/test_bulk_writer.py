"""What the database's refusals mean to the caller."""

import pytest
from pymongo.errors import AutoReconnect, BulkWriteError, DocumentTooLarge, OperationFailure, PyMongoError

from chassis.errors import TooLargeError, UnavailableError
from chassis.mongo.bulk_writer import translated

BAD_VALUE = 2


@pytest.mark.parametrize(
    "error",
    [
        AutoReconnect("gone"),
        BulkWriteError({}),
        *(OperationFailure("the server's own", code) for code in (1, 8, 91, 112, 189, 11600)),
    ],
)
async def test_what_the_database_could_not_do_is_a_reason_to_come_again(error: PyMongoError) -> None:
    with pytest.raises(UnavailableError):
        async with translated():
            raise error


@pytest.mark.parametrize("error", [DocumentTooLarge("17 MB"), OperationFailure("17 MB", 17419)])
async def test_what_is_too_large_stays_so(error: PyMongoError) -> None:
    with pytest.raises(TooLargeError):
        async with translated():
            raise error


async def test_what_is_wrong_with_the_question_is_a_bug_of_ours() -> None:
    with pytest.raises(OperationFailure):
        async with translated():
            raise OperationFailure("unknown operator", BAD_VALUE)
