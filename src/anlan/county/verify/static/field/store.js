// The phone's drawers. What is put in here is on the disk before anybody is told that it is saved.

const NAME = "anlan-field";
export const STORES = ["meta", "keys", "pack", "outbox", "done"];
let opened;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => STORES.forEach((name) => asked.result.createObjectStore(name));
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  }).catch((error) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

async function within(mode, names, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const deed = database.transaction(names, mode, { durability: "strict" });
    let answer;
    deed.oncomplete = () => resolve(answer?.result);
    deed.onabort = deed.onerror = () => reject(deed.error ?? new Error("not kept"));
    answer = work(...names.map((name) => deed.objectStore(name)));
  });
}

export const get = (name, key) => within("readonly", [name], (store) => store.get(key));
export const all = (name) => within("readonly", [name], (store) => store.getAll());
export const put = (name, key, value) => within("readwrite", [name], (store) => store.put(value, key));
export const remove = (name, key) => within("readwrite", [name], (store) => store.delete(key));
export const clear = (name) => within("readwrite", [name], (store) => store.clear());

// Out of one drawer and into another, both or neither.
export const move = (from, to, key, value) =>
  within("readwrite", [from, to], (source, target) => {
    target.put(value, key);
    return source.delete(key);
  });

// A new name for what lies in a drawer.
export const exchange = (name, old, key, value) =>
  within("readwrite", [name], (store) => {
    store.put(value, key);
    return store.delete(old);
  });
