// Talking to Netra: every answer is a value or a Refusal that says what happened.
import { settings } from './settings.js';

const PATIENCE = 60_000;

export class Refusal extends Error {
  // `status` 0: no answer came. `key` names our own words for it, `detail` is what the server said, `wait` the seconds
  // for which it asked.
  constructor(status, key, detail = '', wait = 0) {
    super(detail || key);
    Object.assign(this, { status, key, detail, wait });
  }

  // Whether the same bytes may be taken later: the network, the server or its disk was the reason, or the token.
  get passes() {
    return this.status === 0 || this.status >= 500 || [401, 403, 408, 429].includes(this.status);
  }
}

const OWN_WORDS = { 401: 'problem_token', 403: 'problem_allowed', 413: 'problem_large', 429: 'problem_many', 507: 'problem_full' };

export async function call(path, options = {}) {
  const { server, token } = await settings();
  if (!server || !token) throw new Refusal(0, 'problem_unset');
  let answer;
  try {
    answer = await fetch(new URL(path, server), {
      ...options,
      headers: { ...options.headers, Authorization: `Bearer ${token}` },
      credentials: 'omit',
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    throw new Refusal(0, 'problem_away');
  }
  const body = await answer.json().catch(() => null);
  if (answer.ok && body) return body;
  throw new Refusal(answer.status, OWN_WORDS[answer.status] ?? 'problem_other', body?.detail ?? '', Number(answer.headers.get('Retry-After')) || 0);
}

const FIELDS = [
  'contest', 'platform', 'url', 'handle', 'subject_type', 'agency', 'act_date', 'known_date', 'capture_method',
  'page_title', 'captured_at', 'posted_at', 'note', 'sha256', 'text_sha256',
];

// Hand one post in; what `text` and `evidence` hold travels as bytes, because forms rewrite the ends of lines.
export function handIn(item) {
  const form = new FormData();
  for (const name of FIELDS) if (item.fields[name]) form.append(name, item.fields[name]);
  for (const name of ['text', 'evidence']) if (item.fields[name]) form.append(name, new Blob([item.fields[name]]));
  if (item.picture) form.append('images', item.picture, 'picture');
  return call('api/v1/submissions', { method: 'POST', body: form, headers: { 'Idempotency-Key': item.id } });
}

export const recheck = ({ submission, status, at }) =>
  call(`api/v1/submissions/${submission}/rechecks`, {
    method: 'POST',
    body: JSON.stringify({ status, at }),
    headers: { 'Content-Type': 'application/json' },
  });

export const whoAmI = () => call('api/v1/session');
export const submission = (id) => call(`api/v1/submissions/${id}`);

export async function openContests() {
  const found = [];
  let after = '';
  do {
    const page = await call(`api/v1/contests?limit=200${after && `&after=${encodeURIComponent(after)}`}`);
    found.push(...page.items.filter((contest) => !contest.closed_at));
    after = page.next ?? '';
  } while (after);
  return found.map(({ id, name, region_name, timezone }) => ({ id, name, region_name, timezone }));
}

// What people are told: queued, flagged, nothing, confirmed, dismissed, closed or failed.
export function statusOf({ state, flag }) {
  if (state === 'queued' || state === 'failed') return state;
  if (!flag) return 'nothing';
  return ['confirmed', 'dismissed', 'closed'].includes(flag.state) ? flag.state : 'flagged';
}
