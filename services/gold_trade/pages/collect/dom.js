// Makes elements of texts and listeners; never of markup, so that nothing that was typed can become a part of the page.
import { say } from "./words.js";

export const $ = (id) => document.getElementById(id);

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "word") spell(element, value);
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== ""));
  return element;
}

function spell(element, word) {
  element.dataset.word = word;
  const [first, second] = say(word);
  element.replaceChildren(first);
  if (second) {
    const beneath = document.createElement("small");
    beneath.lang = "fr";
    beneath.textContent = second;
    element.append(beneath);
  }
}

export function translate(root = document) {
  for (const element of root.querySelectorAll("[data-word]")) spell(element, element.dataset.word);
}

// A QR code as one SVG path, with the four quiet modules around it that a reader needs.
export function picture(rows, label) {
  const size = rows.length + 8, NS = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(NS, "svg"), path = document.createElementNS(NS, "path");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  svg.setAttribute("class", "qr");
  svg.setAttribute("shape-rendering", "crispEdges");
  path.setAttribute("d", rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + 4} ${y + 4}h1v1h-1z` : ""))).join(""));
  svg.append(path);
  return svg;
}
