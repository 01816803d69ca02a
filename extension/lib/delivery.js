// Bringing what was captured to the server: in order, each once, again and again until it is acknowledged.
import { api } from './api.js';
import { Refusal, handIn, recheck, statusOf, submission } from './server.js';
import { all, change, put, tidy } from './store.js';

const RETRY = 'retry', STATUS = 'status';
const EVERY_MINUTES = 1, LOOK_MINUTES = 5;
const FINAL = new Set(['nothing', 'confirmed', 'dismissed', 'closed', 'failed']);

const LONGEST_WAIT = 900;

let running = null, asked = false;
let notBefore = 0; // the server asked to be left alone until then; forgotten when the worker ends

// Deliver what waits; who calls meanwhile is answered after another round, which knows of what they added.
export function deliver() {
  asked = true;
  running ??= rounds().finally(() => { running = null; });
  return running;
}

async function rounds() {
  while (asked) {
    asked = false;
    await sendAll();
  }
}

// The alarm is set first: a worker that the browser ends in the middle is woken to go on.
async function sendAll() {
  await schedule();
  const waiting = (await all()).filter((item) => item.state === 'waiting').reverse();
  for (const item of waiting) {
    if (Date.now() < notBefore) break;
    await sendOne(item);
  }
  await tidy();
  await schedule();
  await showBadge();
}

async function sendOne(item) {
  try {
    if (item.kind === 'recheck') {
      await recheck(item);
      await change(item.id, { state: 'sent' });
    } else {
      const taken = await handIn(item);
      const { evidence, ...fields } = item.fields;
      const status = statusOf(taken);
      await put({ ...item, fields, picture: null, state: 'sent', submission: taken.id, status, problem: null });
    }
  } catch (error) {
    const told = error instanceof Refusal ? error : new Refusal(0, 'problem_other', String(error));
    const { status, key, detail, wait } = told;
    if (wait) notBefore = Date.now() + 1000 * Math.min(wait, LONGEST_WAIT);
    await change(item.id, {
      state: told.passes ? 'waiting' : 'refused',
      tries: (item.tries ?? 0) + 1,
      problem: { status, key, detail, at: new Date().toISOString() },
    });
  }
}

// Ask what became of the posts that are still under way; those that changed are news until the popup was opened.
export async function refresh() {
  const open = (await all()).filter((item) => item.submission && item.kind === 'post' && !FINAL.has(item.status));
  for (const item of open) {
    try {
      const status = statusOf(await submission(item.submission));
      if (status !== item.status) await change(item.id, { status, news: true });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.status === 404) await change(item.id, { status: 'closed' });
      else break;
    }
  }
  await schedule();
  await showBadge();
}

export async function seen() {
  for (const item of await all()) if (item.news) await change(item.id, { news: false });
  await showBadge();
}

// Alarms outlive the worker and the browser; they exist only while there is something to do.
async function schedule() {
  const items = await all();
  const waits = items.some((item) => item.state === 'waiting');
  const open = items.some((item) => item.kind === 'post' && item.submission && !FINAL.has(item.status));
  for (const [name, wanted, minutes] of [[RETRY, waits, EVERY_MINUTES], [STATUS, open, LOOK_MINUTES]]) {
    if (!wanted) await api.alarms.clear(name);
    else if (!(await api.alarms.get(name))) await api.alarms.create(name, { periodInMinutes: minutes });
  }
}

export async function rung({ name }) {
  if (name === RETRY) await deliver();
  if (name === STATUS) await refresh();
}

// "!" where a person is needed, else the number that waits, else the number of news.
export async function showBadge() {
  const items = await all();
  const refused = items.some((item) => item.state === 'refused');
  const waits = items.filter((item) => item.state !== 'sent' && item.state !== 'draft').length;
  const news = items.filter((item) => item.news).length;
  await api.action.setBadgeBackgroundColor({ color: '#5b3a82' });
  await api.action.setBadgeTextColor?.({ color: '#ffffff' });
  await api.action.setBadgeText({ text: refused ? '!' : String(waits || news || '') });
}
