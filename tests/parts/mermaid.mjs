// Say what Mermaid itself reads in a diagram: node mermaid.mjs FOLDER_OF_NODE_MODULES < diagram
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.argv[2]}/`);
const { JSDOM } = require("jsdom");
const { window } = new JSDOM("");
// Mermaid cleans what it shows, and for that it wants a page.
Object.assign(globalThis, { window, document: window.document, Element: window.Element });
const { default: mermaid } = await import(pathToFileURL(require.resolve("mermaid")).href);

const text = readFileSync(0, "utf8");
await mermaid.parse(text);
const diagram = await mermaid.mermaidAPI.getDiagramFromText(text);
const nodes = [...diagram.db.getVertices().values()].map((node) => shown(node.text));
const edges = diagram.db.getEdges().map((edge) => [edge.start, edge.end, ...shown(edge.text)]);
console.log(JSON.stringify({ nodes, edges }));

// The lines of a label as a page shows them; Mermaid has signs of its own for entities.
function shown(label) {
  return label.split("<br>").map((line) => {
    const element = window.document.createElement("p");
    element.innerHTML = line.replaceAll("ﬂ°°", "&#").replaceAll("¶ß", ";");
    return element.textContent;
  });
}
