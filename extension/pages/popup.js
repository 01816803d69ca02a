// The popup: capture this tab, and what became of the last captures.
import { api } from '../lib/api.js';
import { withZone } from '../lib/moments.js';
import { settings } from '../lib/settings.js';
import { all, change, put, remove } from '../lib/store.js';
import { dress } from '../lib/words.js';

const MOST = 20;
const $ = (id) => document.getElementById(id);
const ask = (act, more = {}) => api.runtime.sendMessage({ act, ...more });
const t = await dress();
const [tab] = await api.tabs.query({ active: true, currentWindow: true });

function make(name, text = '', properties = {}) {
  const element = Object.assign(document.createElement(name), properties);
  element.textContent = text;
  return element;
}

const titleOf = ({ fields }) => fields.text || fields.page_title || fields.handle || fields.url || t('untitled');

function statusText(item) {
  return t(item.state === 'sent' ? `status_${item.status}` : `state_${item.state}`);
}

function problemText({ key, detail }) {
  return detail ? `${t(key)} ${t.ofBoth(detail)}` : t(key);
}

function button(key, act) {
  const made = make('button', t(key), { className: 'small' });
  made.addEventListener('click', act);
  return made;
}

function say(text) {
  $('said').textContent = text;
  $('said').hidden = false;
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

async function lookedAgain({ submission, id }, status) {
  const at = new Date();
  await put({ id: crypto.randomUUID(), kind: 'recheck', state: 'waiting', at: at.toISOString(), submission, status, of: id });
  await change(id, { looked: { status, at: withZone(at) } });
  await sendNow(t(`recheck_said_${status}`));
}

async function sendNow(text = '') {
  $('again').disabled = true;
  await ask('deliver');
  await ask('refresh');
  await show();
  $('again').disabled = false;
  if (text) say(text);
}

function entry(item) {
  const made = document.createElement('li');
  made.className = 'panel';
  const method = t(`method_${item.fields.capture_method ?? 'tab_screenshot'}`);
  const line = make('div', '', { className: 'row' });
  line.append(make('span', statusText(item), { className: 'chip' }), make('span', `${method} · ${t.moment(item.at)}`, { className: 'sub' }));
  made.append(make('span', titleOf(item), { className: 'title' }), line);
  if (item.problem) made.append(make('p', problemText(item.problem), { className: 'notice' }));
  if (item.looked) made.append(make('p', `${t('recheck_last')} ${t(`recheck_${item.looked.status}`).toLowerCase()}, ${t.moment(item.looked.at)}`, { className: 'sub' }));
  const acts = make('div', '', { className: 'row' });
  if (item.state === 'draft' || item.state === 'refused') {
    acts.append(button('finish', () => api.tabs.create({ url: api.runtime.getURL(`pages/form.html?id=${item.id}`) })));
    acts.append(button('discard', async () => { await remove(item.id); await ask('badge'); await show(); }));
    made.append(acts);
  }
  if (item.submission && item.fields.url) made.append(recheckOf(item));
  return made;
}

async function show() {
  const items = await all();
  const posts = items.filter((item) => item.kind === 'post');
  const open = posts.filter((item) => item.state !== 'sent'); // never hidden behind newer ones
  const shown = [...open, ...posts.filter((item) => item.state === 'sent').slice(0, MOST)];
  $('items').replaceChildren(...shown.map(entry));
  $('none').hidden = shown.length > 0;
  const { server, token } = await settings();
  $('unset').hidden = Boolean(server && token);
}

async function capture(area) {
  const { id, windowId, url, title } = tab;
  const answer = await ask('capture', { tab: { id, windowId, url, title }, area });
  if (answer?.done) close();
  else say(t('problem_capture'));
}

$('tab').addEventListener('click', () => capture(false));
$('area').addEventListener('click', () => capture(true));
$('options').addEventListener('click', () => api.runtime.openOptionsPage());
$('again').addEventListener('click', () => sendNow());
await show();
await sendNow();
await ask('seen');
document.body.dataset.ready = 'yes';
