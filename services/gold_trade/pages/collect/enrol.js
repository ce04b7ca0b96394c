// The device's own tab: who holds it, how the office registers it, and the token that it sends with.
import { $, picture } from "./dom.js";
import { qr } from "./qr.js";
import { slug } from "./receipt.js";
import { change } from "./store.js";

export function start(me, changed) {
  $("device-id").textContent = me.id;
  $("device-key").textContent = me.key;
  $("collector").value = me.collector ?? "";
  enrolment(me);
  token(me);
  $("collector").addEventListener("change", async () => {
    $("collector").value = slug($("collector").value);
    const now = await change({ collector: $("collector").value });
    enrolment(now);
    changed(now);
  });
  $("token").addEventListener("input", async () => {
    const text = $("token").value.trim().replace(/^Bearer\s+/i, "");
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)) return;
    $("token").value = "";
    const now = await change({ token: text });
    token(now);
    changed(now);
  });
}

// As register-device takes it.
export const enrolmentOf = ({ id, collector, key }) => JSON.stringify({ device_id: id, actor: collector || undefined, key });

function enrolment(me) {
  $("enrolment").replaceChildren(picture(qr(enrolmentOf(me)), enrolmentOf(me)));
}

function token(me) {
  $("token-state").hidden = !me.token;
  const ends = me.token && endOf(me.token);
  $("token-ends").textContent = ends ? ends.toLocaleString("fr") : "";
  $("token-state").classList.toggle("over", Boolean(ends && ends < new Date()));
}

function endOf(text) {
  try {
    return new Date(JSON.parse(atob(text.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).exp * 1000);
  } catch {
    return undefined;                                      // the server reads it better than we do
  }
}
