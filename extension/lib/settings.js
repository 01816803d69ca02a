// What the person set, and what they chose last; kept by the browser, never sent anywhere but to the chosen server.
import { api } from './api.js';

const DEFAULTS = { server: '', token: '', language: '' };
const LAST = { contest: '', subject_type: 'unknown', agency: '' };

let baked;

// An office may build the extension for its own server (scripts/build_extension --server).
async function builtFor() {
  baked ??= fetch(api.runtime.getURL('built_for.json')).then((answer) => answer.json(), () => ({}));
  return baked;
}

export async function settings() {
  const { server = '' } = await builtFor();
  return api.storage.local.get({ ...DEFAULTS, server });
}

export const saveSettings = (changed) => api.storage.local.set(changed);

export async function lastChoices() {
  const { last } = await api.storage.local.get({ last: LAST });
  return { ...LAST, ...last };
}

export const rememberChoices = ({ contest, subject_type, agency }) =>
  api.storage.local.set({ last: { contest, subject_type, agency } });

// The address with a slash at its end; null unless it is https, or http on the machine itself.
export function serverAddress(text) {
  try {
    const url = new URL(text.trim());
    const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local)) return null;
    if (url.username || url.password || url.search || url.hash) return null;
    return url.href.endsWith('/') ? url.href : `${url.href}/`;
  } catch {
    return null;
  }
}

// The pattern of the permission for a site; ports are no part of patterns.
export function originOf(address) {
  const { protocol, hostname } = new URL(address);
  return `${protocol}//${hostname}/*`;
}

export const mayReach = (address) => api.permissions.contains({ origins: [originOf(address)] });
