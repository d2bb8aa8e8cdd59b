// Forms: where the focus starts, filters that send themselves, one press sends once, signs left.

function focusFirst(root) {
  root.querySelector("[data-autofocus]")?.focus();
}

function autosubmit(root) {
  for (const form of root.querySelectorAll("form[data-autosubmit]")) {
    for (const button of form.querySelectorAll("[data-autosubmit-hide]")) button.hidden = true;
  }
  root.addEventListener("change", (event) => {
    const form = event.target.closest?.("form[data-autosubmit]");
    // A change while typing (text, dates) would send half of what is meant.
    if (form && event.target.matches("select, [type=checkbox], [type=radio]")) form.requestSubmit();
  });
}

function once(root) {
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("form[data-once]")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
  });
  // Back to a page kept by the browser: the form may be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of root.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
}

function signsLeft(root) {
  for (const note of root.querySelectorAll("[data-count-for]")) {
    const field = root.getElementById(note.dataset.countFor);
    const limit = Number(field?.getAttribute("maxlength"));
    if (!limit) continue;
    const show = () => {
      note.textContent = note.dataset.count.replace("{left}", String(limit - field.value.length));
    };
    field.addEventListener("input", show);
    show();
  }
}

export function forms(root) {
  focusFirst(root);
  autosubmit(root);
  once(root);
  signsLeft(root);
}
