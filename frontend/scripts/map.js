// Loaded by pages with a map only. A container that cannot be drawn stays hidden: the list or the
// address field beside it does the same work.
import { createMap } from "./map/create.js";
import { showPin } from "./map/pin.js";
import { pick, pickWithoutMap } from "./map/pick.js";
import { showPoints } from "./map/points.js";

function drawable() {
  try {
    return Boolean(document.createElement("canvas").getContext("webgl2"));
  } catch {
    return false;
  }
}

/** The container says how far it is; tests and style sheets read it. */
function follow(container, map) {
  map.on("idle", () => {
    if (container.dataset.waiting !== "1") container.dataset.state = "idle";
  });
  map.on("movestart", () => {
    container.dataset.state = "loading";
  });
}

function begin(container) {
  if (container.dataset.state) return;
  const picker = container.dataset.mode === "pick" ? container.closest("[data-pick]") : null;
  if (!drawable()) {
    container.dataset.state = "none";
    if (picker) pickWithoutMap(picker);
    return;
  }
  container.dataset.state = "loading";
  const map = createMap(container);
  follow(container, map);
  map.once("load", () => {
    if (container.dataset.source) showPoints(container, map);
    if ("pin" in container.dataset) showPin(container, map);
  });
  if (picker) pick(picker, container, map);
}

function start() {
  for (const container of document.querySelectorAll("[data-map]")) begin(container);
}

if (document.readyState === "loading") {
  document.addEventListener("DOMContentLoaded", start);
} else {
  start();
}
