"""AsyncAPI 3 of one service: its exchange, the signed envelopes on it, and the shape of every event in them."""
from collections.abc import Mapping
from typing import Any

import msgspec

from .definition import Definition
from .event import Actor, Command
from .relay import ENVELOPE_BYTES, ENVELOPE_EVENTS

VERSION = "1.0.0"
SCHEMAS = "#/components/schemas/"
DIGITS = {"type": "string", "pattern": "^[0-9]{1,18}$"}
TEXT = {"type": "string"}
SIGNED = ("Ed25519 (RFC 8032), clé `kid` du JWKS de l'installation, sur `source`, `log_id`, `head` et SHA-256(corps), séparés par LF, en base64 · "
          "Ed25519 by key `kid` of the installation's JWKS over `source`, `log_id`, `head` and SHA-256(body), joined by line feeds, in base64")
HEADERS = {
    "type": "object", "required": ["source", "log_id", "head", "kid", "signature"],
    "properties": {
        "source": {**TEXT, "description": "nom du service · name of the service"},
        "log_id": {**TEXT, "description": "id de son premier événement · id of its first event"},
        "head": {**DIGITS, "description": "position du dernier événement de l'enveloppe ; d'un battement, la tête · "
                                          "position of the last event in it; of a heartbeat, the head"},
        "kid": TEXT, "signature": {**TEXT, "description": SIGNED}}}
CLOUD = {
    "type": "object", "required": ["specversion", "id", "source", "type", "datacontenttype", "position", "previous", "digest", "data"],
    "properties": {
        "specversion": {"const": "1.0"}, "id": {**DIGITS, "description": "= position"}, "source": TEXT, "type": TEXT,
        "datacontenttype": {"const": "application/json"}, "position": DIGITS,
        "previous": {**DIGITS, "description": "position de l'événement d'avant ; il y a des trous · position of the event before; there are holes"},
        "digest": {**TEXT, "pattern": "^[0-9a-f]{64}$", "description": "SHA-256(digest before ‖ position as 8 bytes, big endian ‖ data byte for byte); "
                                                                      "before the first: SHA-256(source ‖ log_id)"},
        "data": {"$ref": SCHEMAS + "StoredEvent"}}}
STORED = {
    "type": "object", "required": ["id", "name", "stream", "version", "recorded_at", "actor", "correlation", "data"],
    "properties": {
        "id": TEXT, "name": TEXT, "stream": TEXT, "version": {"type": "integer", "minimum": 1}, "recorded_at": {**TEXT, "description": "UTC, milliseconds"},
        "occurred_on": {**TEXT, "description": "EDTF niveau 0 ; absent : personne ne l'a dit · EDTF level 0; absent: nobody said"},
        "actor": {"$ref": SCHEMAS + "Actor"}, "command": {"$ref": SCHEMAS + "Command"}, "correlation": TEXT, "causation": TEXT,
        "device": TEXT, "place": TEXT, "reason": TEXT, "synthetic": {"type": "boolean"}, "data": {"type": "object"}}}


def document(definition: Definition) -> dict[str, Any]:
    name = definition.name
    return {
        "asyncapi": "3.0.0",
        "info": {"title": f"Sanu · {name}", "version": VERSION, "description": f"{definition.fr} · {definition.en}"},
        "defaultContentType": "application/cloudevents-batch+json",
        "channels": {"events": {
            "address": f"{name}.events",
            "description": "Échange topic durable ; clé de routage : nom du premier événement · durable topic exchange; routing key: name of the first event",
            "messages": {m: {"$ref": f"#/components/messages/{m}"} for m in ("envelope", "heartbeat")},
            "bindings": {"amqp": {"is": "routingKey", "exchange": {"name": f"{name}.events", "type": "topic", "durable": True, "autoDelete": False}}}}},
        "operations": {"publish": {
            "action": "send", "channel": {"$ref": "#/channels/events"},
            "summary": "Ce que ce service publie ; qui en manque un lit /v1/feed · What this service publishes; who misses one reads /v1/feed",
            "messages": [{"$ref": f"#/channels/events/messages/{m}"} for m in ("envelope", "heartbeat")]}},
        "components": {"messages": _messages(definition.events), "schemas": schemas(definition.events)}}


def _messages(events: Mapping[str, type]) -> dict[str, Any]:
    batch = {"type": "array", "minItems": 1, "maxItems": ENVELOPE_EVENTS, "items": {"oneOf": [{"$ref": f"{SCHEMAS}{name}"} for name in sorted(events)]}}
    return {
        "envelope": {"name": "envelope", "contentType": "application/cloudevents-batch+json", "headers": HEADERS, "payload": batch,
                     "summary": f"1 … {ENVELOPE_EVENTS} événements qui se suivent, au plus {ENVELOPE_BYTES // 1024} Kio · consecutive events"},
        "heartbeat": {"name": "heartbeat", "contentType": "application/cloudevents-batch+json", "headers": HEADERS,
                      "payload": {"type": "array", "maxItems": 0}, "summary": "Toutes les 30 s : ma tête est là · Every 30 s: this is my head"}}


def schemas(events: Mapping[str, type]) -> dict[str, Any]:
    """One CloudEvent per name, and the shapes it is made of."""
    own = sorted(events.items())
    shapes, parts = msgspec.json.schema_components([*(shape for _, shape in own), Actor, Command], ref_template=SCHEMAS + "{name}")
    clouds = {name: {"description": parts[shape["$ref"].removeprefix(SCHEMAS)].get("description", ""), "allOf": [
        {"$ref": SCHEMAS + "CloudEvent"},
        {"type": "object", "properties": {"type": {"const": name}, "data": {"type": "object", "properties": {"name": {"const": name}, "data": shape}}}}]}
        for (name, _), shape in zip(own, shapes, strict=False)}
    return {"CloudEvent": CLOUD, "StoredEvent": STORED, **clouds, **parts}
