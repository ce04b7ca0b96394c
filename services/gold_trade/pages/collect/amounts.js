// What a hand types and what is kept: whole numbers, read from the digits themselves, so that no milligram is lost in a float.

const spaces = /[\s\u00a0\u202f]/g;

function decimal(text, places, most) {
  const [, whole, part = ""] = new RegExp(`^(\\d{1,12})(?:[.,](\\d{1,${places}}))?$`).exec(text.replace(spaces, "")) ?? [];
  if (whole === undefined) return null;
  const value = Number(whole + part.padEnd(places, "0"));
  return value <= most ? value : null;
}

export const milligrams = (grams) => decimal(grams, 3, 1e12) || null;
export const per100k = (perMille) => decimal(perMille, 2, 100_000);
export function count(text, most = 1e12) {
  const digits = text.replace(spaces, "");
  return /^\d{1,13}$/.test(digits) && Number(digits) <= most ? Number(digits) : null;
}

// 12345 -> "12 345"
export const grouped = (whole) => String(whole).replace(/\B(?=(\d{3})+$)/g, "\u202f");

function shown(whole, places) {
  const digits = String(whole).padStart(places + 1, "0");
  return `${grouped(digits.slice(0, -places))},${digits.slice(-places)}`;
}

export const grams = (mg) => shown(mg, 3);
export const perMille = (parts) => shown(parts, 2).replace(/,?0+$/, "");
