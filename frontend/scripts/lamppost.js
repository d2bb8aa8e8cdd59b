// What every page gets. Each part looks for its attribute and does nothing without it.
import { choices } from "./choices.js";
import { consolePage } from "./console.js";
import { desk } from "./desk.js";
import { forget } from "./forget.js";
import { forms } from "./forms.js";
import { photos } from "./photos.js";
import { push } from "./push.js";
import { suggest } from "./suggest.js";

function start() {
  choices(document);
  forms(document);
  forget(document);
  photos(document);
  push(document);
  suggest(document);
  desk(document);
  consolePage(document);
}

if (document.readyState === "loading") {
  document.addEventListener("DOMContentLoaded", start);
} else {
  start();
}
