// Bundle the lab: one script for the page, one module for the notebook's widget.
//
//   vendor/initlab-lab.js            loaded by chapters/lab.md, also from file://, so no modules
//   code/initlab/static/lab.js       what initlab.lab.Lab gives to anywidget
//   code/initlab/static/lab.css      assets/lab.css, for the same
//
// The worker is bundled first and put into both as text. Run by `make`, see the Makefile.

import { copyFileSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const from = (name) => join(root, "assets", "lab", name);
const shared = { bundle: true, minify: true, target: "es2022", legalComments: "none" };

const worker = await build({
  ...shared, entryPoints: [from("worker.js")], format: "iife", write: false });
const define = { WORKER_SOURCE: JSON.stringify(worker.outputFiles[0].text) };

const page = join(root, "vendor", "initlab-lab.js");
const folder = join(root, "code", "initlab", "static");
mkdirSync(folder, { recursive: true });
await build({ ...shared, define, entryPoints: [from("page.js")], format: "iife", outfile: page });
await build({
  ...shared, define, entryPoints: [from("widget.js")], format: "esm", outfile: join(folder, "lab.js") });
copyFileSync(join(root, "assets", "lab.css"), join(folder, "lab.css"));

const gzipped = gzipSync(readFileSync(page)).length;
console.log(`vendor/initlab-lab.js: ${statSync(page).size} bytes, ${gzipped} gzipped`);
