// Points from our server: gathered into clusters, opened by click or key, in step with the list.
import { maplibregl } from "./create.js";

const COLORS = {
  received: "#3b4f6b",
  open: "#0f6460",
  waiting: "#8a5a00",
  closed: "#1b6b3a",
  overdue: "#a4201c",
};
const NEAR = 24;

const LAYERS = [
  {
    id: "points-many",
    filter: ["has", "point_count"],
    type: "circle",
    paint: {
      "circle-color": "#1b2b2b",
      "circle-radius": ["step", ["get", "point_count"], 15, 25, 19, 100, 24, 1000, 29],
      "circle-stroke-color": "#fff",
      "circle-stroke-width": 3,
    },
  },
  {
    id: "points-count",
    filter: ["has", "point_count"],
    type: "symbol",
    layout: {
      "text-field": ["get", "point_count_abbreviated"],
      "text-font": ["system-ui, sans-serif"],
      "text-size": 13,
      "text-allow-overlap": true,
    },
    paint: { "text-color": "#fff" },
  },
  {
    id: "points-one",
    filter: ["!", ["has", "point_count"]],
    type: "circle",
    paint: {
      "circle-color": [
        "match", ["get", "state"], ...Object.entries(COLORS).flat(), COLORS.open,
      ],
      "circle-radius": ["case", ["boolean", ["feature-state", "on"], false], 13, 9],
      "circle-stroke-color": "#fff",
      "circle-stroke-width": 2.5,
    },
  },
];

function popupContent(properties) {
  const box = document.createElement("div");
  const title = document.createElement(properties.url ? "a" : "strong");
  title.textContent = properties.title ?? "";
  // Only a path on our own server becomes a link.
  if (properties.url && /^\/(?!\/)/.test(properties.url)) title.href = properties.url;
  box.append(title);
  if (properties.status) {
    const status = document.createElement("div");
    status.textContent = properties.status;
    box.append(status);
  }
  return box;
}

function openPoint(map, feature) {
  return new maplibregl.Popup({ offset: 12, maxWidth: "18rem" })
    .setLngLat(feature.geometry.coordinates.slice())
    .setDOMContent(popupContent(feature.properties))
    .addTo(map);
}

async function openMany(map, feature) {
  const zoom = await map.getSource("points").getClusterExpansionZoom(feature.properties.cluster_id);
  map.easeTo({ center: feature.geometry.coordinates, zoom: zoom + 0.5 });
}

function openFeature(map, feature) {
  if (!feature) return;
  if (feature.properties.cluster) openMany(map, feature);
  else openPoint(map, feature);
}

function nearest(map, point, reach) {
  const box = [
    [point.x - reach, point.y - reach],
    [point.x + reach, point.y + reach],
  ];
  const distance = (feature) => {
    const at = map.project(feature.geometry.coordinates);
    return Math.hypot(at.x - point.x, at.y - point.y);
  };
  return map
    .queryRenderedFeatures(box, { layers: ["points-many", "points-one"] })
    .sort((a, b) => distance(a) - distance(b))[0];
}

function answerPointer(map) {
  map.on("click", (event) => openFeature(map, nearest(map, event.point, 4)));
  for (const layer of ["points-many", "points-one"]) {
    map.on("mouseenter", layer, () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", layer, () => (map.getCanvas().style.cursor = ""));
  }
}

function answerKeys(map) {
  map.getCanvas().addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    openFeature(map, nearest(map, map.project(map.getCenter()), 3 * NEAR));
  });
}

/** Pointing at a row of the list, by mouse or focus, makes its point larger. */
function answerList(map) {
  let lit = null;
  const light = (event) => {
    const row = event.target.closest?.("[data-map-item]");
    if (lit !== null) map.setFeatureState({ source: "points", id: lit }, { on: false });
    lit = row?.dataset.mapItem ?? null;
    if (lit !== null) map.setFeatureState({ source: "points", id: lit }, { on: true });
  };
  document.addEventListener("mouseover", light);
  document.addEventListener("focusin", light);
}

function address(container, map) {
  const url = new URL(container.dataset.source, document.baseURI);
  if ("follow" in container.dataset) {
    const sides = map.getBounds().toArray().flat();
    url.searchParams.set("bbox", sides.map((side) => side.toFixed(5)).join(","));
  }
  return url;
}

async function load(container, map) {
  container.dataset.waiting = "1";
  try {
    const answer = await fetch(address(container, map), {
      headers: { Accept: "application/geo+json, application/json" },
    });
    if (!answer.ok) throw new Error(`points: ${answer.status}`);
    const points = await answer.json();
    map.getSource("points").setData(points);
    container.dataset.count = String(points.features.length);
  } catch {
    container.dataset.count = "0"; // the list beside the map has them all
  }
  delete container.dataset.waiting;
  map.triggerRepaint();
}

export function showPoints(container, map) {
  map.addSource("points", {
    type: "geojson",
    data: { type: "FeatureCollection", features: [] },
    cluster: true,
    clusterRadius: 44,
    clusterMaxZoom: 16,
    promoteId: "id",
  });
  for (const layer of LAYERS) map.addLayer({ ...layer, source: "points" });
  answerPointer(map);
  answerKeys(map);
  answerList(map);
  load(container, map);
  if ("follow" in container.dataset) {
    let later;
    map.on("moveend", () => {
      clearTimeout(later);
      later = setTimeout(() => load(container, map), 250);
    });
  }
}
