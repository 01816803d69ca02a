// The popup: capture this tab, and what became of the last captures.
import { api } from '../lib/api.js';
import { ask } from '../lib/ask.js';
import { withZone } from '../lib/moments.js';
import { settings } from '../lib/settings.js';
import { all, change, isOpen, put, remove } from '../lib/store.js';
import { dress } from '../lib/words.js';

const MOST = 20;
const $ = (id) => document.getElementById(id);
const t = await dress();
const [tab] = await api.tabs.query({ active: true, currentWindow: true });
let told = '';

function make(name, text = '', properties = {}) {
  const element = Object.assign(document.createElement(name), properties);
  element.textContent = text;
  return element;
}

const titleOf = ({ fields }) => fields.text || fields.page_title || fields.handle || fields.url || t('untitled');

function statusText(item) {
  return t(item.state === 'sent' ? `status_${item.status}` : `state_${item.state}`);
}

function button(key, act) {
  const made = make('button', t(key), { className: 'small' });
  made.addEventListener('click', act);
  return made;
}

function say(text) {
  $('said').textContent = text;
  $('said').hidden = false;
  $('said').focus();
}

// Looking again: the person opens the post and says what became of it; the moment is that of the click.
function recheckOf(item) {
  const box = document.createElement('details');
  if (item.fields.url === tab?.url) box.open = true;
  const row = make('div', '', { className: 'row' });
  row.append(button('recheck_open', () => api.tabs.create({ url: item.fields.url })));
  for (const status of ['still_there', 'gone']) row.append(button(`recheck_${status}`, () => lookedAgain(item, status)));
  box.append(make('summary', t('recheck')), row);
  return box;
}

async function lookedAgain({ submission, id: of }, status) {
  const at = new Date(), id = crypto.randomUUID();
  await put({ id, kind: 'recheck', state: 'waiting', at: at.toISOString(), submission, status, of });
  await change(of, { looked: { id, status, at: withZone(at) } });
  say(t(`recheck_said_${status}`));
  await sendNow();
}

function lookedText({ status, at, problem, waits }) {
  const words = `${t('recheck_last')} ${t(`recheck_${status}`).toLowerCase()}, ${t.moment(at)}`;
  if (waits) return `${words} (${t('state_waiting').toLowerCase()})`;
  return problem ? `${words}. ${t.problem(problem)}` : words;
}

async function sendNow() {
  $('again').setAttribute('aria-disabled', 'true'); // not `disabled`, which would take the focus away
  await show();
  await ask('deliver');
  await ask('refresh');
  await show();
  await ask('seen');
  $('again').removeAttribute('aria-disabled');
}

async function discard({ id }) {
  await remove(id);
  await ask('badge');
  await show();
  $('recent').focus();
}

function actsOf(item) {
  const acts = make('div', '', { className: 'row' });
  if (isOpen(item)) acts.append(button('finish', () => api.tabs.create({ url: api.runtime.getURL(`pages/form.html?id=${item.id}`) })));
  if (isOpen(item) || item.problem) acts.append(button('discard', () => discard(item)));
  return acts;
}

function entry(item) {
  const made = make('li', '', { className: 'panel' });
  made.dataset.id = item.id;
  const method = t(`method_${item.fields.capture_method || 'none'}`);
  const line = make('div', '', { className: 'row' });
  line.append(make('span', statusText(item), { className: 'chip' }), make('span', `${method} · ${t.moment(item.at)}`, { className: 'sub' }));
  made.append(make('span', titleOf(item), { className: 'title' }), line);
  if (item.problem) made.append(make('p', t.problem(item.problem), { className: 'notice' }));
  if (item.looked) made.append(make('p', lookedText(item.looked), { className: 'sub' }));
  if (item.state !== 'sent') made.append(actsOf(item));
  if (item.submission && item.fields.url) made.append(recheckOf(item));
  return made;
}

// The list anew; what was unfolded stays unfolded, and the focus where it was.
function showList(items) {
  const unfolded = [...document.querySelectorAll('li:has(details[open])')].map((one) => one.dataset.id);
  const at = document.activeElement?.closest('#items li');
  const nth = at ? [...at.querySelectorAll('button, summary')].indexOf(document.activeElement) : -1;
  $('items').replaceChildren(...items.map(entry));
  for (const made of $('items').children) {
    if (unfolded.includes(made.dataset.id)) made.querySelector('details')?.setAttribute('open', '');
    if (made.dataset.id === at?.dataset.id) made.querySelectorAll('button, summary')[nth]?.focus();
  }
}

async function show() {
  const items = await all();
  const looks = new Set(items.filter((item) => item.kind === 'recheck').map((item) => item.id));
  const posts = items.filter((item) => item.kind === 'post').map(({ picture, news, looked, ...item }) =>
    ({ ...item, looked: looked && { ...looked, waits: looks.has(looked.id) } }));
  const unsent = posts.filter((item) => item.state !== 'sent'); // never hidden behind newer ones
  const shown = [...unsent, ...posts.filter((item) => item.state === 'sent').slice(0, MOST)];
  const now = JSON.stringify(shown);
  if (now !== told) showList(shown);
  told = now;
  $('none').hidden = shown.length > 0;
  const { server, token } = await settings();
  $('unset').hidden = Boolean(server && token);
}

async function capture(area) {
  const { id, windowId, url, title } = tab;
  if (await ask('capture', { tab: { id, windowId, url, title }, area })) close();
  else say(t('problem_capture'));
}

$('tab').addEventListener('click', () => capture(false));
$('area').addEventListener('click', () => capture(true));
$('options').addEventListener('click', () => api.runtime.openOptionsPage());
$('again').addEventListener('click', sendNow);
await sendNow();
document.body.dataset.ready = 'yes';
