// SPDX-License-Identifier: Apache-2.0
// The script of a run's page: tables that sort and filter, and the plot of all trials with axes that the reader
// chooses. It reads the data that page_trials.hpp wrote, keeps the reader's choices over a reload, and uses nothing
// from outside the page. Texts of the data only become text nodes. tests/report/browser.cpp runs it.
#pragma once
#include <string_view>

namespace tinysparse::report {

/// Choices of the reader, and tables that sort and filter.
inline constexpr std::string_view page_script_tables = R"js(
const byId = id => document.getElementById(id);
const make = (name, words = '') => Object.assign(document.createElement(name), {textContent: words});

// The reader's choices; a page without storage forgets them.
const storage = 'tinysparse ' + location.pathname;
const kept = () => { try { return JSON.parse(sessionStorage.getItem(storage)) || {}; } catch { return {}; } };
const state = Object.assign({x: null, y: 'error', xLog: true, yLog: true, beyond: true, chosen: null, words: '',
                             onlyFront: false, sorted: {}, scroll: 0}, kept());
const keep = () => { try { sessionStorage.setItem(storage, JSON.stringify(state)); } catch { /* forgotten */ } };

const capital = words => words.charAt(0).toUpperCase() + words.slice(1);
const groups = number => String(number).replace(/\B(?=(\d{3})+$)/g, ' ');

// Sorting. What is no number, such as "-", stands last in a column of numbers.
const numberOf = words => parseFloat(words.replace(/[\s~]/g, ''));
const unknown = words => words === '-' || words === 'none' || words === '';
function sortTable(table, column, direction) {
  const rows = [...table.tBodies[0].rows].map(row => ({row, words: row.cells[column].textContent}));
  const numeric = rows.every(({words}) => unknown(words) || !isNaN(numberOf(words)));
  rows.sort((a, b) => {
    if (unknown(a.words) || unknown(b.words)) return unknown(a.words) - unknown(b.words);
    return direction * (numeric ? numberOf(a.words) - numberOf(b.words) : a.words.localeCompare(b.words));
  });
  table.tBodies[0].append(...rows.map(({row}) => row));
  [...table.tHead.rows[0].cells].forEach((cell, i) => i === column
    ? cell.setAttribute('aria-sort', direction > 0 ? 'ascending' : 'descending') : cell.removeAttribute('aria-sort'));
}
function makeSortable(table) {
  [...table.tHead.rows[0].cells].forEach((cell, column) => {
    const button = make('button', cell.textContent);
    button.type = 'button';
    button.addEventListener('click', () => {
      const direction = cell.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
      sortTable(table, column, direction);
      state.sorted[table.id] = [column, direction];
      keep();
    });
    cell.replaceChildren(button);
  });
  const [column, direction] = state.sorted[table.id] || [];
  if (column < table.tHead.rows[0].cells.length) sortTable(table, column, direction);
}

// The filter of the table of trials: rows that hold every word.
function filterTrials() {
  const rows = [...byId('trials').tBodies[0].rows];
  const words = state.words.toLowerCase().split(/\s+/).filter(word => word);
  let shown = 0;
  for (const row of rows) {
    const text = [...row.cells].map(cell => cell.textContent).join(' ').toLowerCase();
    row.hidden = (state.onlyFront && !row.classList.contains('front')) || !words.every(word => text.includes(word));
    shown += !row.hidden;
  }
  byId('shown').textContent = `${groups(shown)} of ${groups(rows.length)} trials`;
}
function startTables() {
  for (const id of ['front', 'trials']) if (byId(id)) makeSortable(byId(id));
  if (!byId('filter')) return;
  byId('filter').hidden = false;
  byId('words').value = state.words;
  byId('only-front').checked = state.onlyFront;
  byId('filter').addEventListener('submit', event => event.preventDefault());
  byId('filter').addEventListener('input', () => {
    Object.assign(state, {words: byId('words').value, onlyFront: byId('only-front').checked});
    filterTrials();
    keep();
  });
  filterTrials();
}
// Shows the row of a trial, which a filter may hide.
function showRow(id) {
  if (byId('t' + id) && byId('t' + id).hidden) {
    Object.assign(state, {words: '', onlyFront: false});
    byId('words').value = '';
    byId('only-front').checked = false;
    filterTrials();
    keep();
  }
}
)js";

/// The plot: scales, marks, details of a trial.
inline constexpr std::string_view page_script_plot = R"js(
const svg = (name, attributes, ...children) => {
  const node = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};
const data = JSON.parse(byId('data').textContent);
const first = 8;  // the first value of an axis in a trial's row

// What can be an axis: its title, and the value of a trial or a published network.
const measures = new Map(data.axes.map((axis, i) => [axis.key, {
  ...axis, limit: axis.limit === null ? null : axis.limit * (axis.unit === '%' ? 100 : 1),
  of: row => row[first + i] === null ? null : row[first + i] * (axis.unit === '%' ? 100 : 1),
  published: network => axis.key === 'error' ? 100 * network.error : network.values[axis.key] ?? null}]));
if (!data.numbers) {
  const error = measures.get('error');
  const less = value => value === null ? null : 100 - value;
  measures.set('score', {key: 'score', title: capital(data.score), axis: capital(data.score) + ', %', unit: '%',
    limit: null, objective: true, upwards: true, meaning: `${data.score} on ${data.judges}`,
    of: row => less(error.of(row)), published: network => less(error.published(network))});
}
const inWords = (measure, value) => {
  if (value === null) return '-';
  const number = value >= 1000 ? groups(Math.round(value)) : measure.unit === '%' ? value.toFixed(2)
    : String(+value.toPrecision(4));
  return number + (measure.unit ? ' ' + measure.unit : '');
};

// The scale of scale.hpp: 0 to 1, with 0 below a break if the rest is logarithmic.
function scaleOf(values, logarithmic) {
  let covered = logarithmic ? values.filter(value => value > 0) : values;
  const log = logarithmic && covered.length > 0, broken = log && covered.length < values.length;
  if (!covered.length) covered = [0, 1];
  const inner = log ? value => Math.log10(Math.max(value, 1e-12)) : value => value;
  const outer = log ? value => 10 ** value : value => value;
  const least = covered.reduce((a, b) => Math.min(a, b)), most = covered.reduce((a, b) => Math.max(a, b));
  let low = inner(least), high = inner(most);
  const margin = high > low ? 0.04 * (high - low) : log ? 0.2 : 0.5;
  low -= margin;
  high += margin;
  if (!log && least >= 0) low = Math.max(low, 0);
  const begin = broken ? 0.14 : 0;
  const place = value => broken && value <= 0 ? 0.04 : begin + (1 - begin) * (inner(value) - low) / (high - low);
  const ticks = (most) => {
    const found = [];
    const add = tick => { if (inner(tick) >= low && inner(tick) <= high) found.push(tick); };
    if (log && high - low > 0.7) {
      const steps = 3 * (high - low) <= most ? [1, 2, 5] : 2 * (high - low) <= most ? [1, 3] : [1];
      for (let decade = Math.floor(low); decade <= high; ++decade) steps.forEach(step => add(step * 10 ** decade));
    } else {
      const rough = (outer(high) - outer(low)) / most, power = 10 ** Math.floor(Math.log10(rough));
      const step = power * [1, 2, 5, 10].find(factor => factor * 1.5 >= rough / power || factor === 10);
      const start = Math.ceil(outer(low) / step);
      for (let k = 0; k < 40 && (start + k) * step <= outer(high); ++k) add((start + k) * step);
    }
    return broken ? [0, ...found] : found;
  };
  return {place, ticks, broken};
}
const tickText = tick => {
  const round = value => String(Math.round(value * 1e6) / 1e6);
  return tick >= 1e6 ? round(tick / 1e6) + 'M' : tick >= 1e4 ? round(tick / 1e3) + 'k' : round(tick);
};

// Marks by origin, for a middle at 0, 0; the front has a diamond.
const marks = ['M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z', 'M-3-3h6v6h-6z', 'M0-4.5L4 3h-8z', 'M0 4.5L4-3h-8z',
               'M-4-4L4 4M4-4L-4 4', 'M-4.5 0h9M0-4.5v9'];
const diamond = 'M0-7L7 0L0 7L-7 0z', ring = 'M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0z';
const beyond = row => row[1] >= data.within;

// The points of the plot: a trial's row or a published network, with its place and its mark.
function pointsOf(x, y) {
  const found = [];
  for (const row of data.trials) {
    const at = [x.of(row), y.of(row)];
    if (at.includes(null) || (beyond(row) && !state.beyond)) continue;
    const front = row[1] === 0;
    found.push({row, id: row[0], at, front, path: front ? diamond : marks[row[2]],
      style: `trial o${row[2]}${front ? ' front' : ''}${beyond(row) ? ' beyond' : ''}`});
  }
  for (const network of data.published) {
    const at = [x.published(network), y.published(network)];
    if (!at.includes(null)) found.push({network, id: network.name, at, path: ring, style: 'published'});
  }
  const order = point => point.network ? 3 : point.front ? 2 : beyond(point.row) ? 0 : 1;  // the last is on top
  return found.sort((a, b) => order(a) - order(b));
}

// Members of the front that no other one beats along both axes, from left to right.
function frontLine(points, x, y) {
  const sign = [x.upwards ? -1 : 1, y.upwards ? -1 : 1];
  const by = point => point.at.map((value, i) => sign[i] * value);
  const sorted = points.filter(point => point.front).sort((a, b) => by(a)[0] - by(b)[0] || by(a)[1] - by(b)[1]);
  return sorted.filter((point, i) => sorted.slice(0, i).every(other => by(other)[1] > by(point)[1]));
}
)js";

/// What is drawn and said: axes, limits, legend, details; and the reader's mouse, finger and keys.
inline constexpr std::string_view page_script_reader = R"js(
// The axes of a frame [left, right, bottom, top], as scale.hpp has them.
function drawAxes(x, y, frame, name) {
  const [left, right, bottom, top] = frame, [across, up] = name, parts = [];
  const px = value => left + (right - left) * x.place(value), py = value => bottom + (top - bottom) * y.place(value);
  for (const tick of x.ticks(Math.floor((right - left) / 62)))
    parts.push(svg('path', {class: 'grid', d: `M${px(tick)} ${bottom}V${top}`}),
               svg('text', {x: px(tick), y: bottom + 17, 'text-anchor': 'middle'}, tickText(tick)));
  for (const tick of y.ticks(Math.floor((bottom - top) / 36)))
    parts.push(svg('path', {class: 'grid', d: `M${left} ${py(tick)}H${right}`}),
               svg('text', {x: left - 6, y: py(tick) + 4, 'text-anchor': 'end'}, tickText(tick)));
  parts.push(svg('path', {class: 'frame', d: `M${left} ${top}H${right}V${bottom}H${left}Z`}),
             svg('text', {x: (left + right) / 2, y: bottom + 36, 'text-anchor': 'middle'}, across),
             svg('text', {x: 4, y: 16}, up));
  const gap = 0.09, slant = 'l6-10m3 0l-6 10', rise = 'l10-6m0-3l-10 6';
  const tear = path => parts.push(svg('path', {class: 'break', d: path}));
  if (x.broken) tear(`M${left + (right - left) * gap - 5} ${bottom + 5}${slant}`);
  if (y.broken) tear(`M${left - 5} ${bottom + (top - bottom) * gap + 5}${rise}`);
  return {parts, px, py};
}

// A limit becomes a line if it is near the values; else a sentence says where it is.
const near = (values, limit, log) => limit !== null && limit <= Math.max(...values) * (log ? 10 : 2);
function drawLimits(x, y, shown, frame, px, py) {
  const [left, right, bottom, top] = frame, parts = [], words = measure => 'Limit ' + inWords(measure, measure.limit);
  if (shown[0]) {
    const before = px(x.limit) > (left + right) / 2;
    parts.push(svg('path', {class: 'guide', d: `M${px(x.limit)} ${bottom}V${top}`}),
               svg('text', {class: 'guide', x: px(x.limit) + (before ? -4 : 4), y: top + 13,
                            'text-anchor': before ? 'end' : 'start'}, words(x)));
  }
  if (shown[1])
    parts.push(svg('path', {class: 'guide', d: `M${left} ${py(y.limit)}H${right}`}),
               svg('text', {class: 'guide', x: right - 4, y: py(y.limit) - 4, 'text-anchor': 'end'}, words(y)));
  byId('outside').textContent = !points.length ? '' : [x, y].filter((measure, i) => measure.limit !== null && !shown[i])
    .map(measure => `Limit beyond the plot: ${measure.title}, ${inWords(measure, measure.limit)}.`).join(' ');
  return parts;
}

let points = [], shownPoint = null, picture = null;
const draw = () => {
  const box = byId('plot'), focused = picture !== null && document.activeElement === picture;
  const width = Math.max(260, Math.min(box.clientWidth, 860)), height = Math.round(Math.max(300, 0.6 * width));
  const frame = [56, width - 12, height - 48, 28];
  const x = measures.get(state.x), y = measures.get(state.y);
  points = pointsOf(x, y);
  const values = [0, 1].map(i => points.map(point => point.at[i])), logs = [state.xLog, state.yLog];
  const limits = [x, y].map((measure, i) => near(values[i], measure.limit, logs[i]));
  limits.forEach((shown, i) => { if (shown) values[i].push([x, y][i].limit); });
  const scales = values.map((list, i) => scaleOf(list, logs[i]));
  const {parts, px, py} = drawAxes(...scales, frame, [x.axis, y.axis]);
  const line = frontLine(points, x, y).map((point, i) => i ? `H${px(point.at[0])}V${py(point.at[1])}`
                                                           : `M${px(point.at[0])} ${py(point.at[1])}`);
  if (line.length) parts.push(svg('path', {class: 'steps front', d: line.join('')}));
  for (const point of points) {
    [point.x, point.y] = [px(point.at[0]), py(point.at[1])];
    parts.push(svg('path', {class: point.style, d: point.path, transform: `translate(${point.x} ${point.y})`}));
  }
  parts.push(...drawLimits(x, y, limits, frame, px, py));
  if (!points.length) parts.push(svg('text', {x: 80, y: 80}, 'None of the trials to show has both measures.'));
  picture = svg('svg', {class: 'live', viewBox: `0 0 ${width} ${height}`, tabindex: 0, role: 'application',
    'aria-roledescription': 'plot', 'aria-label': `All trials: ${y.axis} over ${x.axis}. ` +
    'Arrow left and right go through the trials, up and down through the front, Enter keeps one.'},
    ...parts, svg('path', {class: 'chosen', id: 'ring', d: 'M-9 0a9 9 0 1 0 18 0a9 9 0 1 0-18 0z'}));
  for (const [name, react] of Object.entries(reactions)) picture.addEventListener(name, react);
  box.replaceChildren(picture);
  drawLegend();
  byId('better').textContent = (y.upwards ? 'Higher' : 'Lower') + ' and further left is better.';
  if (byId('line-words')) byId('line-words').hidden = !line.length;
  if (byId('beyond-words')) byId('beyond-words').hidden = !line.length || !x.objective || !y.objective;
  byId('meanings').textContent = [x, y].map(measure => `${measure.title}: ${measure.meaning}.`).join(' ');
  show(points.find(point => point.id === state.chosen) || null);
  if (focused) picture.focus();
};

function drawLegend() {
  const entry = (style, path, words) => {
    const item = make('li'), mark = svg('path', {class: style, d: path});
    item.append(svg('svg', {viewBox: '-8 -8 16 16', 'aria-hidden': 'true'}, mark), ' ' + words);
    return item;
  };
  const count = test => points.filter(test).length, entries = [];
  const add = (number, style, path, words) => { if (number) entries.push(entry(style, path, `${words} (${number})`)); };
  add(count(point => point.front), 'trial front', diamond, 'Front, in the colour of its origin, which counts it, too');
  data.origins.forEach((origin, i) =>
    add(count(point => point.row && point.row[2] === i), 'trial o' + i, marks[i], capital(origin)));
  add(count(point => point.row && beyond(point.row)), 'trial o0 beyond', marks[0], 'Hollow: beyond a limit, or lost');
  add(count(point => point.network), 'published', ring, 'Published, on the test part');
  byId('legend').replaceChildren(...entries);
}

function trialDetails(row) {
  const [id, status, origin, stage, epochs, parent, measured, test] = row;
  const cells = byId('t' + id).cells, list = make('dl');
  const add = (name, words) => list.append(make('dt', name), make('dd', words));
  for (const [key, measure] of measures) {
    const value = measure.of(row), predicted = measure.chip && !measured && value !== null;
    if (value !== null) add(measure.title, (predicted ? '~' : '') + inWords(measure, value));
    if (key === 'error' && test !== null)
      add(data.numbers ? 'Test error' : 'Test accuracy', data.numbers ? String(test) : (100 * test).toFixed(2) + ' %');
  }
  const link = (words, name, onclick) => Object.assign(make('a', words), {href: '#' + name, onclick});
  const card = byId('model-' + id), links = make('p');
  links.append(link('Its row in the table', 't' + id, () => showRow(id)));
  if (card) links.append(', ', link('its card', card.id, () => { card.open = true; }));
  return [make('h3', 'Trial ' + id),
          make('p', capital(data.statuses[status]) + ': ' +
                    [data.origins[origin] + (parent === null ? '' : ' of trial ' + parent), 'stage ' + stage,
                     epochs + (epochs === 1 ? ' epoch.' : ' epochs.')].join(', ')),
          make('p', cells[cells.length - 1].textContent), list, links];
}
function networkDetails(network) {
  const list = make('dl');
  for (const measure of measures.values()) {
    const value = measure.published(network);
    if (value !== null) list.append(make('dt', measure.title), make('dd', inWords(measure, value)));
  }
  return [make('h3', network.name), make('p', `Published, on the test part: ${network.source}.`),
          make('p', capital(network.remark) + '.'), list];
}
function show(point) {
  shownPoint = point;
  const ring = byId('ring');
  ring.style.display = point ? '' : 'none';
  if (point) ring.setAttribute('transform', `translate(${point.x} ${point.y})`);
  const hint = 'Point at a mark, tap it, or go through the marks with the arrow keys: its figures then stand here.';
  byId('detail').replaceChildren(...(!point ? [make('p', hint)]
    : point.row ? trialDetails(point.row) : networkDetails(point.network)));
}

const chosen = () => points.find(point => point.id === state.chosen) || null;
function choose(point) {
  state.chosen = point ? point.id : null;
  keep();
  show(point);
}
// The point at a place of the screen, if one is near.
function pointAt(event) {
  const box = picture.getBoundingClientRect(), scale = picture.viewBox.baseVal.width / box.width;
  const x = (event.clientX - box.left) * scale, y = (event.clientY - box.top) * scale;
  const far = point => Math.hypot(point.x - x, point.y - y);
  const nearest = points.reduce((best, point) => best && far(best) < far(point) ? best : point, null);
  return nearest && far(nearest) < 24 ? nearest : null;
}
function step(event) {
  const front = event.key === 'ArrowUp' || event.key === 'ArrowDown';
  const list = (front ? points.filter(point => point.front) : [...points]).sort((a, b) => a.x - b.x || b.y - a.y);
  const at = list.indexOf(shownPoint), forwards = event.key === 'ArrowRight' || event.key === 'ArrowUp';
  const target = event.key === 'Home' ? 0 : event.key === 'End' ? list.length - 1
    : at < 0 ? 0 : Math.min(list.length - 1, Math.max(0, at + (forwards ? 1 : -1)));
  show(list[target] || null);
}
const reactions = {
  pointermove: event => show(pointAt(event) || chosen()),
  pointerleave: () => show(chosen()),
  click: event => choose(pointAt(event)),
  focus: () => { if (!shownPoint) show(points.find(point => point.front) || points[0] || null); },
  keydown: event => {
    if (['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'].includes(event.key)) step(event);
    else if (event.key === 'Enter') choose(shownPoint);
    else if (event.key === 'Escape') choose(null);
    else return;
    event.preventDefault();
  },
};

function startPlot() {
  if (!measures.has(state.x)) state.x = data.x;
  if (!measures.has(state.y)) state.y = 'error';
  const inputs = [['x', 'value', 'x'], ['y', 'value', 'y'], ['x-log', 'checked', 'xLog'], ['y-log', 'checked', 'yLog'],
                  ['beyond', 'checked', 'beyond']];
  for (const [id, member, name] of inputs) {
    byId(id)[member] = state[name];
    byId(id).addEventListener('change', () => {
      state[name] = byId(id)[member];
      keep();
      draw();
    });
  }
  byId('axes').hidden = false;
  let width = 0;
  const fit = () => { if (byId('plot').clientWidth !== width) { width = byId('plot').clientWidth; draw(); } };
  fit();
  addEventListener('resize', fit);
}
startTables();
if (byId('plot')) startPlot();
if (state.scroll) scrollTo(0, state.scroll);
state.scroll = 0;
if (state.focus && byId(state.focus)) byId(state.focus).focus({preventScroll: true});
state.focus = null;
keep();
)js";

/// The part of a page that `report --watch` keeps writing: it reads itself again every three seconds, unless the reader
/// is just using it.
inline constexpr std::string_view page_script_watch = R"js(
let used = 0;
for (const name of ['pointerdown', 'keydown', 'input']) addEventListener(name, () => { used = Date.now(); });
setInterval(() => {
  if (Date.now() - used < 4000) return;
  Object.assign(state, {scroll: scrollY, focus: document.activeElement ? document.activeElement.id : null});
  keep();
  location.reload();
}, 3000);
)js";

} // namespace tinysparse::report
