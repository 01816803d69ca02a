// The service worker: context menus, captures, alarms. It keeps nothing in memory: browsers end it when it idles.
import { api } from './lib/api.js';
import { capture } from './lib/capture.js';
import { deliver, refresh, rung, seen, showBadge } from './lib/delivery.js';
import { words } from './lib/words.js';

const MENUS = [['image', 'image'], ['text', 'selection'], ['page', 'page']];

async function showMenus() {
  const t = await words();
  await api.contextMenus.removeAll();
  for (const [id, context] of MENUS) api.contextMenus.create({ id, contexts: [context], title: t(`menu_${id}`) });
}

// The form opens beside the page; where there are no windows (phones), in a tab.
async function openForm(draft, area = false) {
  const url = api.runtime.getURL(`pages/form.html?id=${draft.id}${area ? '&area=1' : ''}`);
  try {
    await api.windows.create({ url, type: 'popup', width: 560, height: 860 });
  } catch {
    await api.tabs.create({ url });
  }
}

async function chosen(info, tab) {
  const of = { kind: info.menuItemId, src: info.srcUrl ?? '', selection: info.selectionText ?? '' };
  await openForm(await capture(tab, of));
}

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
  if (changed.server || changed.token) deliver();
});
globalThis.addEventListener('online', deliver);

const ACTS = {
  capture: async ({ tab, area }) => { await openForm(await capture(tab, { kind: 'page' }), area); },
  deliver,
  refresh,
  seen,
  badge: showBadge,
};

api.runtime.onMessage.addListener((message, sender, reply) => {
  const act = sender.id === api.runtime.id && Object.hasOwn(ACTS, message?.act) ? ACTS[message.act] : null;
  if (!act) return false;
  Promise.resolve(act(message)).then(() => reply({ done: true }), (error) => reply({ done: false, error: String(error) }));
  return true;
});
