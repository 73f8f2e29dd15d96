"use strict";
// Draws what the server tells by server-sent events. Text is set as text: nothing of a topic becomes markup.
const KEPT = 150, WIDTH = 200, HEIGHT = 32;
const series = new Map();

function keep(name, value) {
  const values = series.get(name) || [];
  values.push(value || 0);
  series.set(name, values.slice(-KEPT));
  return series.get(name);
}

function cell(row, number, text, kind) {
  const found = row.cells[number] || row.insertCell();
  if (kind) found.className = kind;
  if (found.textContent !== text) found.textContent = text;
}

function plot(row, number, values, what) {
  const found = row.cells[number] || row.insertCell();
  const space = "http://www.w3.org/2000/svg";
  let svg = found.firstElementChild;
  if (!svg) {
    svg = document.createElementNS(space, "svg");
    svg.setAttribute("class", "plot");
    svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("role", "img");
    svg.appendChild(document.createElementNS(space, "polyline"));
    found.appendChild(svg);
  }
  const most = Math.max(1, ...values);
  const points = values.map((value, at) => `${(WIDTH * at) / (KEPT - 1)},${HEIGHT - 1 - ((HEIGHT - 2) * value) / most}`);
  svg.setAttribute("aria-label", `${what}, at most ${most}`);
  svg.firstElementChild.setAttribute("points", points.join(" "));
}

function rowOf(body, name) {
  const table = document.getElementById(body);
  for (const row of table.rows) if (row.dataset.name === name) return row;
  const row = table.insertRow();
  row.dataset.name = name;
  return row;
}

function show(measured) {
  const state = document.getElementById("state");
  const at = new Date(measured.at * 1000).toLocaleTimeString();
  const well = measured.broker === "ok";
  state.textContent = well ? `Live, ${at}` : `The broker does not answer: ${measured.broker}`;
  state.className = well ? "hint" : "bad";
  for (const group of measured.groups) {
    const row = rowOf("groups", group.name);
    cell(row, 0, group.name);
    cell(row, 1, group.lag === null ? "unknown" : String(group.lag), "number");
    plot(row, 2, keep(`group ${group.name}`, group.lag), "records behind");
    const where = Object.entries(group.topics).filter(([, lag]) => lag > 0).map(([topic, lag]) => `${topic}: ${lag}`);
    cell(row, 3, where.join(", "));
  }
  for (const topic of measured.topics) {
    const row = rowOf("topics", topic.name);
    cell(row, 0, topic.name);
    cell(row, 1, topic.kind);
    cell(row, 2, topic.records === null ? "missing" : String(topic.records), "number");
    cell(row, 3, topic.rate === null ? "" : String(topic.rate), "number");
    plot(row, 4, keep(`topic ${topic.name}`, topic.rate), "records a second");
  }
}

const source = new EventSource("/events");
let last = 0;
source.onmessage = (event) => {
  const measured = JSON.parse(event.data);
  if (measured.number <= last) return;
  last = measured.number;
  show(measured);
};
let leaving = false;
addEventListener("beforeunload", () => { leaving = true; });
source.onerror = () => {
  // Closed, and not tried again by the browser: the sign-in is over.
  if (source.readyState === EventSource.CLOSED && !leaving) location.reload();
  const state = document.getElementById("state");
  state.textContent = "The console does not answer; trying again.";
  state.className = "bad";
};
