// Many pictures, one post each: sent a few at a time, each with a key of its own, so that trying again never makes two.
// Without this module the same form sends them all at once.
const BUSY = new Set([429, 502, 503, 504, 507]);
const PAUSES = [1000, 2000, 4000, 8000, 15000];
const SAY_EVERY = 50;
let page = null; // of the form that stands on the page: its entries, how it goes on

const by = (id) => document.getElementById(id);
const say = (text) => { by('say').textContent = text; };
const number = (value) => new Intl.NumberFormat(document.documentElement.lang).format(value);
const fill = (text, ...values) => values.reduce((all, value, at) => all.replace(`%${at + 1}`, number(value)), text);
const linked = (entry) => entry.row.querySelector('a').getAttribute('href');
const fits = (entry) => entry.file.size <= Number(page.form.dataset.bytes);
const counted = (state) => page.entries.filter((entry) => entry.state === state).length;
const open = () => page.entries.some((entry) => entry.state === 'waiting' || entry.state === 'sending');
const halfOf = (detail) => detail.split(' / ')[document.documentElement.lang === 'id' ? 0 : 1] ?? detail;

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `console-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

function start() {
  const form = by('many');
  if (!form || page?.form === form) return;
  page?.entries.forEach((entry) => entry.request?.abort());
  page = { form, entries: [], running: false, sending: 0, shared: null, pause: 0, timer: 0, words: by('many-words').dataset };
  by('many-scripted').hidden = false;
  by('many-plain').hidden = true;
  by('files-sum').hidden = false;
  by('files').hidden = true;
  by('files-list').replaceChildren();
}

function add(files) {
  const room = Number(page.form.dataset.most) - page.entries.filter((entry) => entry.state !== 'accepted').length;
  const taken = [...files].slice(0, Math.max(0, room));
  for (const file of taken) {
    const row = by('file-row').content.firstElementChild.cloneNode(true);
    const entry = { file, row, key: newKey(), state: 'waiting', request: null };
    row.querySelector('.name').textContent = file.name;
    for (const hidden of row.querySelectorAll('.vh')) hidden.textContent = ` ${file.name}`;
    row.querySelector('.retry').addEventListener('click', () => again([entry]));
    row.querySelector('.remove').addEventListener('click', () => remove(entry));
    page.entries.push(entry);
    by('files-list').append(row);
    if (fits(entry)) show(entry, 'waiting');
    else show(entry, 'refused', page.words.large);
  }
  by('files').hidden = page.entries.length === 0;
  const over = files.length > taken.length ? page.words.over : '';
  const added = by('many-added');
  added.textContent = `${fill(page.words.added, taken.length)} ${over}`;
  added.hidden = false;
  say(added.textContent);
  if (page.running) pump();
}

function show(entry, state, reason = '') {
  const { row } = entry;
  entry.state = row.dataset.state = state;
  const words = state === 'sending' ? page.words.sending : page.words[state];
  row.querySelector('.said').textContent = reason ? `${words}: ${reason}` : words.replace('%1', '0');
  row.querySelector('.retry').hidden = state !== 'refused' || !fits(entry);
  row.querySelector('.remove').hidden = state === 'sending' || state === 'accepted';
  sum();
}

function sum() {
  const done = counted('accepted');
  const refused = counted('refused');
  by('files-said').textContent = fill(page.words.sum, done, refused, page.entries.length - done - refused);
  const bar = by('files-bar');
  bar.max = Math.max(1, page.entries.length);
  bar.value = done + refused;
  by('files-again').hidden = page.running || page.entries.filter((entry) => entry.state === 'refused' && fits(entry)).length < 2;
  by('files-only').hidden = refused === 0 || refused === page.entries.length;
  if (by('files-only').hidden) by('only').checked = false;
}

function notice(text) {
  const line = by('files-notice');
  if (line.textContent !== text && text) say(text);
  line.textContent = text;
  line.hidden = !text;
}

function remove(entry) {
  page.entries = page.entries.filter((one) => one !== entry);
  entry.row.remove();
  sum();
  by('files-title').focus();
  if (page.entries.length === 0) by('files').hidden = true;
  pump();
}

function again(entries) {
  for (const entry of entries.filter(fits)) show(entry, 'waiting');
  by('files-title').focus();
  if (open()) page.form.requestSubmit();
}

function run() {
  if (!open()) {
    notice(page.words.nothing);
    return;
  }
  if (!page.running) {
    page.shared = new FormData(page.form);
    page.shared.delete('images');
    page.shared.set('capture_method', 'bulk');
  }
  page.running = true;
  by('shared').disabled = true;
  notice('');
  resume(page);
}

// Send as many as may be under way; called whenever one has ended or a pause is over.
function pump() {
  if (!page.running || page.timer) return;
  while (page.sending < Number(page.form.dataset.atATime)) {
    const next = page.entries.find((entry) => entry.state === 'waiting');
    if (!next) break;
    page.sending += 1;
    send(page, next);
  }
  if (!open()) end();
}

function end(reason = '') {
  page.running = false;
  by('shared').disabled = false;
  sum();
  notice(reason);
  if (!reason) say(fill(page.words.done, counted('accepted'), counted('refused')));
}

async function send(own, entry) {
  show(entry, 'sending');
  const readable = await entry.file.slice(0, 1).arrayBuffer().then(() => true, () => false);
  if (!readable) return settle(own, entry, 'refused', own.words.unreadable);
  const body = new FormData();
  for (const [name, value] of own.shared) body.append(name, value);
  body.append('images', entry.file, entry.file.name);
  const request = (entry.request = new XMLHttpRequest());
  request.open('POST', own.form.dataset.send);
  request.setRequestHeader('Idempotency-Key', entry.key);
  request.upload.addEventListener('progress', ({ loaded, total, lengthComputable }) => {
    if (!lengthComputable || entry.state !== 'sending') return;
    entry.row.querySelector('.said').textContent = fill(own.words.sending, Math.floor((100 * loaded) / total));
  });
  request.addEventListener('load', () => answered(own, entry, request));
  request.addEventListener('error', () => later(own, entry, own.words.away));
  request.send(body);
}

function answered(own, entry, request) {
  if (own !== page) return;
  let answer = {};
  try { answer = JSON.parse(request.responseText); } catch { /* no JSON: a proxy speaks */ }
  if (request.status === 202 && answer.id) {
    own.pause = 0;
    notice('');
    const link = entry.row.querySelector('a');
    const there = `/kiriman/${answer.id}`;
    const before = Date.parse(answer.received_at) < Date.parse(own.form.dataset.opened);
    const twice = before || own.entries.some((one) => linked(one) === there);
    link.href = there;
    link.hidden = false;
    settle(own, entry, 'accepted');
    if (twice) tellAgain(own, entry);
    return;
  }
  if (BUSY.has(request.status)) {
    const asked = Number(request.getResponseHeader('Retry-After')) * 1000;
    return later(own, entry, `${own.words.busy} ${halfOf(answer.detail ?? '')}`.trim(), asked);
  }
  if (request.status === 401) {
    show(entry, 'waiting');
    own.sending -= 1;
    return end(own.words.signedOut);
  }
  settle(own, entry, 'refused', halfOf(answer.detail ?? `HTTP ${request.status}`));
}

// The same picture with the same particulars: it leads to the post that was there.
function tellAgain(own, entry) {
  entry.row.dataset.state = 'again';
  entry.row.querySelector('.said').textContent = own.words.again;
}

function settle(own, entry, state, reason = '') {
  if (own !== page) return;
  own.sending -= 1;
  show(entry, state, reason);
  const done = counted('accepted');
  if (state === 'accepted' && done % SAY_EVERY === 0) say(by('files-said').textContent);
  pump();
}

// Back to those that wait: nobody is sent before the pause is over, or the network says that it is there again.
function later(own, entry, reason, asked = 0) {
  if (own !== page) return;
  own.sending -= 1;
  show(entry, 'waiting');
  if (!own.running) return;
  notice(reason);
  clearTimeout(own.timer);
  const pause = asked || PAUSES[Math.min(own.pause, PAUSES.length - 1)];
  if (own.sending === 0) own.pause += 1;
  own.timer = setTimeout(resume, pause, own);
}

function resume(own) {
  clearTimeout(own.timer);
  own.timer = 0;
  if (own === page) pump();
}

async function dropped(transfer) {
  const entries = [...(transfer.items ?? [])].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...transfer.files];
  return (await Promise.all(entries.map(filesIn))).flat().filter((file) => file.type.startsWith('image/'));
}

async function filesIn(entry) {
  if (entry.isFile) return [await new Promise((done, fail) => entry.file(done, fail))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (some.length === 0) break;
    found.push(...some);
  }
  return (await Promise.all(found.map(filesIn))).flat();
}

const here = () => page?.form.isConnected;
document.addEventListener('change', ({ target }) => {
  if (!here() || target.id !== 'images') return;
  add(target.files);
  target.value = '';
});
document.addEventListener('click', ({ target }) => {
  if (here() && target.id === 'files-again') again(page.entries.filter((entry) => entry.state === 'refused'));
});
document.addEventListener('submit', (event) => {
  if (!here()) return;
  if (event.target === page.form) {
    event.preventDefault();
    run();
  } else if (page.running && event.target.hasAttribute('data-swap') && !confirm(page.words.leave)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);
for (const kind of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(kind, async (event) => {
    if (!here() || !event.dataTransfer?.types.includes('Files')) return; // text may be dropped into a field
    event.preventDefault();
    by('drop').classList.toggle('over', kind === 'dragover');
    if (kind === 'drop') add(await dropped(event.dataTransfer));
  });
}
addEventListener('online', () => { if (here() && page.timer) resume(page); });
addEventListener('beforeunload', (event) => { if (here() && page.running) event.preventDefault(); });
document.addEventListener('swapped', start);
start();
