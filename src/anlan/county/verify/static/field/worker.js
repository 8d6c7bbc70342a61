// Keeps the page and its parts, so that it opens where there is no line. It keeps nobody's data.

const CACHE = `field-${VERSION}`;

async function fill() {
  const cache = await caches.open(CACHE);
  for (const [url, integrity] of Object.entries(KEPT)) await store(cache, url, await fetched(url, integrity));
  await self.skipWaiting();
}

// A part that the page has just loaded is taken from there, if it is the right one.
async function fetched(url, integrity) {
  if (!integrity) return fetch(url, { cache: "no-cache" });
  try {
    return await fetch(url, { integrity });
  } catch {
    return fetch(url, { integrity, cache: "reload" });
  }
}

// The door to the log-in is not the page.
async function store(cache, url, response) {
  if (!response.ok || response.redirected) throw new Error(url);
  await cache.put(url, response);
}

async function tidy() {
  const old = (await caches.keys()).filter((name) => name.startsWith("field-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function answer(event, url) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(url, { ignoreVary: true });
  if (!kept) return fetch(event.request);
  if (event.request.mode === "navigate") {
    event.waitUntil(fetch(event.request).then((response) => store(cache, url, response)).catch(() => {}));
  }
  return kept;
}

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (event.request.method === "GET" && origin === self.location.origin && pathname in KEPT) {
    event.respondWith(answer(event, pathname));
  }
});
