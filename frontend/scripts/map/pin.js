// One place, marked.
import { maplibregl } from "./create.js";

export function marker(draggable = false) {
  return new maplibregl.Marker({ color: "#a4201c", scale: 1.1, draggable });
}

export function showPin(container, map) {
  const place = [Number(container.dataset.long), Number(container.dataset.lat)];
  if (place.every(Number.isFinite)) marker().setLngLat(place).addTo(map);
}
