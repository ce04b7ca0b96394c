"""The AsyncAPI documents as the public parser of that format reads them."""
import json
import subprocess
from importlib import import_module
from pathlib import Path

import pytest

from shared import asyncapi
from shared.config import SERVICES
from tests.servers import npm_bin

PARSER = "@asyncapi/parser@3.6.3"
NEWER = "asyncapi-latest-version"                  # 3.0.0 is what we promise
SCRIPT = """
import { Parser } from "@asyncapi/parser";
import { readFileSync } from "fs";
const result = {};
for (const file of process.argv.slice(2)) {
  const { document, diagnostics } = await new Parser().parse(readFileSync(file, "utf8"));
  result[file] = { read: Boolean(document), found: diagnostics.map((d) => [d.code, d.path.join("/"), d.message]) };
}
console.log(JSON.stringify(result));
"""


@pytest.mark.slow
def test_the_public_parser_finds_nothing_wrong(tmp_path: Path) -> None:
    made = subprocess.run([npm_bin() / "npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(tmp_path), PARSER],
                          cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    assert made.returncode == 0, made.stderr
    (tmp_path / "lint.mjs").write_text(SCRIPT)
    files = []
    for service in (*SERVICES, "broken"):
        document = asyncapi.document(import_module(f"services.{service}.application").DEFINITION) if service in SERVICES else {"asyncapi": "3.0.0"}
        files.append(tmp_path / f"{service}.json")
        files[-1].write_text(json.dumps(document))
    done = subprocess.run(["node", "lint.mjs", *(f.name for f in files)], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout[done.stdout.index("{"):])
    assert not result.pop("broken.json")["read"]
    found = {name: [d for d in r["found"] if d[0] != NEWER] for name, r in result.items()}
    assert all(r["read"] for r in result.values()) and found == {f"{service}.json": [] for service in SERVICES}
