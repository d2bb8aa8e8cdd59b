// Keys for people who work through lists all day. Single letters act only outside of fields, and
// the help has a switch that turns them off for those whom they disturb (WCAG 2.1.4).

const TYPING =
  "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], " +
  "dialog[open] *";

const SWITCH = "lamppost-single-keys";

function rowsOf(root) {
  return [...root.querySelectorAll("[data-rows] [data-row]")];
}

function currentRow(root) {
  return root.querySelector('[data-row][aria-current="true"]');
}

function select(root, row) {
  currentRow(root)?.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  const target = row.querySelector("[data-open]") ?? row;
  if (target === row) row.tabIndex = -1;
  target.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function step(root, by) {
  const rows = rowsOf(root);
  if (!rows.length) return;
  const at = rows.indexOf(currentRow(root));
  select(root, rows[Math.min(Math.max(at + by, 0), rows.length - 1)]);
}

// The row last ticked or unticked: where a range begins.
let anchor = null;

function toggle(root) {
  const row = currentRow(root);
  row?.querySelector("[data-select]")?.click();
  anchor = row;
}

// All rows from the one last ticked to this one become as that one is.
function toggleRange(root) {
  const rows = rowsOf(root);
  const [from, to] = [rows.indexOf(anchor), rows.indexOf(currentRow(root))];
  if (from < 0 || to < 0) return toggle(root);
  const wanted = rows[from].querySelector("[data-select]")?.checked;
  for (const row of rows.slice(Math.min(from, to), Math.max(from, to) + 1)) {
    const box = row.querySelector("[data-select]");
    if (box && box.checked !== wanted) box.click();
  }
}

// Back from a case: the keyboard goes on where it was. (:target is set later than this runs.)
function resume(root) {
  const row = location.hash && document.getElementById(location.hash.slice(1));
  if (row && row.matches("[data-rows] [data-row]")) select(root, row);
}

function open(root) {
  currentRow(root)?.querySelector("[data-open]")?.click();
}

function help(root) {
  const dialog = root.querySelector("[data-keys]");
  if (dialog && !dialog.open) dialog.showModal();
}

function hotkey(root, key) {
  const target = root.querySelector(`[data-hotkey="${CSS.escape(key)}"]`);
  if (!target) return false;
  if (target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select")) {
    target.focus();
    target.select?.();
  } else {
    target.click();
  }
  return true;
}

const COMMANDS = {
  j: (root) => step(root, 1),
  k: (root) => step(root, -1),
  x: toggle,
  X: toggleRange,
  o: open,
  "?": help,
};

function keys(root) {
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key !== "?" && localStorage.getItem(SWITCH) === "off") return;
    if (event.target.matches?.(TYPING)) return;
    const command = root.querySelector("[data-rows], [data-keys]") && COMMANDS[event.key];
    if (command) command(root);
    else if (!hotkey(root, event.key)) return;
    event.preventDefault();
  });
  root.addEventListener("focusin", (event) => {
    const row = event.target.closest?.("[data-rows] [data-row]");
    if (!row || row === currentRow(root)) return;
    currentRow(root)?.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
  });
  root.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-keys-open]")) help(root);
  });
}

function keySwitch(root) {
  const box = root.querySelector("[data-keys-switch]");
  if (!box) return;
  box.checked = localStorage.getItem(SWITCH) !== "off";
  box.addEventListener("change", () => localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
}

function selection(root) {
  const boxes = () => [...root.querySelectorAll("[data-select]")];
  const show = () => {
    const chosen = boxes().filter((box) => box.checked).length;
    for (const place of root.querySelectorAll("[data-selected-count]")) {
      place.textContent = String(chosen);
      const bar = place.closest("[data-bulk]");
      if (bar) bar.hidden = chosen === 0;
    }
    const all = root.querySelector("[data-select-all]");
    if (all) {
      all.checked = chosen > 0 && chosen === boxes().length;
      all.indeterminate = chosen > 0 && chosen < boxes().length;
    }
  };
  root.addEventListener("change", (event) => {
    if (event.target.matches("[data-select-all]")) {
      for (const box of boxes()) box.checked = event.target.checked;
    }
    if (event.target.matches("[data-select], [data-select-all]")) show();
  });
  if (boxes().length) show();
  root.addEventListener("htmx:afterSettle", show);
}

export function desk(root) {
  if (!root.querySelector("[data-keys], [data-rows], [data-hotkey]")) return;
  keys(root);
  keySwitch(root);
  selection(root);
  resume(root);
}
