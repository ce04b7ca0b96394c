// From the fields of the form to the command record-collection, or to the names of the fields that are not right.
import { count, milligrams, per100k } from "./amounts.js";
import { plain } from "./canonical.js";
import { random } from "./device.js";

const SLUG = /^[a-z0-9][a-z0-9-]{0,63}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export const slug = (text) => text.trim().toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replace(/[\s_]+/g, "-");

export function body(me, form) {
  const faults = [];
  const must = (name, value, good) => {
    if (!good) faults.push(name);
    return value;
  };
  const society = slug(form.society), site = slug(form.site);
  const gross = milligrams(form.grams), fineness = per100k(form.fineness), advance = form.advance.trim() && count(form.advance);
  const miners = form.miners.filter(({ miner }) => miner.trim()).map(({ miner, parts }) => ({ miner: slug(miner), parts: count(parts, 100_000) }));
  const names = new Set(miners.map(({ miner }) => miner));
  must("collector", 0, SLUG.test(me.collector ?? ""));
  must("miners", 0, names.size === miners.length && miners.every(({ miner, parts }) => SLUG.test(miner) && parts > 0));
  const made = {
    lot: `r-${random(12)}`,
    collector: me.collector,
    occurred_on: must("day", form.day, DAY.test(form.day)),
    society: must("society", society, SLUG.test(society)),
    site: must("site", site || undefined, !site || SLUG.test(site)),
    gross_mg: must("grams", gross, gross !== null),
    fineness_per_100k: must("fineness", fineness, fineness !== null),
    method: must("method", form.method, Boolean(form.method)),
    miners,
    advance_xof: must("advance", advance === "" ? undefined : advance, advance !== null),
    photo: form.photo || undefined,
  };
  return faults.length ? { faults } : { faults, body: plain(made) };
}

export async function hash(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
