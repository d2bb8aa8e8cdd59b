// The pages of the field: a form that is kept on the phone first and then sent, what waits, the
// round for later. Without this script, and where a browser keeps nothing, the forms are plain.
import { sendAll } from "./outbox.js";
import { drop, fact, keep, setFact, waiting } from "./store.js";

const RETRY_MS = 20_000;
const body = document.body;
const { session, scope, user } = body.dataset;
const box = document.querySelector("[data-outbox]");

function part(name) {
  return box.querySelector(`[data-outbox-${name}]`);
}

function showItem(item) {
  const row = document.querySelector("[data-outbox-item]").content.cloneNode(true);
  row.querySelector("[data-item-title]").textContent = item.title;
  row.querySelector("[data-item-why]").textContent = item.refused.join(" ");
  row.querySelector("[data-item-again]").addEventListener("click", async () => {
    const { refused, ...again } = item;
    await keep(again);
    send();
  });
  const dropper = row.querySelector("[data-item-drop]");
  dropper.addEventListener("click", async () => {
    if (!window.confirm(dropper.dataset.confirmText)) return;
    await drop(item.key);
    show();
  });
  return row;
}

function markStops(items) {
  const urls = new Set(items.map((item) => new URL(item.url).pathname));
  for (const stop of document.querySelectorAll("[data-stop]")) {
    const mark = stop.querySelector("[data-waits]");
    if (mark) mark.hidden = !urls.has(stop.dataset.stop);
  }
}

/** Shows what waits on this phone; `result` is what the last sending came to. */
async function show(result = {}) {
  const all = await waiting();
  const me = user ?? (await fact("user"));
  const mine = all.filter((item) => item.user === me);
  const left = mine.filter((item) => !item.refused);
  const refused = mine.filter((item) => item.refused);
  const others = all.length - mine.length;
  markStops(left);
  const lines = [];
  if (left.length) lines.push(`${box.dataset.said} ${left.length}`);
  else if (result.sent?.length) lines.push(box.dataset.gone);
  const isOut = result.stopped === "signed-out" && left.length > 0;
  if (isOut) lines.push(box.dataset.signedOut);
  if (others) lines.push(`${box.dataset.others} ${others}`);
  part("text").textContent = lines.join(" ");
  if (result.told?.length) {
    part("told").replaceChildren(
      ...result.told.map((text) => Object.assign(document.createElement("li"), { textContent: text })),
    );
  }
  part("refused").replaceChildren(...refused.map(showItem));
  part("send").hidden = !left.length || isOut;
  part("sign-in").hidden = !isOut;
  box.dataset.state = left.length || refused.length || others ? "waiting" : "sent";
  box.dataset.count = String(left.length);
  box.hidden = !lines.length && !refused.length && !part("told").children.length;
}

async function send() {
  const result = await sendAll(session);
  if (result.told.length || result.sent.length) await setFact("lately", null);
  await show(result);
  return result;
}

async function later() {
  const registration = await navigator.serviceWorker?.ready;
  try {
    await registration?.sync?.register("field-outbox");
  } catch {
    // Not there or not allowed: the next open page sends.
  }
}

function photosReady(form) {
  const box = form.querySelector("[data-photos]");
  return new Promise((resolve) => {
    const look = () => (box?.dataset.state === "working" ? setTimeout(look, 100) : resolve());
    look();
  });
}

async function written(form) {
  await photosReady(form);
  const data = new FormData(form);
  const photos = data
    .getAll("photos")
    .filter((file) => file.size)
    .map((file) => ({ blob: file, name: file.name }));
  for (const name of ["photos", "csrfmiddlewaretoken", "key"]) data.delete(name);
  data.set("device_at", new Date().toISOString());
  return {
    key: crypto.randomUUID(),
    user,
    url: new URL(form.action).href,
    title: form.dataset.title,
    fields: Object.fromEntries(data),
    photos,
    savedAt: Date.now(),
  };
}

function refuse(form, why) {
  const panel = document.querySelector("[data-form-errors]");
  panel.querySelector("[data-form-errors-list]").replaceChildren(
    ...why.map((text) => Object.assign(document.createElement("li"), { textContent: text })),
  );
  panel.hidden = false;
  panel.focus();
}

async function save(form, item) {
  const result = await sendAll(session);
  const kept = (await waiting()).find((one) => one.key === item.key);
  if (kept?.refused) {
    // Whoever wrote it is still at the form, with everything typed in it.
    await drop(item.key);
    refuse(form, kept.refused);
    return;
  }
  if (kept) await later();
  if (result.told.length) await setFact("lately", { told: result.told, sent: result.sent });
  else await setFact("lately", { told: [], sent: result.sent });
  window.location.assign(scope);
}

function takeForm(form) {
  let busy = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    let item;
    try {
      item = await written(form);
      await keep(item);
    } catch {
      form.submit(); // the browser keeps nothing here: the plain way
      return;
    }
    await save(form, item);
    busy = false;
    delete form.dataset.sent;
  });
}

function position(form) {
  const line = form.querySelector("[data-position]");
  if (!line || !navigator.geolocation) return;
  line.hidden = false;
  line.querySelector("[data-position-add]").addEventListener("click", () => {
    const say = (text) => {
      line.querySelector("[data-position-text]").textContent = text;
    };
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.lat.value = coords.latitude;
        form.elements.long.value = coords.longitude;
        form.elements.accuracy.value = coords.accuracy;
        say(line.dataset.found);
      },
      () => say(line.dataset.failed),
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 },
    );
  });
}

function fromHere() {
  const form = document.querySelector("[data-from-here]");
  if (!form || !navigator.geolocation) return;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    if (form.elements.lat.value) return;
    event.preventDefault();
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      form.elements.lat.value = coords.latitude;
      form.elements.long.value = coords.longitude;
      form.submit();
    });
  });
}

/** What the phone needs of today when there is no network: these pages and their files. */
function needed() {
  const links = [...document.querySelectorAll("a[data-keep]")].map((link) => link.href);
  const images = [...document.querySelectorAll("img[data-keep]")].map((image) => image.src);
  const files = [
    ...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]"),
  ].map((element) => element.href ?? element.src);
  const icons = document.querySelector("svg use")?.getAttribute("href")?.split("#")[0];
  if (icons) files.push(new URL(icons, window.location.href).href);
  return { pages: [window.location.origin + scope, ...links, ...images], files };
}

async function worker() {
  if (!navigator.serviceWorker) return;
  const registration = await navigator.serviceWorker.register(body.dataset.worker, {
    scope,
    updateViaCache: "none",
  });
  navigator.serviceWorker.addEventListener("message", (event) => {
    if (event.data?.type === "sent") show(event.data.result);
  });
  await navigator.serviceWorker.ready;
  if (user && navigator.onLine && document.querySelector("[data-round]")) {
    registration.active?.postMessage({ type: "keep", user, ...needed() });
  }
}

async function start() {
  for (const form of document.querySelectorAll("[data-field-form]")) {
    takeForm(form);
    position(form);
  }
  fromHere();
  part("send").addEventListener("click", send);
  worker().catch(() => {});
  const lately = await fact("lately");
  await show(lately ?? {});
  if (lately) await setFact("lately", null);
  const again = async () => {
    if ((await waiting()).some((item) => !item.refused)) await send();
  };
  window.addEventListener("online", again);
  document.addEventListener("visibilitychange", () => document.hidden || again());
  setInterval(() => document.hidden || again(), RETRY_MS);
  await again();
}

if (window.indexedDB && box) start().catch(() => {});
