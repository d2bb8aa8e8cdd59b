// The service worker of the field: the round of today without a network, and sending later.
// It answers for /field/ alone and keeps pages only for whom the server says they are.
import { ROUND, SHELL, fact, forgetRounds, setFact, waiting } from "./store.js";
import { sendAll } from "./outbox.js";

const USER_HEADER = "X-Field-User";
// A page slower than this is answered from the phone.
const PATIENCE_MS = 6000;
// A round is for its day; a phone that was left lying shows nothing.
const ROUND_HOLDS_MS = 18 * 3600 * 1000;
const scope = new URL(self.registration.scope);
const offlinePage = new URL("offline/", scope).href;
const session = new URL("session.json", scope).href;

function sameScope(url) {
  return url.origin === scope.origin && url.pathname.startsWith(scope.pathname);
}

function withinTime(promise) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("slow")), PATIENCE_MS);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** A page belongs to whom its header names; another person's round goes at once. */
async function remember(url, response) {
  const user = response.headers.get(USER_HEADER);
  if (!user) return;
  if ((await fact("user")) !== user) {
    await forgetRounds(user);
    await setFact("user", user);
  }
  if (!response.ok || response.redirected) return;
  await setFact("keptAt", Date.now());
  const kept = await caches.open(ROUND + user);
  await kept.put(url.origin + url.pathname, response);
}

async function fromPhone(url) {
  const user = await fact("user");
  const isFresh = Date.now() - ((await fact("keptAt")) ?? 0) < ROUND_HOLDS_MS;
  if (user && isFresh) {
    const kept = await caches.open(ROUND + user);
    const page = await kept.match(url.origin + url.pathname, { ignoreVary: true });
    if (page) return page;
  } else {
    await forgetRounds();
  }
  return (await caches.match(offlinePage, { cacheName: SHELL, ignoreVary: true })) ?? Response.error();
}

async function page(event) {
  const url = new URL(event.request.url);
  try {
    const response = await withinTime(fetch(event.request));
    if (response.status >= 500) throw new Error("down");
    event.waitUntil(remember(url, response.clone()));
    return response;
  } catch {
    return fromPhone(url);
  }
}

/** Files with a digest in their name never change: the phone's copy is the file. */
async function file(request) {
  const shell = await caches.open(SHELL);
  const kept = await shell.match(request, { ignoreVary: true });
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok && response.type === "basic") await shell.put(request, response.clone());
  return response;
}

async function photo(request) {
  const user = await fact("user");
  const kept = user ? await (await caches.open(ROUND + user)).match(request.url, { ignoreVary: true }) : null;
  return kept ?? fetch(request);
}

/** Keeps what a round needs, and lets go of what it no longer does. */
async function keepRound({ user, pages, files }) {
  if ((await fact("user")) !== user) await forgetRounds(user);
  await setFact("user", user);
  // From the first page on: the network may be gone before the last one is here.
  await setFact("keptAt", Date.now());
  const shell = await caches.open(SHELL);
  await Promise.all(
    files.map(async (address) => {
      if (!(await shell.match(address))) await shell.add(address);
    }),
  ).catch(() => {});
  const kept = await caches.open(ROUND + user);
  const wanted = new Set([...pages, scope.href]);
  for (const request of await kept.keys()) {
    if (!wanted.has(request.url)) await kept.delete(request);
  }
  for (const address of pages) {
    try {
      const response = await fetch(address, { credentials: "same-origin", redirect: "error" });
      const isTheirs = (response.headers.get(USER_HEADER) ?? user) === user;
      // Signed out or somebody else meanwhile: nothing more is kept.
      if (!isTheirs || (await fact("user")) !== user) return;
      if (response.ok) await kept.put(address, response);
    } catch {
      return;
    }
  }
}

async function tellPages(message) {
  for (const client of await self.clients.matchAll()) client.postMessage(message);
}

async function sync() {
  const result = await sendAll(session);
  await tellPages({ type: "sent", result });
  const left = (await waiting()).filter((item) => item.user === result.user && !item.refused);
  // Rejecting asks the browser to try again later.
  if (result.stopped === "offline" && left.length) throw new Error("not sent yet");
}

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(SHELL)
      .then((shell) => shell.add(offlinePage))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== scope.origin) return;
  if (request.mode === "navigate" && sameScope(url)) event.respondWith(page(event));
  else if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
  else if (url.pathname.startsWith("/photos/")) event.respondWith(photo(request));
});

self.addEventListener("message", (event) => {
  if (event.data?.type === "keep") event.waitUntil(keepRound(event.data));
});

self.addEventListener("sync", (event) => {
  if (event.tag === "field-outbox") event.waitUntil(sync());
});
