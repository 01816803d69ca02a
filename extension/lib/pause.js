// A server that is asked too much says for how long it wants to be left alone (Retry-After). Kept by the browser, because
// the worker ends long before; forgotten when the browser is closed.
import { api } from './api.js';

const LONGEST_SECONDS = 900;

// Until when (ISO) nothing is to be sent after this answer; null where it did not ask.
export async function pause({ wait }) {
  if (!(wait > 0)) return null;
  const until = new Date(Date.now() + 1000 * Math.min(wait, LONGEST_SECONDS)).toISOString();
  await api.storage.session.set({ until });
  return until;
}

export async function paused() {
  const { until } = await api.storage.session.get('until');
  return Boolean(until) && Date.now() < Date.parse(until);
}

export const forget = () => api.storage.session.remove('until');
