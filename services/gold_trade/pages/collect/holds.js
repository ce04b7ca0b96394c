// Which receipts of this device are held, as the server last said: a hold is learned here, with the reason, not at the counter.
import { ask } from "./ask.js";
import { all, device, keep } from "./store.js";

const PATIENCE_MS = 20_000, SOON_MS = 2_000;               // a rule's word stands in the stock a moment after the receipt was taken
let timer;

export function soon(told) {
  clearTimeout(timer);
  timer = setTimeout(() => look().then((changed) => changed && told(), () => {}), SOON_MS);      // without network the last word stands
}

async function look() {
  const { token } = await device();
  if (!token) return false;
  const held = await rules(token);
  let changed = false;
  for (const { sequence, status, body, holds = [] } of await all()) {
    const now = held.get(body.lot) ?? [];
    if (status !== "sent" || String(now) === String(holds)) continue;
    await keep(sequence, { holds: now });
    changed = true;
  }
  return changed;
}

async function rules(token) {
  const held = new Map();
  for (let after = ""; after !== null;) {
    const answer = await ask(`/gold/v1/lots?held=held&limit=200${after && `&after=${encodeURIComponent(after)}`}`, token, PATIENCE_MS);
    if (!answer.ok) throw new Error(String(answer.status));
    const page = await answer.json();
    for (const { lot, holds } of page.lots) held.set(lot, holds.map(({ rule }) => rule));
    after = page.next;
  }
  return held;
}
