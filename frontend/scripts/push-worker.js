// Shows push messages and opens the page they are about. Nothing else: it serves no page.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("push", (event) => {
  const said = event.data ? event.data.json() : {};
  event.waitUntil(
    self.registration.showNotification(said.title || "311", {
      body: said.body || "",
      tag: said.tag || undefined,
      lang: said.lang || undefined,
      data: { url: said.url || "/" },
    }),
  );
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data.url, self.location.origin);
  event.waitUntil(self.clients.openWindow(url.origin === self.location.origin ? url.href : "/"));
});
