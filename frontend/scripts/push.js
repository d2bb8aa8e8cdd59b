// A form[data-push] asks the browser for push messages: shown only where it can have them. The
// worker has a scope of its own, so that it stands between nobody and a page.
export function push(root) {
  const form = root.querySelector("form[data-push]");
  if (!form || !navigator.serviceWorker || !window.PushManager || !window.isSecureContext) return;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.dataset.ready) return;
    event.preventDefault();
    const trouble = form.querySelector("[data-push-trouble]");
    try {
      if ((await Notification.requestPermission()) !== "granted") throw new Error("denied");
      const worker = await navigator.serviceWorker.register(form.dataset.worker);
      await active(worker);
      const subscription = await worker.pushManager.subscribe({
        userVisibleOnly: true,
        applicationServerKey: form.dataset.push,
      });
      const said = subscription.toJSON();
      form.elements.endpoint.value = said.endpoint;
      form.elements.public_key.value = said.keys.p256dh;
      form.elements.auth.value = said.keys.auth;
      form.dataset.ready = "1";
      form.submit();
    } catch {
      trouble.hidden = false;
    }
  });
}

/** Waits until a registration of a scope no page is in has its worker. */
function active(registration) {
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  if (worker.state === "activated") return Promise.resolve();
  return new Promise((done) => {
    worker.addEventListener("statechange", () => {
      if (worker.state === "activated") done();
    });
  });
}
