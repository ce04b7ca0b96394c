"""AsyncAPI's schemas as rows that a page can show."""
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from shared.asyncapi import SCHEMAS

Schema = Mapping[str, Any]


class Row(NamedTuple):
    name: str
    type: str
    required: bool
    text: str


class Told(NamedTuple):
    """One event: its name, what it means, and the fields of its data."""

    name: str
    text: str
    rows: list[Row]


def events(document: Mapping[str, Any]) -> list[Told]:
    parts = document["components"]["schemas"]
    names = [ref["$ref"].removeprefix(SCHEMAS) for ref in document["components"]["messages"]["envelope"]["payload"]["items"]["oneOf"]]
    return [Told(name, _plain(parts[name]["description"]), list(_rows(_data(parts[name]), parts))) for name in names]


def rows(schema: Schema, parts: Mapping[str, Any]) -> list[Row]:
    return list(_rows(schema, parts))


def _data(cloud: Schema) -> Schema:
    data: Schema = cloud["allOf"][1]["properties"]["data"]["properties"]["data"]
    return data


def _rows(schema: Schema, parts: Mapping[str, Any], before: str = "") -> Iterator[Row]:
    whole = _meant(schema, parts)
    for name, inner in whole.get("properties", {}).items():
        meant = _meant(inner, parts)
        yield Row(before + name, _type(inner, parts), name in whole.get("required", ()), _plain(inner.get("description", "") or meant.get("description", "")))
        if meant.get("type") == "object":
            yield from _rows(inner, parts, f"{before}{name}.")
        elif meant.get("type") == "array":
            yield from _rows(meant["items"], parts, f"{before}{name}[].")


def _meant(schema: Schema, parts: Mapping[str, Any]) -> Schema:
    found: Schema = parts[schema["$ref"].removeprefix(SCHEMAS)] if "$ref" in schema else schema
    return found


def _plain(text: str) -> str:
    return text.replace("`", "")


def _type(schema: Schema, parts: Mapping[str, Any]) -> str:
    meant = _meant(schema, parts)
    if "enum" in meant:
        return " | ".join(str(v) for v in meant["enum"])
    if "const" in meant:
        return str(meant["const"])
    if meant.get("type") == "array":
        return f"[{_type(meant['items'], parts)}]"
    return str(meant.get("type", "any"))
