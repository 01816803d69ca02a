// Bringing what was captured to the server: each once, again and again until it is acknowledged.
import { api } from './api.js';
import { forget, pause, paused } from './pause.js';
import { Refusal, handIn, recheck, statusOf, submission } from './server.js';
import { all, change, remove, tidy } from './store.js';

const RETRY = 'retry', STATUS = 'status';
const EVERY_MINUTES = 1, LOOK_MINUTES = 5;
const FINAL = new Set(['nothing', 'confirmed', 'dismissed', 'closed', 'failed']);
const DECIDED = new Set(['confirmed', 'dismissed']);
const BEAT = 20_000;

const isUnderWay = ({ kind, submission: id, status }) => kind === 'post' && id && !FINAL.has(status);

let running = null, asked = false;

// Deliver what waits; who calls meanwhile is answered after another round, which knows of what they added.
export function deliver() {
  asked = true;
  running ??= awake(rounds).finally(() => { running = null; });
  return running;
}

// Browsers end a worker that does nothing for 30 s, and waiting for an answer is nothing to them: a slow line would never
// get a large picture through. Any call of the extension API counts as a sign of life.
async function awake(act) {
  const beat = setInterval(() => api.runtime.getPlatformInfo(), BEAT);
  try {
    return await act();
  } finally {
    clearInterval(beat);
  }
}

async function rounds() {
  while (asked) {
    asked = false;
    await sendAll();
  }
}

// The alarm is set first: a worker that the browser ends in the middle is woken to go on. A round ends with the first
// item that has to wait, and the next one begins with those that were not tried for longest: none is in another's way.
async function sendAll() {
  await schedule();
  const tried = ({ problem, at }) => `${problem?.at ?? ''} ${at}`;
  const waiting = (await all()).filter((item) => item.state === 'waiting');
  for (const item of waiting.sort((a, b) => tried(a).localeCompare(tried(b)))) {
    if ((await paused()) || !(await sendOne(item))) break;
  }
  await tidy();
  await schedule();
  await showBadge();
}

// False where it has to wait, and with it the others.
async function sendOne(item) {
  try {
    await (item.kind === 'recheck' ? sendRecheck(item) : sendPost(item));
    return true;
  } catch (error) {
    const told = refusalOf(error);
    const { status, key, detail, final } = told;
    const until = await pause(told);
    const problem = { status, key, detail, until, at: new Date().toISOString() };
    if (final && item.kind === 'recheck') await dropRecheck(item, problem);
    else await change(item.id, { state: final ? 'refused' : 'waiting', problem });
    return final;
  }
}

const refusalOf = (error) => (error instanceof Refusal ? error : new Refusal({ key: 'problem_other', detail: String(error) }));

async function sendPost(item) {
  const taken = await handIn(item);
  const { evidence, ...fields } = item.fields;
  const status = statusOf(taken);
  await change(item.id, { fields, picture: null, state: 'sent', submission: taken.id, status, problem: null });
}

async function sendRecheck(item) {
  await recheck(item);
  await remove(item.id);
}

// A look that is never taken (its post is gone from the server) is told at the post; nobody could mend it.
async function dropRecheck({ id, of }, problem) {
  await change(of, ({ looked }) => (looked?.id === id ? { looked: { ...looked, problem } } : null));
  await remove(id);
}

// Ask what became of the posts that are under way, and with `decided` of those that reviewers may take up again; those
// that changed are news until the popup was opened.
export const refresh = (decided = false) => awake(async () => {
  const asked = (item) => isUnderWay(item) || (decided && item.submission && DECIDED.has(item.status));
  for (const item of (await all()).filter(asked)) {
    if ((await paused()) || !(await look(item))) break;
  }
  await schedule();
  await showBadge();
});

async function look({ id, submission: of, status: before }) {
  try {
    const status = statusOf(await submission(of));
    if (status !== before) await change(id, { status, news: true });
    return true;
  } catch (error) {
    const told = refusalOf(error);
    if (told.status === 404 && told.final) await change(id, { status: 'closed' });
    await pause(told);
    return told.final;
  }
}

export async function seen() {
  for (const item of await all()) if (item.news) await change(item.id, { news: false });
  await showBadge();
}

// Another server or token: what the one before asked for is void.
export async function connectAnew() {
  await forget();
  await deliver();
}

// Alarms outlive the worker and the browser; they exist only while there is something to do.
async function schedule() {
  const items = await all();
  const waits = items.some((item) => item.state === 'waiting');
  for (const [name, wanted, minutes] of [[RETRY, waits, EVERY_MINUTES], [STATUS, items.some(isUnderWay), LOOK_MINUTES]]) {
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
  const waits = items.filter((item) => item.state === 'waiting').length;
  const news = items.filter((item) => item.news).length;
  await api.action.setBadgeBackgroundColor({ color: '#5b3a82' });
  await api.action.setBadgeTextColor?.({ color: '#ffffff' });
  await api.action.setBadgeText({ text: refused ? '!' : String(waits || news || '') });
}
