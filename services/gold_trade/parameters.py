"""The parameters of gold_trade's queries."""
from shared.parameters import SLUG_SCHEMA
from shared.route import Param

DEVICE = Param(name="device", fr="L'appareil", en="The device", schema=SLUG_SCHEMA, example="tablette-exemple")
JOB = Param(name="job", fr="La prise, comme l'en-tête Location la nomme", en="The capture, as the Location header names it",
            schema={"type": "string", "pattern": "^[0-9a-f-]{36}$"}, example="01a20cc6-ac18-7740-9507-82aa48a57fe0")
LOT = Param(name="lot", fr="Le lot, ou le numéro d'une barre", en="The lot, or a bar's number", example="recu-exemple-1")
