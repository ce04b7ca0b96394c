// Puts the page together: the device, the three tabs, the queue, and what holds the page ready for the time without network.
import { make, sign } from "./device.js";
import { $, translate } from "./dom.js";
import * as enrol from "./enrol.js";
import * as form from "./form.js";
import * as holds from "./holds.js";
import { list, receipt } from "./list.js";
import * as queue from "./queue.js";
import { change, device } from "./store.js";
import { speak } from "./words.js";

const STATES = { done: "stateDone", sending: "stateSending", later: "stateLater", token: "stateToken", unknown: "stateUnknown", retired: "stateRetired" };
const others = new BroadcastChannel("sanu-collect");
let open;

function tab(name) {
  for (const part of document.querySelectorAll("main > section")) part.hidden = part.id !== `tab-${name}`;
  for (const button of document.querySelectorAll("nav button")) button.setAttribute("aria-current", button.dataset.tab === name);
  document.body.dataset.tab = name;
  scrollTo(0, 0);
}

async function redraw() {
  await list(show, (record) => { form.redo(record); tab("new"); });
  const seen = open;                                        // it may be closed meanwhile
  if (seen) await receipt(await device(), seen);
}

async function show(record) {
  open = record.sequence;
  await receipt(await device(), record.sequence);
  tab("receipt");
}

function state({ state: name, problem }) {
  $("state").dataset.state = name;
  $("state-text").dataset.word = STATES[name];
  $("state-detail").textContent = ["token", "unknown", "retired"].includes(name) && problem ? problem.detail : "";
  translate($("state"));
  redraw();
  if (name === "done") holds.soon(redraw);
  others.postMessage(name);
}

async function language(chosen) {
  speak(chosen);
  for (const button of document.querySelectorAll("#language button")) button.setAttribute("aria-pressed", button.value === chosen);
  translate();
  await redraw();
}

async function offline() {
  const worker = navigator.serviceWorker;
  if (!worker) return;
  await worker.register("/gold/collect/worker.js", { scope: "/gold/collect", updateViaCache: "none" });
  await worker.ready;
  $("ready").dataset.word = "ready";
  $("ready").classList.add("yes");
  translate($("ready").parentElement);
  await navigator.storage?.persist?.();                    // else the browser may throw the records away when it lacks space
}

async function begin() {
  const me = (await device()) ?? await make();
  for (const button of document.querySelectorAll("nav button")) button.addEventListener("click", () => { open = undefined; redraw(); tab(button.dataset.tab); });
  for (const button of document.querySelectorAll("#language button")) {
    button.addEventListener("click", async () => { await change({ language: button.value }); await language(button.value); });
  }
  $("now").addEventListener("click", queue.now);
  $("print").addEventListener("click", () => print());
  $("back").addEventListener("click", () => { open = undefined; tab("list"); });
  enrol.start(me, queue.now);
  form.start(async (record) => {
    await sign(await device(), record);
    await redraw();
    await show(record);
    queue.now();
  });
  others.addEventListener("message", redraw);
  await language(me.language);
  tab(me.collector ? "new" : "device");
  document.body.dataset.begun = "yes";
  queue.start(state);
  await offline();
}

begin().catch((error) => {
  const word = !isSecureContext ? "notSecure" : error.name === "NotSupportedError" ? "noKey" : "broken";
  $("broken").firstElementChild.dataset.word = word;
  translate($("broken"));
  $("broken").hidden = false;
  $("state").hidden = true;                                // it would speak of records that nobody can make
  $("broken-detail").textContent = String(error);
});
