// Builds everything the pages load into src/lamppost/static/dist. Run from the repository root
// after `npm ci --ignore-scripts`:  node frontend/build.mjs
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

import * as esbuild from "esbuild";
import rtlcss from "rtlcss";
import * as sass from "sass";

import { ICONS, LICENSES, NAMED_LICENSES } from "./manifest.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const modules = join(root, "node_modules");
const uswds = join(modules, "@uswds/uswds");
const dist = join(root, "src/lamppost/static/dist");
const BROWSERS = ["chrome100", "firefox100", "safari15"];

// The steps of the accent as USWDS prints them, and the property that takes their place.
const ACCENT = {
  "#0f6460": "var(--lp-primary)",
  "#0b4b3f": "var(--lp-primary-dark)",
  "#123131": "var(--lp-primary-darker)",
  "#c4eeeb": "var(--lp-primary-lighter)",
  "#e0f7f6": "var(--lp-primary-lightest)",
};

function write(name, text) {
  const path = join(dist, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function copy(from, name) {
  const path = join(dist, name);
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(from, path);
}

/** Copies a script without the line that names a source map we do not ship. */
function copyScript(from, name) {
  write(name, readFileSync(from, "utf8").replace(/^\/\/# sourceMappingURL=.*$/m, ""));
}

/**
 * USWDS colors become properties; the definitions of those properties keep their values. The
 * typeface USWDS asks a name for is only the property --lp-font.
 */
function followCity(css) {
  const pattern = new RegExp(`(--lp-[a-z-]+:\\s*)?(${Object.keys(ACCENT).join("|")})\\b`, "gi");
  const named = css.replaceAll(/"?Lamppost"?,\s*(?=var\(--lp-font\))/g, "");
  return named.replace(pattern, (all, definition, hex) =>
    definition ? all : ACCENT[hex.toLowerCase()],
  );
}

async function styles(entry) {
  const compiled = sass.compile(join(here, `styles/${entry}.scss`), {
    loadPaths: [join(here, "styles"), join(uswds, "packages")],
    quietDeps: true,
    charset: false,
  }).css;
  for (const [name, css] of [
    [`${entry}.css`, followCity(compiled)],
    [`${entry}.rtl.css`, rtlcss.process(followCity(compiled))],
  ]) {
    const small = await esbuild.transform(css, { loader: "css", minify: true, target: BROWSERS });
    write(name, small.code);
  }
}

async function scripts() {
  await esbuild.build({
    entryPoints: {
      lamppost: join(here, "scripts/lamppost.js"),
      map: join(here, "scripts/map.js"),
      field: join(here, "scripts/field/page.js"),
      "push-worker": join(here, "scripts/push-worker.js"),
      "field-worker": join(here, "scripts/field/worker.js"),
    },
    outdir: dist,
    bundle: true,
    minify: true,
    format: "iife",
    target: BROWSERS,
    legalComments: "none",
    logLevel: "warning",
  });
  copyScript(join(modules, "htmx.org/dist/htmx.min.js"), "htmx.min.js");
  // A separate worker file keeps `blob:` out of the content security policy.
  copyScript(join(modules, "maplibre-gl/dist/maplibre-gl-csp-worker.js"), "map-worker.js");
  const css = readFileSync(join(modules, "maplibre-gl/dist/maplibre-gl.css"), "utf8");
  const small = await esbuild.transform(css, { loader: "css", minify: true, target: BROWSERS });
  write("maplibre-gl.css", small.code);
}

function icons() {
  const sources = ICONS.map((name) => [name, join(uswds, `dist/img/usa-icons/${name}.svg`)]);
  sources.push(["lamppost", join(here, "images/lamppost.svg")]);
  const symbols = sources.map(([name, file]) => {
    const svg = readFileSync(file, "utf8");
    const inner = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
    return `<symbol id="${name}" viewBox="0 0 24 24">${inner.trim()}</symbol>`;
  });
  write("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

/** Copies the images a style sheet names, and nothing else. */
function images() {
  const names = new Set();
  for (const sheet of readdirSync(dist).filter((name) => name.endsWith(".css"))) {
    const css = readFileSync(join(dist, sheet), "utf8");
    for (const [, name] of css.matchAll(/url\("?img\/([^")]+)"?\)/g)) {
      names.add(name);
    }
  }
  for (const name of names) copy(join(uswds, "dist/img", name), `img/${name}`);
}

/** Refuses a style sheet that names a file we do not ship: its pages would answer 404. */
function whole() {
  for (const sheet of readdirSync(dist).filter((name) => name.endsWith(".css"))) {
    for (const [, name] of readFileSync(join(dist, sheet), "utf8").matchAll(/url\(([^)]+)\)/g)) {
      const path = name.replace(/^"|"$/g, "");
      if (!path.startsWith("data:") && !existsSync(join(dist, path))) {
        throw new Error(`${sheet} names ${path}, which is not in ${dist}`);
      }
    }
  }
}

function licenses() {
  const parts = LICENSES.map(([name, file]) => [
    name,
    readFileSync(join(modules, name, file), "utf8").trim(),
  ]);
  for (const name of NAMED_LICENSES) {
    const { license, author, homepage } = JSON.parse(
      readFileSync(join(modules, name, "package.json"), "utf8"),
    );
    const holder = typeof author === "object" ? author.name : author;
    parts.push([name, [license, holder, homepage].filter(Boolean).join("\n")]);
  }
  const rule = "=".repeat(72);
  write(
    "LICENSES.txt",
    parts.map(([name, text]) => `${rule}\n${name}\n${rule}\n\n${text}\n`).join("\n"),
  );
}

function report() {
  for (const name of readdirSync(dist).sort()) {
    if (!/\.(css|js|svg)$/.test(name)) continue;
    const body = readFileSync(join(dist, name));
    const kilobytes = (size) => `${(size / 1000).toFixed(1)} kB`.padStart(10);
    console.log(
      name.padEnd(20),
      kilobytes(body.length),
      `gzip ${kilobytes(gzipSync(body).length)}`,
      `brotli ${kilobytes(brotliCompressSync(body).length)}`,
    );
  }
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
await styles("lamppost");
await styles("desk");
await scripts();
for (const weight of ["Regular", "Bold"]) {
  const file = `PublicSans-${weight}.woff2`;
  copy(join(uswds, "dist/fonts/public-sans", file), `fonts/${file}`);
}
icons();
copy(join(here, "images/favicon.svg"), "favicon.svg");
images();
whole();
licenses();
report();
