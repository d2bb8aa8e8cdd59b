// What a phone keeps of the field: records not sent yet, and whose phone it is at the moment.
// Read by the page and by the worker alike.

const NAME = "lamppost-field";
export const ROUND = "field-round-"; // caches of one person's round: ROUND + their key
export const SHELL = "field-shell"; // what holds nobody's data

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function open() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("outbox", { keyPath: "key" });
    request.result.createObjectStore("facts");
  };
  return done(request);
}

async function within(name, mode, work) {
  const base = await open();
  try {
    const change = base.transaction(name, mode);
    const finished = new Promise((resolve, reject) => {
      change.oncomplete = () => resolve();
      change.onerror = change.onabort = () => reject(change.error);
    });
    const result = await work(change.objectStore(name));
    await finished;
    return result;
  } finally {
    base.close();
  }
}

/** Records that wait, the oldest first. */
export async function waiting() {
  const all = await within("outbox", "readonly", (store) => done(store.getAll()));
  return all.sort((one, other) => one.savedAt - other.savedAt);
}

export function keep(item) {
  return within("outbox", "readwrite", (store) => done(store.put(item)));
}

export function drop(key) {
  return within("outbox", "readwrite", (store) => done(store.delete(key)));
}

export function fact(name) {
  return within("facts", "readonly", (store) => done(store.get(name)));
}

export function setFact(name, value) {
  return within("facts", "readwrite", (store) => done(store.put(value, name)));
}

/** Drops every round kept on this phone, or every one but `user`'s. Unsent records stay. */
export async function forgetRounds(user = null) {
  for (const name of await caches.keys()) {
    if (name.startsWith(ROUND) && name !== ROUND + user) await caches.delete(name);
  }
}
