// A QR code (ISO/IEC 18004) of a short text: bytes, error correction M, versions 1 to 10; rows of true (dark) and false.

const PER_BLOCK = [0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26];         // check words of a block, by version
const BLOCKS = [0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5];
const MASKS = [
  (x, y) => (x + y) % 2, (x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3, (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
  (x, y) => ((x * y) % 2) + ((x * y) % 3), (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];

export function qr(text) {
  const data = new TextEncoder().encode(text);
  let version = 1;
  while (8 * data.length + (version < 10 ? 12 : 20) > 8 * dataWords(version)) if (++version > 10) throw new RangeError("too long for this QR code");
  const words = interleaved(version, padded(version, data));
  const drawn = MASKS.map((mask, number) => draw(version, words, mask, number));
  return drawn.reduce((best, one) => (penalty(one) < penalty(best) ? one : best));
}

function allWords(version) {
  const aligned = Math.floor(version / 7) + 2;
  const taken = version < 2 ? 0 : (25 * aligned - 10) * aligned - 55 + (version < 7 ? 0 : 36);
  return ((16 * version + 128) * version + 64 - taken) >> 3;
}

const dataWords = (version) => allWords(version) - PER_BLOCK[version] * BLOCKS[version];

function padded(version, data) {
  const bits = [];
  const push = (value, length) => { for (let i = length - 1; i >= 0; i--) bits.push((value >> i) & 1); };
  push(4, 4);
  push(data.length, version < 10 ? 8 : 16);
  data.forEach((byte) => push(byte, 8));
  push(0, Math.min(4, 8 * dataWords(version) - bits.length));
  while (bits.length % 8) bits.push(0);
  for (let pad = 0xec; bits.length < 8 * dataWords(version); pad ^= 0xec ^ 0x11) push(pad, 8);
  return Array.from({ length: bits.length / 8 }, (_, i) => parseInt(bits.slice(8 * i, 8 * i + 8).join(""), 2));
}

function times(a, b) {                                                  // in GF(256) over 0x11d
  let product = 0;
  for (let i = 7; i >= 0; i--) product = (product << 1) ^ ((product >> 7) * 0x11d) ^ (((b >> i) & 1) * a);
  return product;
}

function checkWords(data, degree) {                                     // Reed-Solomon
  const divisor = [...new Array(degree - 1).fill(0), 1];
  for (let i = 0, root = 1; i < degree; i++, root = times(root, 2)) {
    for (let j = 0; j < degree; j++) divisor[j] = times(divisor[j], root) ^ (divisor[j + 1] ?? 0);
  }
  const rest = new Array(degree).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    divisor.forEach((word, i) => { rest[i] ^= times(word, factor); });
  }
  return rest;
}

function interleaved(version, data) {
  const blocks = BLOCKS[version], long = data.length % blocks, length = Math.floor(data.length / blocks);
  const parts = [];
  for (let i = 0, at = 0; i < blocks; i++) parts.push(data.slice(at, at += length + (i >= blocks - long ? 1 : 0)));
  const checks = parts.map((part) => checkWords(part, PER_BLOCK[version]));
  const woven = (lists) => Array.from({ length: Math.max(...lists.map((list) => list.length)) }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
  return [...woven(parts), ...woven(checks)];
}

function draw(version, words, mask, number) {
  const size = 17 + 4 * version;
  const dark = Array.from({ length: size }, () => new Array(size).fill(null));         // null: still free
  const set = (x, y, value) => { if (dark[y]?.[x] !== undefined) dark[y][x] = Boolean(value); };
  for (let i = 0; i < size; i++) { set(6, i, i % 2 === 0); set(i, 6, i % 2 === 0); }
  for (const [cx, cy] of [[3, 3], [size - 4, 3], [3, size - 4]]) {
    for (let dy = -4; dy <= 4; dy++) for (let dx = -4; dx <= 4; dx++) {
      const ring = Math.max(Math.abs(dx), Math.abs(dy));
      set(cx + dx, cy + dy, ring !== 2 && ring !== 4);
    }
  }
  const middles = alignment(version, size);
  for (const cy of middles) for (const cx of middles) {
    if ((cx === 6 && cy === 6) || (cx === 6 && cy === size - 7) || (cx === size - 7 && cy === 6)) continue;
    for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) set(cx + dx, cy + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
  }
  const format = (withCheck(number, 0x537, 10)) ^ 0x5412;
  for (let i = 0; i < 15; i++) {
    const bit = (format >> i) & 1;
    set(8, i < 6 ? i : i < 8 ? i + 1 : size - 15 + i, bit);
    set(i < 8 ? size - 1 - i : i < 9 ? 7 : 14 - i, 8, bit);
  }
  set(8, size - 8, true);
  for (let i = 0, info = withCheck(version, 0x1f25, 12); version >= 7 && i < 18; i++) {
    const a = size - 11 + (i % 3), b = Math.floor(i / 3);
    set(a, b, (info >> i) & 1);
    set(b, a, (info >> i) & 1);
  }
  const bits = words.flatMap((word) => [7, 6, 5, 4, 3, 2, 1, 0].map((i) => (word >> i) & 1));
  let next = 0;
  for (let right = size - 1; right >= 1; right -= right === 8 ? 3 : 2) {
    for (let step = 0; step < size; step++) for (const x of [right, right - 1]) {
      const y = ((right + 1) & 2) === 0 ? size - 1 - step : step;
      if (dark[y][x] === null) set(x, y, (bits[next++] ?? 0) ^ (mask(x, y) === 0));
    }
  }
  return dark;
}

function alignment(version, size) {
  if (version === 1) return [];
  const middles = Math.floor(version / 7) + 2, step = Math.ceil((4 * version + 4) / (2 * middles - 2)) * 2;
  return [6, ...Array.from({ length: middles - 1 }, (_, i) => size - 7 - i * step)];
}

function withCheck(value, divisor, length) {                            // BCH
  let rest = value;
  for (let i = 0; i < length; i++) rest = (rest << 1) ^ ((rest >> (length - 1)) * divisor);
  return (value << length) | rest;
}

function penalty(dark) {                                                // the standard's four rules
  const size = dark.length, columns = dark.map((_, x) => dark.map((row) => row[x]));
  let points = 0;
  for (const line of [...dark, ...columns]) {
    const text = line.map(Number).join("");
    for (const run of text.match(/0{5,}|1{5,}/g) ?? []) points += run.length - 2;
    points += 40 * ((text.match(/(?=00001011101)/g)?.length ?? 0) + (text.match(/(?=10111010000)/g)?.length ?? 0));
  }
  for (let y = 1; y < size; y++) for (let x = 1; x < size; x++) {
    if (dark[y][x] === dark[y - 1][x] && dark[y][x] === dark[y][x - 1] && dark[y][x] === dark[y - 1][x - 1]) points += 3;
  }
  const share = dark.flat().filter(Boolean).length / (size * size);
  return points + 10 * Math.floor(Math.abs(share - 0.5) * 20);
}
