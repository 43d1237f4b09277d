// The service worker of the station: keeps its one page and what that loads, by the stamp of this version.
// It never keeps what the station asks the server for, and no other page.

const CACHE = `station-${STAMP}`;
const PAGE = "/stations/";

self.addEventListener("install", (event) => {
  // With the cookies of whoever is signed in: the page shows the actions of their role.
  event.waitUntil(
    caches.open(CACHE)
      .then((cache) => Promise.all([cache.addAll(FIRST), refresh().then((mine) => { if (!mine) throw new Error("signed out"); })]))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("station-") && name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("message", (event) => {
  // The camera's reader is large: it comes when the page has long been usable.
  if (event.data === "later") event.waitUntil(caches.open(CACHE).then((cache) => Promise.all(LATER.map((url) => keep(cache, url)))));
});

async function keep(cache, url) {
  if (await cache.match(url)) return;
  const answer = await fetch(url);
  if (answer.ok) await cache.put(url, answer);
}

async function refresh() {
  const answer = await fetch(PAGE, { cache: "no-cache" });
  // Signed out, it leads to another page: that is not the station.
  const mine = answer.ok && !answer.redirected && whole(await answer.clone().text());
  if (mine) await (await caches.open(CACHE)).put(PAGE, answer);
  return mine;
}

// A newer page needs newer scripts, which the worker of that version brings.
function whole(page) {
  return page.match(/\/static\/[^"]+\.(js|css)[^"]*/g).every((url) => [...FIRST, ...LATER].includes(url));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === PAGE) event.respondWith(page(event));
  else if (url.pathname.startsWith("/static/")) event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
});

// What is kept is shown at once, as a weak network is worse than none; the newest is fetched behind it.
async function page(event) {
  const kept = await caches.match(PAGE);
  event.waitUntil(refresh().catch(() => {}));
  return kept ?? fetch(event.request);
}
