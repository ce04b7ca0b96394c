// Who this device is: a name and an Ed25519 key made here, whose private half never leaves the browser.
import { bytes, plain } from "./canonical.js";
import { begin, keep } from "./store.js";

const LETTERS = "0123456789abcdefghjkmnpqrstvwxyz";        // Crockford's: none is taken for another

export const random = (length) => letters(crypto.getRandomValues(new Uint8Array(length)));
const letters = (some) => Array.from(some, (byte) => LETTERS[byte & 31]).join("");

export function base64url(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

// Throws NotSupportedError where the browser cannot make such a key.
export async function make() {
  const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
  return begin({ id: `tel-${random(10)}`, privateKey, key: base64url(await crypto.subtle.exportKey("raw", publicKey)), language: "fr" });
}

const said = (me, { sequence, recorded_there, command, body }) => ({ device: me.id, sequence, recorded_there, command, body });

// The same key signs the same bytes with the same signature, so it may be made again after a sudden end.
export async function sign(me, record) {
  if (record.signature) return record;
  const signature = await crypto.subtle.sign("Ed25519", me.privateKey, bytes(plain(said(me, record))));
  return keep(record.sequence, { signature: base64url(signature) });
}

export function signed({ sequence, recorded_there, command, body, signature }) {
  return { sequence, recorded_there, command, body, signature };
}

// Ten letters that only this record has: a paper that shows others was not made from it.
export async function check(me, record) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes(plain(said(me, record)))));
  return letters(digest.slice(0, 10)).toUpperCase();
}
