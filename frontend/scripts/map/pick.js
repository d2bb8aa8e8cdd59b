// Marking a place: by pressing the map, by key at the cross, or from the device's own location. The
// result stands in two fields of the form and is announced as the event `lamppost:picked`.
import { boundsOf } from "./create.js";
import { marker } from "./pin.js";

const CLOSE_ENOUGH = 17;

function say(picker, key) {
  const line = picker.querySelector("[data-pick-status]");
  if (line) line.textContent = line.dataset[key] ?? "";
}

function within([west, south, east, north], { lng, lat }) {
  return lng >= west && lng <= east && lat >= south && lat <= north;
}

function keep(picker, place, bounds) {
  const fields = [
    [picker.querySelector("[data-pick-lat]"), place.lat],
    [picker.querySelector("[data-pick-long]"), place.lng],
  ];
  // Six decimals are a tenth of a meter.
  for (const [field, value] of fields) field.value = value.toFixed(6);
  say(picker, bounds && !within(bounds, place) ? "outside" : "picked");
  picker.dispatchEvent(
    new CustomEvent("lamppost:picked", {
      bubbles: true,
      detail: { lat: place.lat, long: place.lng },
    }),
  );
}

function here(picker, found) {
  const button = picker.querySelector("[data-pick-here]");
  if (!button || !navigator.geolocation) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    say(picker, "searching");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => found({ lng: coords.longitude, lat: coords.latitude }),
      () => say(picker, "denied"),
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
    );
  });
}

function held(picker) {
  const value = (name) => Number.parseFloat(picker.querySelector(`[data-pick-${name}]`).value);
  const place = { lng: value("long"), lat: value("lat") };
  return Number.isFinite(place.lng) && Number.isFinite(place.lat) ? place : null;
}

export function pickWithoutMap(picker) {
  here(picker, (place) => keep(picker, place, null));
}

export function pick(picker, container, map) {
  const bounds = boundsOf(container);
  const pin = marker(true);
  const put = (place) => {
    pin.setLngLat(place).addTo(map);
    container.dataset.picked = "1";
    keep(picker, place, bounds);
  };
  const go = (place) => {
    map.jumpTo({ center: place, zoom: Math.max(map.getZoom(), CLOSE_ENOUGH) });
    put(place);
  };
  map.on("click", (event) => put(event.lngLat));
  pin.on("dragend", () => put(pin.getLngLat()));
  map.getCanvas().addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // Enter inside a form must not send it
    put(map.getCenter());
  });
  here(picker, go);
  const before = held(picker);
  if (before) {
    pin.setLngLat(before).addTo(map);
    map.jumpTo({ center: before, zoom: CLOSE_ENOUGH });
  }
  // Other scripts of the page (address search) hand over what they found.
  picker.addEventListener("lamppost:go", (event) => {
    go({ lng: event.detail.long, lat: event.detail.lat });
  });
}
