// The receipts of this device and what became of each, and one of them as it is shown or printed for the miner.
import { grams, grouped, perMille } from "./amounts.js";
import { check } from "./device.js";
import { $, h, picture } from "./dom.js";
import { qr } from "./qr.js";
import { all, one } from "./store.js";
import { heldFor, said, why } from "./words.js";

const MOST = 100;
let drawn;

export async function list(open, redo) {
  const records = (await all()).reverse(), now = JSON.stringify(records);
  if (now === drawn) return;                                // a card made anew under a finger loses its tap
  drawn = now;
  const shown = records.filter(({ status, redone }, i) => i < MOST || status === "waiting" || (status === "refused" && !redone));
  $("records").replaceChildren(...shown.map((record) => card(record, open, redo)));
  $("none").hidden = Boolean(records.length);
  const counts = { waiting: 0, sent: 0, refused: 0 };
  for (const { status } of records) counts[status] += 1;
  for (const [status, count] of Object.entries(counts)) $(`count-${status}`).textContent = count;
  $("open-count").textContent = counts.waiting || "";
}

function card(record, open, redo) {
  const { body, status, sequence } = record;
  return h("li", { class: status, "data-sequence": sequence, "data-status": status },
    h("button", { class: "card", type: "button", onclick: () => open(record) },
      h("span", { class: "top" }, h("b", {}, `${grams(body.gross_mg)} g`), badge(status)),
      h("span", { class: "soft" }, `n° ${sequence} · ${day(body.occurred_on)} · ${body.society}`)),
    ...(record.problem && status !== "sent" ? [reason(record)] : []), ...held(record),
    ...(status === "refused" ? [record.redone ? h("p", { class: "soft" }, h("span", { word: "redone" }), ` ${record.redone}`)
      : h("button", { type: "button", class: "wide quiet", word: "again", onclick: () => redo(record) })] : []));
}

const badge = (status) => h("span", { class: `badge ${status}`, word: status });
const day = (iso) => iso.split("-").reverse().join("/");

const reason = ({ problem, status }) => h("p", { class: "reason" }, ...(status === "refused" ? [h("b", {}, why(problem))] : []),
  h("span", { lang: "en", class: "soft" }, said(problem)));

const held = ({ holds = [] }) => holds.length ? [h("p", { class: "held" }, h("b", { word: "held" }), ` ${holds.map(heldFor).join(", ")}`)] : [];

// Nobody who finds the paper learns from its code whose gold it is, nor how much: a lot, a day and a check value.
export const code = (record, value) => `SANU:${record.body.lot}:${record.body.occurred_on}:${value}`;

export async function receipt(me, sequence) {
  const record = await one(sequence), { body } = record, value = await check(me, record);
  const line = (word, ...content) => h("div", {}, h("dt", { word }), h("dd", {}, ...content));
  const parts = body.miners.reduce((sum, miner) => sum + miner.parts, 0);
  $("receipt").replaceChildren(
    h("p", { class: "top" }, h("b", { word: "receipt" }), badge(record.status)),
    h("p", { class: "mass" }, `${grams(body.gross_mg)} g`, h("small", {}, `${grouped(body.gross_mg)} mg`)),
    picture(qr(code(record, value)), code(record, value)),
    ...(record.problem && record.status !== "sent" ? [reason(record)] : []), ...held(record),
    h("dl", {},
      line("lot", h("code", {}, body.lot)), line("check", h("code", {}, value)), line("day", day(body.occurred_on)), line("number", String(sequence)),
      line("society", body.society), ...(body.site ? [line("site", body.site)] : []),
      line("fineness", `${perMille(body.fineness_per_100k)} ‰ · `, h("span", { word: body.method })),
      ...(body.miners.length ? [line("miners", ...body.miners.map(({ miner, parts: own }) => h("span", { class: "share" }, miner, h("b", {}, `${own}/${parts}`))))] : []),
      ...(body.advance_xof === undefined ? [] : [line("advance", `${grouped(body.advance_xof)} FCFA`)]),
      ...(body.photo ? [line("photo", h("code", {}, `${body.photo.slice(0, 16)}…`))] : []),
      line("by", body.collector)));
}
