"""HTTP body -> command, of the commands that put miners on the books and tell of their cards."""
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from shared.requests import CommandSchema, Day, Edtf, Flag, slug, text, whole

from . import commands as c

MOST_ROWS = 500                            # under the body's 1 MiB and, with three events to a row, one append of 1,500
SEXES = ("female", "male")


def miner(**kwargs: Any) -> fields.String:
    """The client makes it, and it tells nothing of the person."""
    return fields.String(validate=validate.Regexp(r"m-[0-9a-z]{6,40}\Z", error="m- and 6 to 40 letters a-z or digits, at random"), **kwargs)


def birth_year() -> fields.Integer:
    return whole(1900, 2100)


def sex() -> fields.String:
    return fields.String(validate=validate.OneOf(SEXES))


def name(**kwargs: Any) -> fields.String:
    return fields.String(validate=validate.Regexp(r"(?=.*[^\W\d_]).{1,200}\Z", error="1 to 200 characters, a letter among them"),
                         metadata={"description": "Sealed before it is recorded"}, **kwargs)


def number(**kwargs: Any) -> fields.String:
    return fields.String(validate=validate.Regexp(r"(?=.*[^\W_]).{1,60}\Z", error="1 to 60 characters, a letter or digit among them"), **kwargs)


class Card(Schema):
    class Meta:
        unknown = RAISE

    card_type = slug(required=True)
    issuer = text()
    number = number(required=True)
    valid_from = Day()
    valid_until = Day()


class Row(Schema):
    class Meta:
        unknown = RAISE

    miner = miner(required=True)
    name = name(required=True)
    sex = sex()
    birth_year = birth_year()
    village = text()
    site = slug()
    phone = text(50, metadata={"description": "Sealed before it is recorded"})
    photo = text(500, metadata={"description": "Where it is kept, or its hash; sealed before it is recorded. Of a child neither it nor name nor phone is kept"})
    organisation = slug()
    admitted_on = Edtf()
    card = fields.Nested(Card)

    @validates_schema
    def an_admission_is_to_somewhere(self, data: dict[str, Any], **_: Any) -> None:
        if "admitted_on" in data and "organisation" not in data:
            raise ValidationError("admitted_on needs an organisation", "organisation")


class RegisterMiner(Row, CommandSchema):
    class Meta:
        unknown = RAISE

    fr, en = "Inscrire un orpailleur", "Register a miner"
    example: ClassVar = {"miner": "m-exemple1", "name": "Awa Exemple", "sex": "female", "birth_year": 1990, "village": "Niéna", "organisation": "niena",
                         "admitted_on": "2024-11-17"}


class RegisterMiners(CommandSchema):
    fr, en = "Inscrire une liste d'orpailleurs : tous, ou aucun", "Register a list of miners: all of them, or none"
    example: ClassVar = {"rows": [
        {"miner": "m-exemple2", "name": "Moussa Exemple", "sex": "male", "birth_year": 1985, "organisation": "mandiela", "admitted_on": "2024-11",
         "card": {"card_type": "orpailleur", "number": "EX-0002", "valid_until": "2026-12-31"}},
        {"miner": "m-exemple3", "name": "Hawa Exemple", "sex": "female", "birth_year": 1990, "village": "Niena"},
        {"miner": "m-exemple4", "name": "Awa Exemple", "village": "Niéna"}], "occurred_on": "2024-11-17"}

    rows = fields.List(fields.Nested(Row), required=True, validate=validate.Length(1, MOST_ROWS))
    dry_run = Flag(metadata={"description": "Only tells what is wrong; nothing is written"})


class OnMiner(CommandSchema):
    miner = miner(required=True)


class RecordMinerCard(OnMiner, Card):
    fr, en = "Noter une carte d'orpailleur", "Record a miner's card"
    example: ClassVar = {"miner": "m-exemple1", "card_type": "orpailleur", "issuer": "DNGM", "number": "EX 0001", "valid_from": "2024-01-01",
                         "valid_until": "2026-12-31"}

    class Meta:
        unknown = RAISE


def register_miner(*, occurred_on: str, caller: Any, source: Any = None, **row: Any) -> c.RegisterMiner:
    return c.RegisterMiner(occurred_on=occurred_on, caller=caller, source=source, row=c.Row(**row))


def register_miners(*, rows: Any, **more: Any) -> c.RegisterMiners:
    return c.RegisterMiners(rows=[c.Row(**row) for row in rows], **more)
