"""Who trades, carries or refines gold is registered once; no buyer is built in."""
from services.gold_trade import actor, events
from services.gold_trade.commands import RegisterActor
from shared.application import New
from shared.errors import Conflict
from shared.testing import happened, specification

given = specification(actor)


def test_an_actor_is_registered_with_its_agreement() -> None:
    given().when(RegisterActor(actor="marena-gold", kind="refinery", name="Maréna Gold", agreement={"title": "Partenariat"})).then(
        New("actor/marena-gold", events.ACTOR_REGISTERED, {"actor": "marena-gold", "kind": "refinery", "name": "Maréna Gold",
                                                           "agreement": {"title": "Partenariat"}}))


def test_an_actor_is_registered_once() -> None:
    given(happened("actor/marena-gold", events.ACTOR_REGISTERED, {})).when(
        RegisterActor(actor="marena-gold", kind="refinery", name="Other")).then_refused(Conflict, "actor")
