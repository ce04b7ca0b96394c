"""The collector's page without a browser: what is served, and its modules held against ours and against a public reader of QR codes."""
import json
import random
import re
import subprocess
from base64 import b32encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from services.gold_trade.clerk.words import RULES
from services.gold_trade.devices.requests import RegisterDevice
from services.gold_trade.metal.requests import RecordCollection
from services.gold_trade.pages.collect_files import BASE, FOLDER, INDEX, WORKER
from shared import event, requests
from shared.config import Config
from tests import stranger
from tests.servers import npm_bin
from tests.stranger import get

READER = "zxing-wasm@3.1.4"
CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    with stranger.demo(tmp_path_factory.mktemp("collect") / "var", loaded=False) as running:
        yield running


def node(folder: Path, script: str, given: Any = None, **instead: str) -> Any:
    """What a script prints that imports the page's modules, some of them with others `instead`; `given` is its `given`."""
    for module in FOLDER.glob("*.js"):
        (folder / module.name).write_text(instead.get(module.stem) or module.read_text("utf-8"))
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "given.json").write_text(json.dumps(given))
    (folder / "run.js").write_text(f'import {{ readFileSync }} from "node:fs";\nconst given = JSON.parse(readFileSync("given.json", "utf8"));\n{script}')
    done = subprocess.run([npm_bin() / "node", "run.js"], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_page_is_open_and_nothing_of_it_is_anothers(config: Config) -> None:
    page = get(config, BASE)
    policy = page.headers["content-security-policy"]
    assert page.status == 200 and policy.startswith("default-src 'none'; ") and "unsafe" not in policy and "http" not in policy
    needed = set(re.findall(r'(?:src|href)="([^"#]+)"', page.body.decode()))
    needed |= {f"{BASE}/{name}" for path in FOLDER.glob("*.js") for name in re.findall(r'from "\./([\w.]+)"', path.read_text())}
    assert all(address.startswith(f"{BASE}/") and get(config, address).status == 200 for address in needed)
    assert re.search(r"style=|\son\w+=|<style|<script>", page.body.decode()) is None            # the policy would not let it run
    assert not [path.name for path in FOLDER.iterdir() if re.search(r"https?://(?!www\.w3\.org/2000/svg)", path.read_text("utf-8"))]
    assert get(config, f"{BASE}/none.js").status == 404
    assert get(config, f"{BASE}/..%2Fapi.py").status == 404


def test_the_worker_keeps_every_file_and_may_keep_the_page_itself(config: Config) -> None:
    worker = get(config, f"{BASE}/{WORKER}")
    assert worker.headers["service-worker-allowed"] == BASE and worker.headers["content-type"].startswith("text/javascript")
    kept = json.loads(worker.body.decode().split("FILES = ")[1].split(";")[0])
    assert set(kept) == {BASE if p.name == INDEX else f"{BASE}/{p.name}" for p in FOLDER.iterdir() if p.name != WORKER}
    assert get(config, f"{BASE}/{WORKER}", If_None_Match=worker.headers["etag"]).status == 304


def test_a_file_of_the_page_is_one_idea() -> None:
    assert [f"{path.name}: {n}" for path in FOLDER.glob("*.js") if (n := len(path.read_text("utf-8").splitlines())) > 140] == []
    assert [path.name for path in FOLDER.glob("*.js") if not path.read_text("utf-8").startswith("// ")] == []


def texts(count: int) -> list[str]:
    choose = random.Random(8785)
    odd = ["", "Ségou", "Se\u0301gou", "sɛbɛn", "\u2028\u2029\x7f\x01\x1f\b\f\n\r\t\"\\/", "💰", "\ufb01", "Ω", "\u2126", "<script>", "é́"]
    return odd + ["".join(chr(choose.choice((choose.randrange(0x20, 0x250), choose.randrange(0x250, 0xd800), choose.randrange(0x1f300, 0x1f700))))
                          for _ in range(choose.randrange(12))) for _ in range(count)]


def test_what_the_page_signs_is_what_the_server_reads(tmp_path: Path) -> None:
    choose = random.Random(1)
    given = [{"b": text, "a": [choose.randint(-2**53 + 1, 2**53 - 1), 0, True], "A_1": {"z": [], "y": {}, "text10": text, "text9": n}}
             for n, text in enumerate(texts(500))]
    made = node(tmp_path, 'import { canonical, plain } from "./canonical.js";\nconsole.log(JSON.stringify(given.map((v) => canonical(plain(v)))));', given)
    assert [one.encode() for one in made] == [event.canonical(event.plain(value)) for value in given]
    refused = node(tmp_path, '''import { plain } from "./canonical.js";
        const bad = [1.5, NaN, 2 ** 53, null, { a: null }, "\\ud800", "\\0", () => 1];
        console.log(JSON.stringify(bad.map((v) => { try { plain(v); return "taken"; } catch (e) { return e.name; } })));''')
    assert refused == ["TypeError"] * 8


def test_what_is_typed_becomes_whole_milligrams(tmp_path: Path) -> None:
    typed = {"12,345": 12_345, "12.345": 12_345, "0,7": 700, "1 250": 1_250_000, "8,01": 8010, "0,001": 1, "1000000000": 10**12,
             "": None, "0": None, "0,000": None, "1,2345": None, "1,": None, ",5": None, "-1": None, "1e3": None, "1000000001": None, "a": None, "1,2,3": None}
    made = node(tmp_path, '''import { grams, milligrams, per100k, perMille } from "./amounts.js";
        console.log(JSON.stringify([given.map(milligrams), ["913", "913,5", "913.55", "1000", "1000,1", "0"].map(per100k),
            [12345, 700, 1, 1250000, 1000000000000].map(grams), [91350, 91355, 91000, 100000, 0].map(perMille)]));''', list(typed))
    assert made[0] == list(typed.values())
    assert made[1] == [91_300, 91_350, 91_355, 100_000, None, 0]
    assert [m.replace("\u202f", " ") for m in made[2]] == ["12,345", "0,700", "0,001", "1 250,000", "1 000 000 000,000"]
    assert [m.replace("\u202f", " ") for m in made[3]] == ["913,5", "913,55", "910", "1 000", "0"]


def test_g1_what_the_form_makes_is_a_receipt(tmp_path: Path) -> None:
    form = {"day": "2026-11-24", "society": " Société de Dabia", "site": "", "grams": "12,345", "fineness": "913,5", "method": "xrf", "advance": "",
            "photo": "", "miners": [{"miner": "M-awa001 ", "parts": "2"}, {"miner": "", "parts": "1"}]}
    twice = [{"miner": "m-a", "parts": "1"}, {"miner": "M-A", "parts": "1"}]
    script = '''import { body } from "./receipt.js";
        console.log(JSON.stringify(given.map(([collector, form]) => body({ collector }, form))));'''
    good, full, bare, bad = node(tmp_path, script, [
        ["comptoir", form], ["comptoir", {**form, "site": "Kokoyo 2", "advance": "25 000", "photo": "a" * 64}],
        ["", {**form, **dict.fromkeys(("day", "society", "grams", "fineness", "method"), "")}],
        ["comptoir", {**form, "advance": "x", "site": "!", "miners": twice}]])
    read = requests.read(RecordCollection(), good["body"])
    assert {**read, "lot": ""} == {"lot": "", "collector": "comptoir", "occurred_on": "2026-11-24", "society": "societe-de-dabia", "gross_mg": 12_345,
                                   "fineness_per_100k": 91_350, "method": "xrf", "miners": [{"miner": "m-awa001", "parts": 2}]}
    assert requests.read(RecordCollection(), full["body"])["advance_xof"] == 25_000
    assert good["body"]["lot"] != full["body"]["lot"]
    assert sorted(bare["faults"]) == ["collector", "day", "fineness", "grams", "method", "society"] and "body" not in bare
    assert sorted(bad["faults"]) == ["advance", "miners", "site"]


def test_why_a_receipt_is_held_is_said_in_the_clerks_words(tmp_path: Path) -> None:
    script = 'import { heldFor } from "./words.js";\nconsole.log(JSON.stringify(given.map(heldFor)));'
    said = dict(zip(RULES, node(tmp_path, script, list(RULES)), strict=True))
    known = {rule: text for rule, text in said.items() if text != rule}
    assert known == {rule: RULES[rule][0] for rule in known}
    assert {"society-unknown", "society-suspended", "miner-suspended", "ML-10", "undeclared-stock"} <= set(known)      # what holds one as it comes in


def test_the_receipts_code_says_lot_day_and_check_and_nothing_of_anybody(tmp_path: Path) -> None:
    record = {"sequence": 7, "recorded_there": "2026-11-24T08:00:00.000Z", "command": "record-collection", "body": {
        "lot": "r-0123456789ab", "collector": "comptoir", "society": "dabia", "gross_mg": 12_345, "fineness_per_100k": 91_350, "method": "xrf",
        "miners": [{"miner": "m-awa001", "parts": 1}], "occurred_on": "2026-11-24"}}
    code, enrolment = node(tmp_path, '''import { check } from "./device.js"; import { code } from "./list.js"; import { enrolmentOf } from "./enrol.js";
        const me = { id: "tel-1", collector: "comptoir", key: "k", token: "t" };
        console.log(JSON.stringify([code(given, await check(me, given)), enrolmentOf(me)]));''', record)
    digest = sha256(event.canonical({"device": "tel-1", **record})).digest()
    letters = "".join(b32encode(bytes([(byte & 31) << 3]))[:1].decode() for byte in digest[:10]).translate(CROCKFORD)
    assert code == f"SANU:r-0123456789ab:2026-11-24:{letters}"
    assert requests.read(RegisterDevice(), json.loads(enrolment)) == {"device_id": "tel-1", "actor": "comptoir", "key": "k"}


@pytest.mark.slow
def test_the_codes_are_read_by_a_public_reader(tmp_path: Path) -> None:
    done = subprocess.run([npm_bin() / "npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(tmp_path), READER],
                          cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    given = ["a" * n for n in range(1, 212)] + [t[:40] for t in texts(60) if t.strip("\0")] + ["SANU:r-0123456789ab:2026-11-24:ABCDEFGHJK"]
    read = node(tmp_path, '''import { qr } from "./qr.js"; import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
        prepareZXingModule({ overrides: { wasmBinary: readFileSync("node_modules/zxing-wasm/dist/reader/zxing_reader.wasm").buffer } });
        const found = [];
        for (const text of given) {
          const rows = qr(text), scale = 3, size = (rows.length + 8) * scale, data = new Uint8ClampedArray(4 * size * size).fill(255);
          for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) {
            if (rows[Math.floor(y / scale) - 4]?.[Math.floor(x / scale) - 4]) data.fill(0, 4 * (y * size + x), 4 * (y * size + x) + 3);
          }
          const [code] = await readBarcodes({ data, width: size, height: size, colorSpace: "srgb" }, { formats: ["QRCode"] });
          found.push(code ? [new TextDecoder().decode(code.bytes), code.ecLevel, rows.length] : null);
        }
        let long = ""; try { qr("a".repeat(300)); } catch (e) { long = e.name; }
        console.log(JSON.stringify([found, long]));''', given)
    assert [f and f[0] for f in read[0]] == given
    assert {f[1] for f in read[0]} == {"M"} and {f[2] for f in read[0]} == {17 + 4 * v for v in range(1, 11)}
    assert read[1] == "RangeError"


DOM = '''const made = {};
const element = (id) => { const told = {}; return { id, value: "", dataset: {}, files: [], addEventListener: (name, f) => { told[name] = f; },
  fire: (name) => told[name]({ preventDefault() {} }), reset() { $("photo").files = []; }, querySelectorAll: () => [], replaceChildren() {}, append() {} }; };
export const $ = (id) => made[id] ??= element(id);
export const h = () => ({});
globalThis.document = { querySelectorAll: () => [], querySelector: (selector) => (selector.includes("checked") ? { value: "xrf" } : null) };
'''
STORE = '''export const saved = [];
export const add = async (command, body) => { saved.push(body); return { sequence: saved.length }; };
export const all = async () => [], keep = async () => {}, device = async () => ({ collector: "c-x" }), begin = keep;
'''


def test_a_photo_belongs_to_the_receipt_it_was_chosen_for_however_slowly_it_is_read(tmp_path: Path) -> None:
    script = '''const { $ } = await import("./dom.js"), { saved } = await import("./store.js"), form = await import("./form.js");
const photo = (text, ms) => ({ arrayBuffer: () => new Promise((done) => setTimeout(() => done(new TextEncoder().encode(text).buffer), ms)) });
form.start(() => {});
async function receipt(grams, ...chosen) {
  Object.assign($("day"), { value: "2026-01-01" }), $("society").value = "niena", $("grams").value = grams, $("fineness").value = "900";
  for (const file of chosen) { $("photo").files = [file]; $("photo").fire("change"); }
  await $("receipt-form").fire("submit");
}
await receipt("1", photo("first", 60));
await receipt("2");
await receipt("3", photo("slow", 60), photo("quick", 1));
await receipt("4", { arrayBuffer: () => Promise.reject(new Error("unreadable")) });
await new Promise((done) => setTimeout(done, 100));
console.log(JSON.stringify([saved.map(({ gross_mg, photo }) => [gross_mg, photo ?? ""]), $("photo-hash").textContent]));'''
    saved, shown = node(tmp_path, script, dom=DOM, store=STORE)
    assert saved == [[1000, sha256(b"first").hexdigest()], [2000, ""], [3000, sha256(b"quick").hexdigest()], [4000, ""]] and shown == ""
