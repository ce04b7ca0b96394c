// Sends what waits, in the order of its numbers, until nothing waits or somebody has to do something; tells which of the two.
import { ask } from "./ask.js";
import { sign, signed } from "./device.js";
import { device, settle, waiting } from "./store.js";

const MOST_RECORDS = 500, MOST_BYTES = 900_000, PATIENCE_MS = 60_000;
const FINAL = new Set(["recorded", "repeated", "refused"]);
const WHOLE = new Set([400, 413, 415, 422]);              // what is said of the batch, not of one record

// {state: "done"} | {state: "later", after?} | {state: "token" | "unknown" | "retired" | "refused", problem}
export async function sendWaiting(told) {
  let most = MOST_RECORDS;
  for (;;) {
    const me = await device();
    const batch = await next(me, most);
    if (!batch.length) return { state: "done" };
    if (!me.token) return { state: "token" };
    const answer = await post(me, batch);
    if (answer.results) {
      await settle(answer.results);
      told();
      if (answer.results.filter(({ status }) => FINAL.has(status)).length < batch.length) return { state: "later" };
    } else if (WHOLE.has(answer.problem?.status) && batch.length > 1) {
      most = batch.length >> 1;                            // find the one that the server cannot read
    } else if (WHOLE.has(answer.problem?.status)) {
      await settle([{ sequence: batch[0].sequence, status: "refused", problem: answer.problem }]);
      told();
    } else {
      return answer;
    }
  }
}

async function next(me, most) {
  const batch = [];
  let size = 0;
  for (const record of await waiting(most)) {
    const one = signed(await sign(me, record));
    size += new TextEncoder().encode(JSON.stringify(one)).length + 1;
    if (size > MOST_BYTES && batch.length) break;
    batch.push(one);
  }
  return batch;
}

async function post(me, records) {
  let answer, said;
  try {
    answer = await ask("/gold/v1/sync", me.token, PATIENCE_MS, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ device: me.id, sent_at: new Date().toISOString(), records }) });
    said = await answer.json();
  } catch {
    return { state: "later" };                             // no network, or an answer that was cut off: nothing is known, so it is sent again
  }
  if (answer.ok && Array.isArray(said.results)) return said;
  const problem = { status: answer.status, type: String(said.type ?? "").split("#").pop(), detail: said.detail ?? "", field: said.field, rule: said.rule };
  const retired = answer.status === 403 && problem.rule === "register another";
  const state = retired ? "retired" : { 401: "token", 403: "token", 404: "unknown" }[answer.status];
  if (state) return { state, problem };
  return WHOLE.has(answer.status) ? { problem } : { state: "later", after: Number(answer.headers.get("Retry-After")) || 0, problem };
}
