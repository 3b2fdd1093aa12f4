// SPDX-License-Identifier: Apache-2.0
// What a reader does with a run's page, in a browser: browser.cpp puts the page into `pageText` and `watchedText`, runs
// this, and compares the results with what it knows of the run.
const results = {};
const report = () => { document.body.textContent = ''; const out = document.createElement('pre');
  out.id = 'results'; out.textContent = JSON.stringify(results); document.body.append(out); };
// A window of this width that shows the page; it calls `loaded` each time it has read the page.
const open = (width, text = pageText, loaded = () => {}) => new Promise(done => {
  const frame = document.createElement('iframe');
  Object.assign(frame.style, {width: width + 'px', height: '900px', border: '0'});
  frame.srcdoc = text;
  frame.onload = () => { loaded(); done(frame.contentWindow); };
  document.body.append(frame);
});
const count = (view, selector) => view.document.querySelectorAll(selector).length;
const words = (view, selector) => [...view.document.querySelectorAll(selector)].map(node => node.textContent);
const fire = (view, target, type, members = {}) =>
  target.dispatchEvent(new view[members.key ? 'KeyboardEvent' : 'MouseEvent'](type, {bubbles: true, ...members}));
const heading = view => words(view, '#detail h3').join();
const change = (view, id, member, value) => {
  const input = view.document.getElementById(id);
  input[member] = value;
  input.dispatchEvent(new view.Event(input.type === 'search' ? 'input' : 'change', {bubbles: true}));
};

function checkPlot(view) {
  const live = () => view.document.querySelector('svg.live');
  const middle = mark => { const box = mark.getBoundingClientRect();
    return {clientX: box.left + box.width / 2, clientY: box.top + box.height / 2}; };
  const marks = () => [...view.document.querySelectorAll('.live .trial')];
  results.marks = count(view, '.live .trial');
  results.front = count(view, '.live .trial.front');
  results.hollow = count(view, '.live .trial.beyond');
  results.published = count(view, '.live .published');
  results.legend = words(view, '#legend li');
  const told = () => [...words(view, '#better'),
                      ...[...view.document.querySelectorAll('#line-words, #beyond-words')].map(node => node.hidden)];
  results.sentences = [told()];
  results.limit = words(view, '.live text.guide');
  results.broken = count(view, '.live .break');
  const zero = [...view.document.querySelectorAll('.live text')].find(node => node.textContent === '0');
  const height = mark => +mark.getAttribute('transform').match(/ ([0-9.]+)/)[1];
  results.heights = marks().map(mark => height(mark) - zero.getAttribute('y') + 4);
  results.hint = heading(view);
  fire(view, live(), 'pointermove', middle(marks().at(-1)));
  results.hovered = heading(view);
  results.detail = words(view, '#detail').join();
  results.unfit = words(view, '#detail :is(p, dt, h3), #legend li, #meanings, label, legend, option, thead th')
    .map(text => text.trim()).filter(text => /^[a-z]/.test(text));
  fire(view, live(), 'pointerleave');
  results.left = heading(view);
  fire(view, live(), 'click', middle(marks()[0]));
  fire(view, live(), 'pointerleave');
  results.tapped = heading(view);
  fire(view, live(), 'keydown', {key: 'Escape'});
  results.escaped = heading(view);
  live().dispatchEvent(new view.FocusEvent('focus'));
  results.focused = heading(view);
  const path = [];
  for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'End', 'ArrowLeft', 'ArrowDown', 'ArrowUp']) {
    fire(view, live(), 'keydown', {key});
    path.push(heading(view));
  }
  results.path = path;
  fire(view, live(), 'keydown', {key: 'Escape'});
  change(view, 'x', 'value', 'nonzeros');
  change(view, 'y', 'value', 'score');
  change(view, 'y-log', 'checked', false);
  change(view, 'beyond', 'checked', false);
  results.ticksLinear = words(view, '.live text[text-anchor=end]');
  results.axes = words(view, '.live > text:not([text-anchor=end])').slice(-2);
  results.marksWithin = count(view, '.live .trial');
  results.legendWithin = words(view, '#legend li');
  results.sentences.push(told());
  change(view, 'x', 'value', 'paper_model_size');
  results.publishedThere = count(view, '.live .published');
  change(view, 'y', 'value', 'nonzeros');
  results.publishedElsewhere = count(view, '.live .published');
  change(view, 'y', 'value', 'score');
}

function checkTables(view) {
  const shown = () => [...view.document.querySelectorAll('#trials tbody tr')].filter(row => !row.hidden)
    .map(row => row.cells[0].textContent);
  const button = i => view.document.querySelectorAll('#trials thead th')[i];
  const sort = i => {
    fire(view, button(i).firstElementChild, 'click');
    return [button(i).getAttribute('aria-sort'), ...shown()];
  };
  results.rows = shown();
  results.sorted = [sort(0), sort(0), sort(5), sort(1)];
  results.sortedOnce = count(view, '#trials [aria-sort]');
  change(view, 'words', 'value', 'MUTATION front');
  results.filtered = shown();
  results.told = words(view, '#shown').join();
  change(view, 'words', 'value', 'nothing has this');
  results.none = shown();
  change(view, 'words', 'value', '');
  view.document.getElementById('only-front').checked = true;
  view.document.getElementById('filter').dispatchEvent(new view.Event('input'));
  results.onlyFront = shown();
  change(view, 'x', 'value', 'nonzeros');
  fire(view, view.document.querySelector('svg.live'), 'keydown', {key: 'End'});
  fire(view, view.document.querySelector('#detail a'), 'click');
  results.unfiltered = shown().length;
  const links = [...view.document.querySelectorAll('#detail a')];
  results.links = links.map(link => link.getAttribute('href'));
  fire(view, links.at(-1), 'click');
  results.opened = view.document.getElementById('model-2').open;
  change(view, 'x', 'value', 'paper_model_size');
}

function checkReading(view) {
  const all = selector => [...view.document.querySelectorAll(selector)];
  results.unlabelled = all('input, select').filter(input => !input.closest('label')).length +
    all('table').filter(table => !table.caption || !table.caption.textContent).length +
    all('th').filter(cell => !['col', 'row'].includes(cell.getAttribute('scope'))).length +
    all('main > * svg').filter(node => !node.closest('[aria-hidden]') && !node.getAttribute('aria-label')).length;
  results.headings = all('h1, h2, h3').map(node => node.tagName[1]).join('');
  results.errors = view.errors;
  results.foreign = all('img, b').length;
  results.hidden = all('form').filter(form => form.hidden).length;
}

// Rules of a medium, made to count on the screen.
function force(view, medium) {
  for (const rule of view.document.styleSheets[0].cssRules)
    if (rule.media && rule.media.mediaText.includes(medium)) rule.media.mediaText = 'all';
}
const luminance = colour => {
  const [r, g, b] = colour.match(/[\d.]+/g).map(value => value / 255)
    .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (view, selector, member) => {
  const page = luminance(view.getComputedStyle(view.document.body).backgroundColor);
  return Math.min(...[...view.document.querySelectorAll(selector)].map(node => {
    const own = luminance(view.getComputedStyle(node)[member]);
    return (Math.max(own, page) + 0.05) / (Math.min(own, page) + 0.05);
  }));
};
const contrasts = view => [['p, th, td, dd, caption, legend', 'color'], ['.live .trial:not(.beyond)', 'stroke'],
                           ['.live .steps, path.guide, path.steps', 'stroke'], ['svg text', 'fill']]
  .map(([selector, member]) => contrast(view, selector, member));
// Words of a plot that overlap each other, or reach out of their picture.
const clashes = view => [...view.document.querySelectorAll('svg[viewBox^="0 0 640 "]')].flatMap(plot => {
  const own = plot.getBoundingClientRect(), found = [];
  const texts = [...plot.querySelectorAll('text')].map(node => ({node, box: node.getBoundingClientRect()}));
  texts.forEach(({node, box}, i) => {
    if (box.right > own.right + 1 || box.bottom > own.bottom + 1) found.push('out: ' + node.textContent);
    for (const other of texts.slice(i + 1))
      if (box.right > other.box.left + 1 && other.box.right > box.left + 1 && box.bottom > other.box.top + 3 &&
          other.box.bottom > box.top + 3) found.push(node.textContent + ' over ' + other.node.textContent);
  });
  return found;
});
const tooWide = view => [...view.document.querySelectorAll('body *')].filter(node => !node.closest('.wide table'))
  .filter(node => node.getBoundingClientRect().right > view.innerWidth + 1).map(node => node.tagName + '#' + node.id);

(async () => {
  try {
    const wide = await open(1200);
    results.light = contrasts(wide);
    checkPlot(wide);
    checkTables(wide);
    checkReading(wide);
    const again = await open(1200);
    results.keptAxes = [again.document.getElementById('x').value, again.document.getElementById('y-log').checked,
                        again.document.querySelector('#trials th[aria-sort]').textContent];
    force(again, 'prefers-color-scheme');
    results.dark = contrasts(again);
    const narrow = await open(400);
    results.narrow = [narrow.innerWidth, narrow.document.documentElement.scrollWidth, narrow.scrollX,
                      narrow.document.querySelector('svg.live').getBoundingClientRect().width, ...tooWide(narrow)];
    results.clashes = [...clashes(again), ...clashes(narrow)];
    const paper = await open(1030);
    force(paper, 'print');
    results.paper = [...paper.document.querySelectorAll('.wide')].filter(box => box.scrollWidth > box.clientWidth + 1)
      .map(box => box.firstElementChild.id);
    results.paperContrast = contrasts(paper);
    let loads = 0;
    const watched = await open(1200, watchedText, () => ++loads);
    change(watched, 'x', 'value', 'nonzeros');
    watched.scrollTo(0, 300);
    await new Promise(done => setTimeout(done, 7500));
    const after = document.body.lastElementChild.contentWindow;
    results.watched = [loads, after.document.getElementById('x').value, after.scrollY];
  } catch (error) {
    results.failure = String(error) + error.stack;
  }
  report();
})();
