// Signing in, and the households the phone takes along. They go when the phone is revoked, or hears nothing for long.

import { clear, get, put, remove } from "./store.js";
import { urls } from "./view.js";
import { forget, has, keep, sealJson, unsealJson } from "./vault.js";

const TIMEOUT_MS = 60000;
const SLOWEST = 4; // bytes a millisecond: a thin line is slow and not dead

const token = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";

// `said` is the server's own word, or nothing: a page of some network's on the way is no answer.
export async function post(url, body, bytes = 0) {
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: { "X-CSRFToken": token() },
    credentials: "same-origin",
    redirect: "manual",
    cache: "no-store",
    signal: AbortSignal.timeout(TIMEOUT_MS + bytes / SLOWEST),
  });
  const json = (response.headers.get("content-type") ?? "").includes("application/json");
  return { status: response.status, said: json ? await response.json() : null };
}

export const signedOut = ({ status, said }) => status === 0 || status === 401 || (status === 403 && !said);

export async function device() {
  const known = await get("meta", "device");
  if (known) return known;
  const made = crypto.randomUUID();
  await put("meta", "device", made);
  return made;
}

export const owner = () => get("meta", "owner");

// One of "fresh", "signed out", "revoked", "later".
export async function refresh() {
  const form = new FormData();
  form.set("device", await device());
  const answer = await post(urls.pack, form);
  if (signedOut(answer)) return "signed out";
  if (answer.said?.code === "Revoked") {
    await clear("pack");
    await put("meta", "revoked", true);
    return "revoked";
  }
  if (answer.status !== 200 || !answer.said?.key) return "later";
  const { key, ...pack } = answer.said;
  if (!(await has(pack.owner))) await keep(pack.owner, key);
  if ((await owner()) !== pack.owner) await clear("pack");
  await put("meta", "owner", pack.owner);
  await remove("meta", "revoked");
  pack.fetched = Date.now();
  await put("pack", pack.owner, await sealJson(pack.owner, pack));
  return "fresh";
}

// The households, or why there are none: "none", "expired", "revoked".
export async function load() {
  const mine = await owner();
  const sealed = mine === undefined ? undefined : await get("pack", mine);
  if (!sealed) return { missing: (await get("meta", "revoked")) ? "revoked" : "none" };
  const pack = await unsealJson(mine, sealed);
  if (Math.abs(Date.now() - pack.fetched) > pack.hours * 3600000) {
    await clear("pack");
    return { missing: "expired" };
  }
  for (const event of pack.events) event.rows = event.rows.map((row) => filled(row, pack.blank));
  return { pack };
}

// What most rows have in common is said once.
const filled = (row, blank) => ({ ...blank, ...row, base: { ...blank.base, ...row.base } });

export async function wipe() {
  const mine = await owner();
  await Promise.all(["pack", "done"].map(clear));
  if (mine !== undefined) await forget(mine);
  await remove("meta", "owner");
}
