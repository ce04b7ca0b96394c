// When to send: at once when something is new or the network comes back, else later and later, and never in two tabs at a time.
import { sendWaiting } from "./send.js";

const FIRST_S = 2, MOST_S = 300;
let timer, wait = FIRST_S, busy = false, again = false, told = () => {};

export function start(listener) {
  told = listener;
  addEventListener("online", () => now());
  addEventListener("offline", () => told({ state: "later" }));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && now());
  now();
}

export function now() {
  wait = FIRST_S;
  return attempt();
}

async function attempt() {
  clearTimeout(timer);
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    await navigator.locks.request("sanu-collect-send", { ifAvailable: true }, async (lock) => {
      if (!lock) return later(0);                          // another tab is at it
      told({ state: "sending" });
      const outcome = await sendWaiting(() => told({ state: "sending" }));
      told(outcome);
      if (outcome.state === "done") wait = FIRST_S;
      else if (outcome.state !== "token" && outcome.state !== "retired") later(outcome.after ?? 0);
    });
  } catch (error) {
    told({ state: "later", problem: { detail: String(error) } });
    later(0);
  } finally {
    busy = false;
    if (again) {
      again = false;
      attempt();
    }
  }
}

function later(after) {
  const seconds = Math.max(after, wait * (0.75 + Math.random() / 2));      // not all devices of a site at the same moment
  wait = Math.min(wait * 2, MOST_S);
  timer = setTimeout(attempt, seconds * 1000);
}
