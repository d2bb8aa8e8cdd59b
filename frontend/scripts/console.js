// The phone console: keys that work while typing, the way from the search to what it found,
// clocks that tick. Everything is a link or a button without this.

// "Alt+Shift+9" as the event says it: by the place of the key, since Alt changes its letter.
function pressed(event, combination) {
  const parts = combination.split("+");
  const key = parts.pop();
  const code = /^\d$/.test(key) ? `Digit${key}` : key;
  return (
    event.altKey === parts.includes("Alt") &&
    event.shiftKey === parts.includes("Shift") &&
    (event.ctrlKey || event.metaKey) === parts.includes("Ctrl") &&
    (event.code === code || event.code === `Numpad${key}` || event.key === key)
  );
}

function anywhere(root) {
  // The browsers' own access keys would press the buttons a second time.
  for (const button of root.querySelectorAll("[data-anywhere][accesskey]")) {
    button.removeAttribute("accesskey");
  }
  root.addEventListener("keydown", (event) => {
    for (const button of root.querySelectorAll("[data-anywhere]")) {
      if (!pressed(event, button.dataset.anywhere)) continue;
      event.preventDefault();
      button.click();
      return;
    }
  });
}

function hits(root) {
  return [...root.querySelectorAll("#console-found [data-hit]")];
}

// Down from the field to the first hit and on, up and back; Enter in the field opens the first.
function arrows(root) {
  const searched = root.querySelector("[data-leads-to]");
  if (searched?.value) searched.dataset.shown = searched.value;
  root.addEventListener("keydown", (event) => {
    const field = event.target.closest?.("[data-leads-to]");
    const hit = event.target.closest?.("[data-hit]");
    if (!field && !hit) return;
    const all = hits(root);
    if (field && event.key === "Enter" && all.length && field.dataset.shown === field.value) {
      event.preventDefault();
      all[0].click();
      return;
    }
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    const next = (hit ? all.indexOf(hit) : -1) + by;
    if (next >= all.length || (field && by < 0)) return;
    event.preventDefault();
    (all[next] ?? root.querySelector("[data-leads-to]")).focus();
  });
  // What is found belongs to the words it was asked with, not to those typed since.
  root.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "console-found") return;
    const field = root.querySelector("[data-leads-to]");
    if (field) field.dataset.shown = event.detail.requestConfig?.parameters?.q ?? field.value;
  });
}

function escape(root) {
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (event.target.matches?.("input, textarea, select")) event.target.blur();
  });
}

function clocks(root) {
  const tick = () => {
    for (const clock of root.querySelectorAll("[data-clock]")) {
      const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(clock.dataset.clock)) / 1000));
      const rest = String(seconds % 60).padStart(2, "0");
      clock.textContent = `${Math.floor(seconds / 60)}:${rest}`;
      const limit = Number(clock.dataset.clockLimit);
      if (limit) clock.classList.toggle("console__clock--over", seconds > limit);
    }
  };
  tick();
  setInterval(tick, 1000);
}

// The place typed so far goes along to the emergency page.
function places(root) {
  root.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-takes-place]")) return;
    const typed = root.querySelector("[data-place]");
    if (typed?.value) event.target.elements.place.value = typed.value;
  });
}

// A service's script begins at its first question; what is wrong with it comes before.
function first(root) {
  const form = root.querySelector("[data-intake]");
  if (!form || root.querySelector("[data-autofocus]")) return;
  const control = "input:not([type=hidden]), select, textarea";
  (form.querySelector(`#intake-live :is(${control})`) ?? form.querySelector(control))?.focus();
}

export function consolePage(root) {
  if (!root.querySelector(".console")) return;
  for (const button of root.querySelectorAll("[data-needs-no-script]")) button.hidden = true;
  first(root);
  anywhere(root);
  arrows(root);
  escape(root);
  clocks(root);
  places(root);
}
