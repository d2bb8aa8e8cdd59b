// How the ground looks: our own street tiles, else streets as GeoJSON, else only the outlines of
// areas on blank ground. Every address in it is one our own server gave in the page.

const FONT = ["system-ui, sans-serif"];

function absolute(address) {
  return new URL(address, document.baseURI).href;
}

function byClass(major, minor) {
  return ["match", ["get", "class"], "major", major, minor];
}

// Main streets carry the map of the whole city; side streets come up as one goes nearer.
function streetLayers(source) {
  const width = (...stops) => [
    "interpolate", ["exponential", 1.6], ["zoom"],
    ...stops.flatMap(([zoom, major, minor]) => [zoom, byClass(major, minor)]),
  ];
  const street = {
    ...source,
    type: "line",
    layout: { "line-cap": "round", "line-join": "round", "line-sort-key": byClass(1, 0) },
  };
  return [
    {
      id: "streets-edge",
      ...street,
      paint: {
        "line-color": byClass("#aab8b1", "#c3cdc8"),
        "line-width": width([9, 1, 0], [12, 3.2, 1.1], [14, 5.5, 3.2], [18, 30, 21]),
      },
    },
    {
      id: "streets",
      ...street,
      paint: {
        "line-color": "#fff",
        "line-width": width([9, 0.4, 0.2], [12, 2, 0.5], [14, 4, 2.2], [18, 26, 18]),
      },
    },
    {
      id: "street-names",
      ...source,
      type: "symbol",
      minzoom: 13,
      layout: {
        "symbol-placement": "line",
        "text-field": ["coalesce", ["get", "name"], ""],
        "text-font": FONT,
        "text-size": ["interpolate", ["linear"], ["zoom"], 13, 10, 18, 14],
      },
      paint: { "text-color": "#41504f", "text-halo-color": "#fff", "text-halo-width": 1.5 },
    },
  ];
}

// Solid, because neighbors draw their common border twice and dashes would not meet. Of many
// divisions only the first is drawn (rank 1): all of them together say nothing.
function areaLayers(source) {
  const limits = ["==", ["coalesce", ["get", "rank"], 1], 0];
  return [
    {
      id: "areas",
      ...source,
      type: "line",
      filter: ["<=", ["coalesce", ["get", "rank"], 1], 1],
      layout: { "line-join": "round" },
      paint: {
        "line-color": ["case", limits, "#5d7a74", "#8a9b97"],
        "line-width": ["case", limits, 2, 1],
      },
    },
  ];
}

function tiles(address, drawAreas) {
  const from = (layer) => ({ source: "ground", "source-layer": layer });
  const fill = (layer, color) => ({
    id: layer,
    ...from(layer),
    type: "fill",
    paint: { "fill-color": color },
  });
  return {
    sources: { ground: { type: "vector", url: `pmtiles://${absolute(address)}` } },
    layers: [
      fill("parks", "#d9e9d6"),
      fill("water", "#c3dbe6"),
      ...streetLayers(from("streets")),
      ...(drawAreas ? areaLayers(from("areas")) : []),
    ],
  };
}

function lines(name, address, layers) {
  return {
    sources: { [name]: { type: "geojson", data: absolute(address) } },
    layers: layers({ source: name }),
  };
}

export function styleFor(data) {
  const parts = [];
  if (data.basemap) parts.push(tiles(data.basemap, !data.areas));
  if (!data.basemap && data.streets) parts.push(lines("street-lines", data.streets, streetLayers));
  if (data.areas) {
    const drawn = lines("area-lines", data.areas, areaLayers);
    drawn.layers[0].id = "area-outlines";
    parts.push(drawn);
  }
  return {
    version: 8,
    sources: Object.assign({}, ...parts.map((part) => part.sources)),
    layers: [
      { id: "blank", type: "background", paint: { "background-color": "#e9eeeb" } },
      ...parts.flatMap((part) => part.layers),
    ],
  };
}
