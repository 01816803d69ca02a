// Talking to Netra: every answer is a value or a Refusal that says what happened.
import { mayReach, settings } from './settings.js';

const PATIENCE = 30_000, PATIENCE_WITH_PICTURES = 240_000; // 20 MB on a line of 1 Mbit/s take 160 s
const PASSES = [401, 403, 408, 429];

export class Refusal extends Error {
  // `status` 0: no answer came. `key` names our own words for it, `detail` is what the server said, `wait` the seconds
  // for which it asked, `final` whether the same bytes can never be taken.
  constructor({ status = 0, key, detail = '', wait = 0, final = false }) {
    super(detail || key);
    Object.assign(this, { status, key, detail, wait, final });
  }
}

const OWN_WORDS = { 401: 'problem_token', 403: 'problem_allowed', 413: 'problem_large', 429: 'problem_many', 507: 'problem_full' };

async function call(path, options = {}, patience = PATIENCE) {
  const { server, token } = await settings();
  if (!server || !token) throw new Refusal({ key: 'problem_unset' });
  let answer;
  try {
    answer = await fetch(new URL(path, server), {
      ...options,
      headers: { ...options.headers, Authorization: `Bearer ${token}` },
      credentials: 'omit',
      redirect: 'error',
      signal: AbortSignal.timeout(patience),
    });
  } catch {
    throw new Refusal({ key: (await mayReach(server)) ? 'problem_away' : 'problem_access' });
  }
  const body = await answer.json().catch(() => null);
  if (answer.ok && body) return body;
  throw refusalOf(answer, body);
}

// Only Netra itself can say that something will never be taken: a proxy in between, or a portal that wants a password
// first, says nothing of the kind. A proxy's limit of size is one.
function refusalOf({ ok, status, headers }, body) {
  if (ok) return new Refusal({ key: 'problem_odd' });
  const own = String(body?.type ?? '').startsWith('urn:netra:problem:');
  const final = status === 413 || (own && status < 500 && !PASSES.includes(status));
  const detail = own ? String(body.detail ?? '') : '';
  const key = OWN_WORDS[status] ?? (own ? 'problem_other' : status < 500 ? 'problem_odd' : 'problem_away');
  return new Refusal({ status, key, detail, wait: secondsOf(headers.get('Retry-After')), final });
}

// Retry-After: seconds or a date.
function secondsOf(asked) {
  if (!asked) return 0;
  return Number.isNaN(Number(asked)) ? (Date.parse(asked) - Date.now()) / 1000 || 0 : Number(asked);
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
  const options = { method: 'POST', body: form, headers: { 'Idempotency-Key': item.id } };
  return call('api/v1/submissions', options, item.picture ? PATIENCE_WITH_PICTURES : PATIENCE);
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
