// One capture: what the page says of the post, and the picture as original bytes or, where the browser does not allow
// that, as a screenshot of the visible tab. `capture_method` always says which of them it is (nothing: there is no
// picture), `why` why it is no original.
import { api } from './api.js';
import { formatOf, sha256 } from './bytes.js';
import { withZone } from './moments.js';
import { mayReach } from './settings.js';
import { put } from './store.js';

const READERS = ['page/fields.js', 'page/adapters.js', 'page/generic.js', 'page/read.js'];
const LONGEST_TEXT = 10_000;

// Make a draft of what was clicked. `of`: {kind: image, text or page, src, selection}.
export async function capture(tab, of) {
  const at = new Date();
  const page = await readPage(tab, of);
  const draft = {
    id: crypto.randomUUID(),
    kind: 'post',
    state: 'draft',
    at: at.toISOString(),
    source: of.kind === 'image' && /^https?:/.test(of.src ?? '') ? of.src : '',
    picture: null,
    why: '',
    fields: {
      ...page,
      url: page.url || (/^https?:/.test(tab.url ?? '') ? tab.url : ''),
      page_title: (tab.title || page.page_title || '').slice(0, 500),
      captured_at: withZone(at),
    },
  };
  if (of.kind === 'text') Object.assign(draft.fields, selected(page.selection || of.selection || ''));
  else if (of.kind === 'image') await addImage(draft, tab, of.src);
  else await addScreenshot(draft, tab, '');
  delete draft.fields.selection;
  await put(draft);
  return draft;
}

const selected = (text) => ({ capture_method: 'selected_text', text: text.slice(0, LONGEST_TEXT) });

// What the adapters read in the page; nothing of it where the page may not be read (a PDF, the browser's own pages).
async function readPage(tab, { src, kind }) {
  try {
    await api.scripting.executeScript({ target: { tabId: tab.id }, files: READERS });
    const [{ result }] = await api.scripting.executeScript({
      target: { tabId: tab.id },
      func: (hint) => globalThis.netraRead(document, new URL(location.href), hint),
      args: [{ src: src ?? '', selection: kind === 'text' }],
    });
    return result ?? {};
  } catch {
    return {};
  }
}

async function addImage(draft, tab, src) {
  const blob = (await fromPage(tab, src)) ?? (await fromWorker(src));
  const type = blob ? await formatOf(blob) : '';
  if (type) await setPicture(draft, new Blob([blob], { type }), 'original_bytes');
  else await addScreenshot(draft, tab, blob ? 'why_format' : await whyNone(draft));
}

// Why no bytes came: their site needs a permission that was not given, or has nothing there.
const whyNone = async ({ source }) => (source && !(await mayReach(source)) ? 'why_denied' : 'why_gone');

// In the page, under activeTab: its own images, those that allow it (CORS), blob: and data: addresses.
async function fromPage(tab, src) {
  try {
    const [{ result }] = await api.scripting.executeScript({
      target: { tabId: tab.id },
      func: async (address) => {
        const answer = await fetch(address);
        if (!answer.ok) return null;
        const blob = await answer.blob();
        return await new Promise((resolve, reject) => {
          const reader = new FileReader();
          reader.onload = () => resolve(reader.result);
          reader.onerror = () => reject(reader.error);
          reader.readAsDataURL(blob);
        });
      },
      args: [src],
    });
    return result ? await (await fetch(result)).blob() : null;
  } catch {
    return null;
  }
}

// From the extension itself, where the person has given access to the image's site.
async function fromWorker(src) {
  try {
    if (!/^https?:/.test(src) || !(await mayReach(src))) return null;
    const answer = await fetch(src, { credentials: 'omit' });
    return answer.ok ? await answer.blob() : null;
  } catch {
    return null;
  }
}

async function addScreenshot(draft, tab, why) {
  draft.why = why;
  draft.fields.capture_method = '';
  try {
    if (!(await api.tabs.get(tab.id)).active) throw new Error('another tab is in front');
    const address = await api.tabs.captureVisibleTab(tab.windowId, { format: 'png' });
    await setPicture(draft, await (await fetch(address)).blob(), 'tab_screenshot');
  } catch {
    draft.why = 'why_no_shot';
  }
}

// After the person gave access: the original instead of the screenshot. False where it still cannot be had.
export async function original(draft) {
  const blob = await fromWorker(draft.source);
  const type = blob ? await formatOf(blob) : '';
  if (type) await setPicture(draft, new Blob([blob], { type }), 'original_bytes');
  draft.why = type ? '' : blob ? 'why_format' : await whyNone(draft);
  return Boolean(type);
}

export async function setPicture(draft, blob, method) {
  draft.picture = blob;
  draft.fields.capture_method = method;
  draft.fields.sha256 = await sha256(blob);
}

export const textSum = (text) => sha256(new Blob([text]));
