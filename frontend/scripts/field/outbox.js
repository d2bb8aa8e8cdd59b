// Sending what waits: each record under the key it was written with, so that one that arrived
// without our hearing of it is not a second one.
import { drop, keep, waiting } from "./store.js";

const LOCK = "lamppost-field-outbox";
const PATIENCE_MS = 60_000;
// Answers that say nothing against the record itself: it is sent again later.
const LATER = new Set([401, 408, 425, 429]);

async function ask(url, options = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    return await fetch(url, {
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      ...options,
      headers: { Accept: "application/json", ...options.headers },
      signal: stop.signal,
    });
  } finally {
    clearTimeout(timer);
  }
}

function form(item) {
  const data = new FormData();
  for (const [name, value] of Object.entries(item.fields)) data.set(name, value);
  data.set("key", item.key);
  for (const photo of item.photos) data.append("photos", photo.blob, photo.name);
  return data;
}

function isJson(answer) {
  return (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
}

/** Sends one record. Says what became of it: sent, refused (why), or later. */
async function send(item, csrf) {
  const answer = await ask(item.url, {
    method: "POST",
    body: form(item),
    headers: { "X-CSRFToken": csrf },
  });
  if (LATER.has(answer.status) || answer.status >= 500) return { state: "later" };
  if (isJson(answer)) {
    const said = await answer.json();
    if (answer.ok) return { state: "sent", told: said.told };
    return { state: "refused", why: said.refused };
  }
  // Not the field's own answer: a forged-request check that failed, a proxy. 4xx of ours that
  // are no JSON come before the view (too many fields): the record will never be taken.
  return answer.status === 400 || answer.status === 413
    ? { state: "refused", why: [`${answer.status}`] }
    : { state: "later" };
}

async function flush(session) {
  const result = { sent: [], told: [], stopped: "" };
  let who;
  try {
    const answer = await ask(session);
    if (answer.status === 401) return { ...result, stopped: "signed-out" };
    if (!answer.ok || !isJson(answer)) return { ...result, stopped: "offline" };
    who = await answer.json();
    for (const item of await waiting()) {
      if (item.user !== who.user || item.refused) continue;
      const became = await send(item, who.csrf);
      if (became.state === "later") return { ...result, user: who.user, stopped: "offline" };
      if (became.state === "refused") {
        await keep({ ...item, refused: became.why });
      } else {
        await drop(item.key);
        result.sent.push(item.key);
        result.told.push(...became.told);
      }
    }
  } catch {
    return { ...result, user: who?.user, stopped: "offline" };
  }
  return { ...result, user: who.user };
}

/**
 * Sends all that waits and is the signed-in person's. `session` is the address that says who
 * that is. One page or worker of the phone sends at a time; the others wait their turn.
 */
export function sendAll(session) {
  if (!navigator.locks) return flush(session);
  return navigator.locks.request(LOCK, () => flush(session));
}
