// The map itself: where it looks, what it is drawn with, how keys move it.
import maplibregl from "maplibre-gl/dist/maplibre-gl-csp.js";
import { Protocol } from "pmtiles";

import { styleFor } from "./style.js";

let ready = false;

function prepare(workerUrl) {
  if (ready) return;
  maplibregl.setWorkerUrl(new URL(workerUrl, document.baseURI).href);
  maplibregl.addProtocol("pmtiles", new Protocol().tile);
  ready = true;
}

function number(text, otherwise) {
  const value = Number.parseFloat(text);
  return Number.isFinite(value) ? value : otherwise;
}

/** The box `west,south,east,north` of the container, or null. */
export function boundsOf(container) {
  const sides = (container.dataset.bounds ?? "").split(",").map(Number.parseFloat);
  return sides.length === 4 && sides.every(Number.isFinite) ? sides : null;
}

/** A little more than the city, so that its edge is not the edge of the world. */
function roomAround(bounds) {
  const [west, south, east, north] = bounds;
  const wide = (east - west) / 2 || 0.05;
  const high = (north - south) / 2 || 0.05;
  return [west - wide, south - high, east + wide, north + high];
}

export function createMap(container) {
  const data = container.dataset;
  prepare(data.worker);
  const bounds = boundsOf(container);
  const center = [number(data.long, NaN), number(data.lat, NaN)];
  const placed = center.every(Number.isFinite);
  const map = new maplibregl.Map({
    container,
    style: styleFor(data),
    ...(placed || !bounds
      ? { center: placed ? center : [0, 0], zoom: number(data.zoom, placed ? 12 : 1) }
      : { bounds, fitBoundsOptions: { padding: 16 } }),
    maxBounds: bounds ? roomAround(bounds) : undefined,
    maxZoom: 19,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    // A page that scrolls under the finger must not be caught by the map.
    cooperativeGestures: false,
    fadeDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 200,
    locale: {
      "NavigationControl.ZoomIn": data.labelZoomIn,
      "NavigationControl.ZoomOut": data.labelZoomOut,
      "Popup.Close": data.labelClose,
      "Marker.Title": data.labelHere,
      "Map.Title": data.label ?? "",
    },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  const corner = document.documentElement.dir === "rtl" ? "top-left" : "top-right";
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), corner);
  const cross = document.createElement("div");
  cross.className = "lp-map__cross";
  container.append(cross);
  return map;
}

export { maplibregl };
