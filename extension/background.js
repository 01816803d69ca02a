// The service worker: context menus, captures, alarms. It keeps nothing in memory: browsers end it when it idles.
import { api } from './lib/api.js';
import { capture } from './lib/capture.js';
import { connectAnew, deliver, refresh, rung, seen, showBadge } from './lib/delivery.js';
import { words } from './lib/words.js';

const MENUS = [['image', ['image']], ['text', ['selection']], ['page', ['page', 'video']]];

async function showMenus() {
  const t = await words();
  await api.contextMenus.removeAll();
  for (const [id, contexts] of MENUS) api.contextMenus.create({ id, contexts, title: t(`menu_${id}`) });
}

// The form opens beside the page; where there are no windows (phones), in a tab.
async function openForm(query) {
  const url = api.runtime.getURL(`pages/form.html?${query}`);
  try {
    await api.windows.create({ url, type: 'popup', width: 560, height: 860 });
  } catch {
    await api.tabs.create({ url });
  }
}

async function captureOf(tab, of, more = '') {
  const draft = await capture(tab, of).catch(() => null); // only a full disk: what a page refuses is told in the draft
  await openForm(draft ? `id=${draft.id}${more}` : 'full=1');
}

const chosen = ({ menuItemId: kind, srcUrl: src = '', selectionText: selection = '' }, tab) =>
  captureOf(tab, { kind, src, selection });

async function begun() {
  await showMenus();
  await deliver();
  await refresh();
}

api.contextMenus.onClicked.addListener(chosen);
api.alarms.onAlarm.addListener(rung);
api.runtime.onInstalled.addListener(begun);
api.runtime.onStartup.addListener(begun);
api.storage.onChanged.addListener((changed, area) => {
  if (area !== 'local') return;
  if (changed.language) showMenus();
  if (changed.server || changed.token) connectAnew();
});
globalThis.addEventListener('online', deliver);

const ACTS = {
  capture: ({ tab, area }) => captureOf(tab, { kind: 'page' }, area ? '&area=1' : ''),
  deliver,
  refresh: () => refresh(true),
  seen,
  badge: showBadge,
};

api.runtime.onMessage.addListener((message, sender, reply) => {
  const act = sender.id === api.runtime.id && Object.hasOwn(ACTS, message?.act) ? ACTS[message.act] : null;
  if (!act) return false;
  Promise.resolve(act(message)).then(() => reply({ done: true }), (error) => reply({ done: false, error: String(error) }));
  return true;
});
