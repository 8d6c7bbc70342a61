// A QR code of a text, for the last resort: one telephone reads it off another's screen. ISO/IEC 18004, bytes, level L.

// Codewords for correction by block, and blocks, of versions 1 to 40.
const CHECKS = [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26, 28, 30, 30, 30, 30,
  30, 30, 30, 30, 30, 30, 30, 30, 30, 30];
const BLOCKS = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20,
  21, 22, 24, 25];

const EXP = [];
const LOG = [];
for (let at = 0, value = 1; at < 255; at += 1) {
  EXP[at] = value;
  LOG[value] = at;
  value = (value << 1) ^ (value > 127 ? 0x11d : 0);
}
const times = (a, b) => (a && b ? EXP[(LOG[a] + LOG[b]) % 255] : 0);

// How many bits of a version are no pattern.
function room(version) {
  const spots = version > 1 ? Math.floor(version / 7) + 2 : 0;
  return (16 * version + 128) * version + 64 - (spots ? (25 * spots - 10) * spots - 55 : 0) - (version > 6 ? 36 : 0);
}

const words = (version) => Math.floor(room(version) / 8) - CHECKS[version - 1] * BLOCKS[version - 1];

function checks(data, count) {
  let divisor = [1];
  for (let at = 0; at < count; at += 1) {
    const next = [...divisor, 0];
    divisor.forEach((factor, place) => (next[place + 1] ^= times(factor, EXP[at])));
    divisor = next;
  }
  const rest = [...data, ...new Array(count).fill(0)];
  for (let at = 0; at < data.length; at += 1) {
    const lead = rest[at];
    divisor.forEach((factor, place) => (rest[at + place] ^= times(factor, lead)));
  }
  return rest.slice(data.length);
}

// The text and what corrects it, block by block among each other.
function codewords(bytes, version) {
  const bits = [];
  const push = (value, count) => {
    for (let at = count - 1; at >= 0; at -= 1) bits.push((value >> at) & 1);
  };
  push(4, 4);
  push(bytes.length, version < 10 ? 8 : 16);
  bytes.forEach((each) => push(each, 8));
  const whole = words(version);
  push(0, Math.min(4, whole * 8 - bits.length));
  push(0, (8 - (bits.length % 8)) % 8);
  const data = [];
  for (let at = 0; at < bits.length; at += 8) data.push(parseInt(bits.slice(at, at + 8).join(""), 2));
  for (let pad = 0xec; data.length < whole; pad ^= 0xfd) data.push(pad);
  const [count, check] = [BLOCKS[version - 1], CHECKS[version - 1]];
  const long = whole % count;
  const blocks = [];
  for (let at = 0, from = 0; at < count; at += 1) {
    const until = from + Math.floor(whole / count) + (at >= count - long ? 1 : 0);
    blocks.push(data.slice(from, until));
    from = until;
  }
  const corrections = blocks.map((each) => checks(each, check));
  const among = (lists) => Array.from({ length: Math.max(...lists.map((each) => each.length)) }, (_, at) => lists.map((each) => each[at]))
    .flat().filter((each) => each !== undefined);
  return [...among(blocks), ...among(corrections)];
}

const MASKS = [
  (x, y) => (x + y) % 2, (_, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3, (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
  (x, y) => ((x * y) % 2) + ((x * y) % 3), (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];

function spots(version) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = version === 32 ? 26 : Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, at) => version * 4 + 10 - (count - 2 - at) * step)];
}

// The squares of a text by rows: true is dark. `mask` is 0 to 7; any can be read.
export function squares(text, mask = 0) {
  const bytes = new TextEncoder().encode(text);
  let version = 1;
  while (version <= 40 && words(version) * 8 < 4 + (version < 10 ? 8 : 16) + bytes.length * 8) version += 1;
  if (version > 40) return null;
  const size = version * 4 + 17;
  const grid = Array.from({ length: size }, () => new Array(size).fill(null));
  const set = (x, y, dark) => x >= 0 && y >= 0 && x < size && y < size && (grid[y][x] = Boolean(dark));
  patterns(version, size, set, grid);
  shape(mask, size, set);
  fill(codewords(bytes, version), mask, size, grid);
  return grid;
}

function patterns(version, size, set, grid) {
  for (let at = 0; at < size; at += 1) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  for (const [cx, cy] of [[3, 3], [size - 4, 3], [3, size - 4]])
    for (let dy = -4; dy <= 4; dy += 1)
      for (let dx = -4; dx <= 4; dx += 1) {
        const far = Math.max(Math.abs(dx), Math.abs(dy));
        set(cx + dx, cy + dy, far !== 2 && far !== 4);
      }
  const places = spots(version);
  for (const cy of places)
    for (const cx of places) {
      if ((cx === 6 && (cy === 6 || cy === size - 7)) || (cx === size - 7 && cy === 6)) continue;
      for (let dy = -2; dy <= 2; dy += 1)
        for (let dx = -2; dx <= 2; dx += 1) set(cx + dx, cy + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
    }
  if (version < 7) return;
  let rest = version;
  for (let at = 0; at < 12; at += 1) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
  const bits = (version << 12) | rest;
  for (let at = 0; at < 18; at += 1) {
    const [a, b] = [size - 11 + (at % 3), Math.floor(at / 3)];
    set(a, b, (bits >> at) & 1);
    set(b, a, (bits >> at) & 1);
  }
}

// What tells a reader the level (L is 1) and the mask.
function shape(mask, size, set) {
  const data = (1 << 3) | mask;
  let rest = data;
  for (let at = 0; at < 10; at += 1) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
  const bits = ((data << 10) | rest) ^ 0x5412;
  const bit = (at) => (bits >> at) & 1;
  for (let at = 0; at < 6; at += 1) set(8, at, bit(at));
  set(8, 7, bit(6));
  set(8, 8, bit(7));
  set(7, 8, bit(8));
  for (let at = 9; at < 15; at += 1) set(14 - at, 8, bit(at));
  for (let at = 0; at < 8; at += 1) set(size - 1 - at, 8, bit(at));
  for (let at = 8; at < 15; at += 1) set(8, size - 15 + at, bit(at));
  set(8, size - 8, true);
}

function fill(data, mask, size, grid) {
  let at = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step += 1)
      for (const x of [right, right - 1]) {
        const y = ((right + 1) & 2) === 0 ? size - 1 - step : step;
        if (grid[y][x] !== null) continue;
        const dark = at < data.length * 8 && (data[at >> 3] >> (7 - (at & 7))) & 1;
        at += 1;
        grid[y][x] = Boolean(dark) !== (MASKS[mask](x, y) === 0);
      }
  }
}

// A code as a picture that may be as large as it likes; nothing where the text is too long.
export function drawn(text, title) {
  const grid = squares(text);
  if (!grid) return null;
  const path = grid.flatMap((line, y) => line.flatMap((dark, x) => (dark ? [`M${x + 4} ${y + 4}h1v1h-1z`] : []))).join("");
  const make = (tag, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const svg = make("svg", { viewBox: `0 0 ${grid.length + 8} ${grid.length + 8}`, role: "img", "aria-label": title, class: "qr" });
  svg.append(make("rect", { width: "100%", height: "100%", fill: "#fff" }), make("path", { d: path, fill: "#000" }));
  return svg;
}
