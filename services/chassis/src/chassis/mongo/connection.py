"""The connection to the database: its guarantees, and what is wrong with its address."""

from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection
from pymongo.errors import OperationFailure, PyMongoError

from chassis.configuration.loading import SettingError
from chassis.errors import UnavailableError
from chassis.mongo.bulk_writer import translated

Document = dict[str, Any]
Collection = AsyncIOMotorCollection[Document]

NO_ACCESS_CODES = {13, 18}
"""Unauthorized, AuthenticationFailed."""


def client_options(timeout: float) -> dict[str, Any]:
    """What every client asks for: writes wait for the majority's journal, and no answer is waited for without end."""
    return {
        "w": "majority",
        "journal": True,
        "wTimeoutMS": int(timeout * 500),
        "retryWrites": True,
        "readConcernLevel": "majority",
        "serverSelectionTimeoutMS": int(min(timeout, 3) * 1000),
        "connectTimeoutMS": int(min(timeout, 3) * 1000),
        "socketTimeoutMS": int(timeout * 1000),
    }


def connected(url: str, timeout: float) -> "AsyncIOMotorClient[Document]":
    try:
        return AsyncIOMotorClient(url, maxPoolSize=64, **client_options(timeout))
    except (PyMongoError, ValueError, OSError) as error:
        # What the driver says may quote the password.
        raise SettingError(
            f"KONTOR_MONGO_URL is no address that the driver takes ({type(error).__name__}). Write"
            " mongodb://user:password@host:port/?options, with user and password percent-encoded."
        ) from None


async def check_access(documents: Collection) -> None:
    """Return when the database answers us. Raises SettingError where it answers and refuses us."""
    try:
        async with translated():
            # A read: a ping is answered to anybody.
            await documents.find_one({"_id": ""}, {"_id": 1})
    except OperationFailure as error:
        if error.code in NO_ACCESS_CODES:
            raise SettingError(
                "KONTOR_MONGO_URL: the database refuses the user or the password, or the user may not read its own"
                f" database ({error.code}). Correct the address, or create the user."
            ) from None
        raise
    except UnavailableError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error.__cause__):
            raise SettingError(
                "KONTOR_MONGO_URL: the database's certificate is not to be trusted. Name the file with its authority:"
                " tlsCAFile=/path in the address."
            ) from None
        raise
