"""relationships: an imported customer becomes one with its work account, and two again."""

from reliability.client import Client
from reliability.plays.connecting import PORTAL, send, served_by_both, won
from reliability.plays.partnerships import act, until
from reliability.scene import Scene, expects

from kontor_contracts.relationships import ImportCustomer

MATCHING = ("customer-matched", "relationships-moved", "customer-match-undone", "imported-customer-restored")


async def match_and_separate(client: Client, scene: Scene) -> None:
    """The customer confirms that it is the imported one. It undoes that, or the match stays."""
    customer, token = await won(client, scene)
    await served_by_both(client, customer, token)
    signed = {"token": token, "tenant": customer}
    me = await client.read("identity", "/v1/me", token)
    number, partner = client.new_id(), scene.stage.reseller.partner_id
    wanted = ImportCustomer(
        portal=PORTAL,
        external_id=number,
        name=me["organization"]["name"],
        country="DE",
        partner_id=partner,
        permissions=("administer", "order"),
    )
    imported = expects("relationships.customer-imported", external_id=number)
    await send(client, scene, "import-customer", wanted, number, imported)
    path = "/v1/me/matches"
    found = await until(client, path, token, lambda found: bool(found["proposals"]))
    (id,) = [one["imported_id"] for one in found["proposals"] if one["external_id"] == number]
    about: dict[str, str] = {"imported_id": id, "customer_id": customer}
    matched, moved, undone, restored = (expects(f"relationships.{name}", **about) for name in MATCHING)
    await act(client, "confirm-match", f"{path}/{id}/confirm", None, matched, moved, **signed)
    await until(client, path, token, lambda found: any(one["imported_id"] == id for one in found["matches"]))
    await client.probe_right(id, "administer", scene.reseller, id)
    if client.random.random() < 0.5:
        await act(client, "undo-match", f"{path}/{id}/undo", None, undone, restored, **signed)
