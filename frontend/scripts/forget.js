// Signing in or out: what this phone keeps of somebody's round (see field/) goes first. Records
// that were not sent stay; they are shown to nobody but who wrote them.
import { forgetRounds, setFact } from "./field/store.js";

export function forget(root) {
  if (!window.caches || !window.indexedDB) return;
  for (const form of root.querySelectorAll("form[data-forget]")) {
    form.addEventListener("submit", async (event) => {
      if (event.defaultPrevented || form.dataset.forgotten) return;
      event.preventDefault();
      form.dataset.forgotten = "1";
      try {
        await forgetRounds();
        await setFact("user", null);
      } catch {
        // A browser that keeps nothing has nothing to forget.
      }
      form.submit();
    });
  }
  window.addEventListener("pageshow", () => {
    for (const form of root.querySelectorAll("form[data-forgotten]")) delete form.dataset.forgotten;
  });
}
