"""The chaos rig's clients: what they write down of an answer."""

import httpx2
import pytest
from reliability.client import Client, Ledger
from reliability.tests.run import TENANT, broken, good


@pytest.mark.parametrize(("status", "fallen"), [(200, {"I9"}), (204, {"I9"}), (404, set()), (422, set()), (503, set())])
async def test_a_forbidden_command_that_is_carried_out_breaks_i9(status: int, fallen: set[str]) -> None:
    ledger, history = Ledger(), good()
    client = Client({"enrollment": ["http://enrollment.example"]}, ledger, "seed")
    await client.close()
    answers = httpx2.MockTransport(lambda _: httpx2.Response(status))
    async with httpx2.AsyncClient(transport=answers) as client._http:
        await client.probe_command("enrollment", "POST", "/v1/enrollments/1/join", {}, "token", TENANT)
    history.probes += ledger.probes
    assert set(broken(history)) == fallen
