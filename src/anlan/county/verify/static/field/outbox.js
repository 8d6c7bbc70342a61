// What was written down and not yet received. Nothing leaves here before the server's receipt has been read.

import { all, exchange, get, move, put, remove } from "./store.js";
import { device, owner, post, signedOut } from "./pack.js";
import { urls } from "./view.js";
import { seal, sealJson, unseal, unsealJson } from "./vault.js";

const GIVE_UP_AFTER = 3; // so many failures of the line in a row end a round; the next one begins with other records
const LATER = new Set([408, 425, 429]);
const channel = new BroadcastChannel("anlan-field");
let running;
let again = false;

const listeners = [];
const hear = () => listeners.forEach((listen) => listen());
channel.addEventListener("message", hear);

// Called when something came in or went out, in this tab or in another.
export const changed = (listen) => listeners.push(listen);

function tell() {
  channel.postMessage("changed");
  hear();
}

export async function add(record, name, photos) {
  const whose = record.owner;
  const sealed = await sealJson(whose, { record, name });
  const pictures = await Promise.all(photos.map((each) => seal(whose, each)));
  const entry = { uuid: record.uuid, owner: whose, state: "ready", tries: 0, saved_at: Date.now(), sealed, pictures };
  await put("outbox", record.uuid, entry);
  tell();
}

// A form that is not saved yet: phones put pages away when their camera opens.
export async function sketch(record, name, photos) {
  const pictures = await Promise.all(photos.map((each) => seal(record.owner, each)));
  await put("meta", "draft", { owner: record.owner, sealed: await sealJson(record.owner, { record, name }), pictures });
}

export const forgetSketch = () => remove("meta", "draft");

export async function sketched() {
  const draft = await get("meta", "draft");
  if (!draft || draft.owner !== (await owner())) return undefined;
  return { ...(await unsealJson(draft.owner, draft.sealed)), pictures: draft.pictures, owner: draft.owner };
}

export const knows = async (uuid) => Boolean((await get("outbox", uuid)) ?? (await get("done", uuid)));

// Everything unsent; what is another person's stays closed.
export async function waiting() {
  const mine = await owner();
  const entries = (await all("outbox")).sort((a, b) => a.saved_at - b.saved_at);
  return Promise.all(
    entries.map(async (entry) => (entry.owner === mine ? { ...entry, ...(await opened(entry)), mine: true } : entry)),
  );
}

// What was opened stays open while the page does; a record written anew has another nonce.
const read = new Map();

async function opened({ uuid, owner: whose, sealed }) {
  const key = `${uuid} ${sealed.iv}`;
  try {
    if (!read.has(key)) read.set(key, await unsealJson(whose, sealed));
    return read.get(key);
  } catch {
    return {}; // without its key it waits for its person, who brings it back
  }
}

export const pictures = (entry) => Promise.all(entry.pictures.map((each) => unseal(entry.owner, each)));

export async function done() {
  const mine = await owner();
  const entries = (await all("done")).filter((each) => each.owner === mine).sort((a, b) => b.at - a.at);
  return Promise.all(entries.map(async (entry) => ({ ...entry, ...(await opened(entry)) })));
}

export async function retry(uuid, renumbered) {
  const entry = await get("outbox", uuid);
  if (!entry) return;
  const next = { ...entry, state: "ready", reason: "", code: "", tries: 0 };
  if (renumbered) {
    const told = await unsealJson(entry.owner, entry.sealed);
    next.uuid = told.record.uuid = crypto.randomUUID();
    next.sealed = await sealJson(entry.owner, told);
    await exchange("outbox", uuid, next.uuid, next);
  } else {
    await put("outbox", uuid, next);
  }
  tell();
}

// One round at a time over all tabs. Gives "signed out" where somebody has to log in first.
export function flush() {
  if (running) {
    again = true;
    return running;
  }
  running = locked(round).finally(() => {
    running = undefined;
    if (again) {
      again = false;
      flush();
    }
  });
  return running;
}

const locked = (work) => (navigator.locks ? navigator.locks.request("anlan-outbox", work) : work());

async function round() {
  const tried = new Set();
  let failures = 0;
  while (navigator.onLine) {
    const mine = await owner();
    const ready = (await all("outbox"))
      .filter((each) => each.owner === mine && each.state === "ready" && !tried.has(each.uuid))
      .sort((a, b) => a.tries - b.tries || a.saved_at - b.saved_at);
    if (!ready.length || failures >= GIVE_UP_AFTER) break;
    tried.add(ready[0].uuid);
    const outcome = await send(ready[0]);
    if (outcome === "signed out") return outcome;
    failures = outcome === "line" ? failures + 1 : 0;
    tell();
  }
  return "";
}

async function send(entry) {
  let answer;
  try {
    answer = await post(urls.send, await packed(entry), weight(entry));
  } catch {
    await note(entry, {});
    return "line";
  }
  const { status, said } = answer;
  if (status === 200 && said?.uuid === entry.uuid && said.receipt) {
    const { uuid, owner: whose, sealed } = entry;
    await move("outbox", "done", uuid, { uuid, owner: whose, sealed, at: Date.now(), ...said });
    return "received";
  }
  if (signedOut(answer)) return "signed out";
  if (said?.error && status >= 400 && status < 500 && !LATER.has(status)) {
    await note(entry, { state: "repair", reason: said.error, code: said.code });
    return "refused";
  }
  await note(entry, { reason: String(status) });
  return "later";
}

const note = async (entry, change) => put("outbox", entry.uuid, { ...entry, tries: entry.tries + 1, ...change });

const weight = (entry) => entry.pictures.reduce((sum, { data }) => sum + data.byteLength, 0);

async function packed(entry) {
  const { record } = await unsealJson(entry.owner, entry.sealed);
  const form = new FormData();
  form.set("record", JSON.stringify({ ...record, device: await device(), sent_at: new Date().toISOString() }));
  for (const bytes of await pictures(entry)) form.append("photo", new Blob([bytes], { type: "image/jpeg" }), "p.jpg");
  return form;
}
