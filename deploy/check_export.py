#!/usr/bin/env python3
"""Recomputes the chain of an exported log (./sanu export SERVICE), with nothing but Python's standard library.

check_export.py FILE [DIGEST]: DIGEST is the digest before the first line, for an export that begins in the middle.
The digest of an event is SHA-256(digest before + position as 8 bytes + the event's bytes as they stand in the line);
before the first event it is SHA-256(name of the service + id of the first event). Compare the last digest with one kept elsewhere.
"""
import json
import sys
from hashlib import sha256

START = '{"data":'


def main(path: str, digest: bytes = b"") -> int:
    position = count = 0
    with open(path, encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            try:
                event, end = json.JSONDecoder().raw_decode(line, len(START))
                said = json.loads(line)
                at, previous = int(said["position"]), int(said["previous"])
            except (ValueError, KeyError):
                return complain(number, "is no line of an export")
            if count == 0 and previous == 0 and not digest:
                digest = sha256((said["source"] + event["id"]).encode()).digest()
            if count == 0 and not digest:
                return complain(number, f"begins behind position {previous}: give the digest there as the second argument")
            if (count and previous != position) or at <= previous:
                return complain(number, f"says that {previous} comes before {at}, but {position} does: lines are missing, doubled or exchanged")
            digest = sha256(digest + at.to_bytes(8, "big") + line[len(START):end].encode()).digest()
            if said["digest"] != digest.hex():
                return complain(number, f"(position {at}) was changed: its digest is {digest.hex()}")
            position, count = at, count + 1
    print(f"{count} events, the last at position {position}, digest {digest.hex()}: the chain is whole")
    return 0


def complain(number: int, what: str) -> int:
    print(f"line {number} {what}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], bytes.fromhex("".join(sys.argv[2:3]))) if sys.argv[1:] else __doc__)
