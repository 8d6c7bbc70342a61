// What lies on the phone lies under a key that its script can use and cannot read.

import { get, put, remove } from "./store.js";

const NONCE = 12;

export async function keep(owner, hex) {
  const bytes = Uint8Array.from(hex.match(/../g), (each) => parseInt(each, 16));
  await put("keys", owner, await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]));
}

export const forget = (owner) => remove("keys", owner);
export const has = async (owner) => Boolean(await get("keys", owner));

async function keyOf(owner) {
  const key = await get("keys", owner);
  if (!key) throw new Error("no key");
  return key;
}

export async function seal(owner, bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await keyOf(owner), bytes) };
}

export const unseal = async (owner, { iv, data }) =>
  crypto.subtle.decrypt({ name: "AES-GCM", iv }, await keyOf(owner), data);

export const sealJson = (owner, value) => seal(owner, new TextEncoder().encode(JSON.stringify(value)));
export const unsealJson = async (owner, sealed) => JSON.parse(new TextDecoder().decode(await unseal(owner, sealed)));
