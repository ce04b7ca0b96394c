// The form in which a record is signed: RFC 8785 for NFC strings, whole numbers and ASCII keys, byte for byte what the server makes of it.

export function plain(value) {
  switch (typeof value) {
    case "string":
      if (!value.isWellFormed()) throw new TypeError("half a surrogate pair");
      if (value.includes("\0")) throw new TypeError("a NUL character");
      return value.normalize("NFC");
    case "number":
      if (!Number.isSafeInteger(value)) throw new TypeError(`${value} is not a whole number`);
      return value === 0 ? 0 : value;          // -0 too
    case "boolean":
      return value;
    case "object":
      if (Array.isArray(value)) return value.map(plain);
      if (value) return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined).map(([k, v]) => [k, plain(v)]));
  }
  throw new TypeError(`${value === null ? "null" : typeof value} has no canonical form`);
}

export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}

export const bytes = (value) => new TextEncoder().encode(canonical(value));
