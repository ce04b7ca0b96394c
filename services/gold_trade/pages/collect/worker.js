// Keeps the page itself for the time without network. The server puts before this text which files there are and their version.
/* global VERSION, FILES */
const NAME = `sanu-collect-${VERSION}`;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME)
    .then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" }))))      // all of them or none
    .then(() => self.skipWaiting()));       // the page loads every module at its start, so an open one keeps what it has
});

self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((name) => name.startsWith("sanu-collect-") && name !== NAME).map((name) => caches.delete(name))))
    .then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== self.location.origin || !FILES.includes(pathname)) return;
  event.respondWith(caches.open(NAME)
    .then((cache) => cache.match(pathname, { ignoreVary: true }))
    .then((kept) => kept ?? fetch(event.request)));
});
