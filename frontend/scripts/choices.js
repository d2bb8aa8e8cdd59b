// Menus, confirmation before a change, copying a number.

function menus(root) {
  const open = () => root.querySelectorAll("details[data-menu][open]");
  root.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
  });
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

function confirmations(root) {
  root.addEventListener("submit", (event) => {
    const asked = event.submitter?.closest("[data-confirm]") ?? event.target;
    const question = asked.dataset?.confirm;
    if (question && !window.confirm(question)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  });
}

function copies(root) {
  if (!navigator.clipboard) return;
  for (const source of root.querySelectorAll("[data-copy]")) {
    if (!source.dataset.copy) continue;
    const button = root.createElement("button");
    button.type = "button";
    button.className = "usa-button usa-button--unstyled";
    button.textContent = source.dataset.copy;
    button.addEventListener("click", () => navigator.clipboard.writeText(source.textContent.trim()));
    source.after(" ", button);
  }
}

export function choices(root) {
  menus(root);
  confirmations(root);
  copies(root);
}
