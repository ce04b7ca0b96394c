// Binds a result without showing it: the nonce is made in this browser, and stays in it until the result is revealed.
import { per100k, perMille } from "/gold/collect/amounts.js";
import { bytes } from "/gold/collect/canonical.js";

const hex = (some) => Array.from(some, (byte) => byte.toString(16).padStart(2, "0")).join("");
const place = (consignment, party, commitment) => `sanu-assay:${consignment}:${party}:${commitment}`;
const say = (form, word) => {
  const line = form.querySelector("[role=status]");
  line.replaceChildren(...form.querySelector(`template[data-say=${word}]`).content.cloneNode(true).childNodes);
};

export async function commitment(consignment, party, fineness_per_100k, nonce) {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes({ consignment, party, fineness_per_100k, nonce }))));
}

async function commit(form) {
  const { consignment } = form.dataset;
  const party = form.elements.party.value, fineness = per100k(form.elements.result.value);
  if (fineness === null) return say(form, "fineness");
  const nonce = hex(crypto.getRandomValues(new Uint8Array(16)));
  const bound = await commitment(consignment, party, fineness, nonce);
  localStorage.setItem(place(consignment, party, bound), JSON.stringify({ fineness, nonce }));
  form.elements.commitment.value = bound;
  form.elements.result.disabled = true;                 // the result itself is not sent
  form.submit();
}

function fill(form) {
  const { consignment, party, commitment: bound } = form.dataset;
  const kept = JSON.parse(localStorage.getItem(place(consignment, party, bound)) ?? "null");
  if (!kept) return say(form, "missing");
  form.elements.fineness.value = perMille(kept.fineness);
  form.elements.nonce.value = kept.nonce;
  say(form, "kept");
}

function forget(list) {
  for (const { consignment, party, commitment: bound } of [...list].map((element) => element.dataset)) localStorage.removeItem(place(consignment, party, bound));
}

for (const form of document.querySelectorAll("form.commit")) {
  if (!crypto.subtle) { say(form, "insecure"); continue; }
  form.querySelector("button").disabled = false;
  form.addEventListener("submit", (event) => { event.preventDefault(); commit(form).catch(() => say(form, "failed")); });
}
document.querySelectorAll("form.reveal").forEach(fill);
forget(document.querySelectorAll("[data-revealed]"));
