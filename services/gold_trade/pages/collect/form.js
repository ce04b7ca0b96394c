// The form of a receipt: what is typed is read, hashed and stored before anything else happens with it.
import { grouped, grams, milligrams, perMille } from "./amounts.js";
import { $, h } from "./dom.js";
import { body, hash } from "./receipt.js";
import { add, all, device, keep } from "./store.js";

let redoes, photo = Promise.resolve("");                   // a photo's hash takes a moment, and belongs to the receipt it was chosen for

export function start(saved) {
  $("more").addEventListener("click", () => miner());
  $("grams").addEventListener("input", weigh);
  $("photo").addEventListener("change", () => {
    const [file] = $("photo").files;
    choose(file ? hash(file).catch(() => "") : "");
  });
  $("receipt-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const record = await save();
    if (record) saved(record);
  });
  clear();
}

async function save() {
  const save = $("save");
  if (save.disabled) return;
  save.disabled = true;                                    // two taps are one receipt
  try {
    const form = { ...typed(), photo: await photo };
    const { faults, body: made } = body(await device(), form);
    show(faults);
    if (faults.length) return;
    const record = await add("record-collection", made);
    if (redoes) await keep(redoes, { redone: record.sequence });
    clear();
    return record;
  } finally {
    save.disabled = false;
  }
}

function typed() {
  const fields = Object.fromEntries(["day", "society", "site", "grams", "fineness", "advance"].map((name) => [name, $(name).value]));
  const miners = [...$("miners").querySelectorAll(".miner")].map((row) => ({ miner: row.querySelector("[name=miner]").value, parts: row.querySelector("[name=parts]").value }));
  return { ...fields, miners, method: document.querySelector("[name=method]:checked")?.value ?? "" };
}

// Shown if nothing else was chosen meanwhile, nor the form cleared.
async function choose(hashed) {
  const mine = photo = Promise.resolve(hashed), text = await mine;
  if (photo === mine) $("photo-hash").textContent = text && `SHA-256 ${text.slice(0, 16)}…`;
}

function show(faults) {
  for (const field of document.querySelectorAll("[data-field]")) {
    const wrong = faults.includes(field.dataset.field);
    field.classList.toggle("wrong", wrong);
    for (const input of field.querySelectorAll("input")) input.setAttribute("aria-invalid", wrong);
  }
  $("faults").hidden = !faults.length;
  document.querySelector(".wrong")?.scrollIntoView({ block: "center" });
  document.querySelector(".wrong input")?.focus({ preventScroll: true });
}

function weigh() {
  const mg = milligrams($("grams").value);
  $("mg").textContent = mg === null ? "" : `= ${grouped(mg)} mg`;
}

function miner(of = { miner: "", parts: 1 }) {
  const name = { autocapitalize: "none", autocomplete: "off", spellcheck: "false" };
  const row = h("div", { class: "miner" },
    h("label", {}, h("span", { word: "miner" }), h("input", { name: "miner", list: "known-miners", value: of.miner, ...name })),
    h("label", { class: "parts" }, h("span", { word: "parts" }), h("input", { name: "parts", inputmode: "numeric", value: of.parts })),
    h("button", { type: "button", class: "quiet", "aria-label": "Retirer", onclick: () => row.remove() }, "×"));
  $("miners").append(row);
}

export function clear() {
  $("receipt-form").reset();
  choose("");
  redoes = undefined;
  $("miners").replaceChildren();
  miner();
  const now = new Date();
  $("day").value = new Date(now - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  weigh();
  show([]);
  remember();
}

// A refused record stays as it is; what it said comes into the form, for a record of its own.
export function redo(record) {
  clear();
  redoes = record.sequence;
  const said = record.body;
  const values = { day: said.occurred_on, society: said.society, site: said.site ?? "", grams: grams(said.gross_mg), fineness: perMille(said.fineness_per_100k),
    advance: said.advance_xof ?? "" };
  for (const [name, value] of Object.entries(values)) $(name).value = value;
  const method = document.querySelector(`[name=method][value="${said.method}"]`);
  if (method) method.checked = true;
  choose(said.photo ?? "");
  if (said.miners.length) $("miners").replaceChildren();
  said.miners.forEach(miner);
  weigh();
}

// Codes that were typed before are offered again; there is no list of them to ask for without network.
async function remember() {
  const records = (await all()).map((record) => record.body);
  const known = { societies: records.map((r) => r.society), sites: records.map((r) => r.site), miners: records.flatMap((r) => r.miners.map((m) => m.miner)) };
  for (const [list, values] of Object.entries(known)) {
    $(`known-${list}`).replaceChildren(...[...new Set(values.filter(Boolean))].slice(-50).map((value) => h("option", { value })));
  }
  if (!$("society").value && records.length && !redoes) {
    $("society").value = records.at(-1).society;
    $("site").value ||= records.at(-1).site ?? "";
  }
}
