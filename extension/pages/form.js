// The form before sending: what was captured and how, what the person adds, and what the server answered.
import { api } from '../lib/api.js';
import { partOf } from '../lib/bytes.js';
import { original, setPicture, textSum } from '../lib/capture.js';
import { ask } from '../lib/ask.js';
import { contests, knownContests } from '../lib/contests.js';
import { dayIn } from '../lib/moments.js';
import { lastChoices, originOf, rememberChoices } from '../lib/settings.js';
import { change, find, isOpen, remove } from '../lib/store.js';
import { dress } from '../lib/words.js';
import { areaOf, startChoosing } from './area.js';

const SUBJECTS = ['unknown', 'pns', 'pppk', 'ppnpn', 'tni', 'polri', 'kades', 'lurah_camat', 'pejabat', 'penyelenggara'];
const TYPED = ['contest', 'act_date', 'subject_type', 'agency', 'handle', 'text', 'note'];
const IN_OPTIONS = ['problem_unset', 'problem_token', 'problem_allowed', 'problem_access'];
const $ = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const t = await dress();
const draft = await find(query.get('id') ?? '');
let whole = null;
let shown = '';
let known = [], lastContest = '', actDay = '';

function option(value, text) {
  return Object.assign(document.createElement('option'), { value, textContent: text });
}

function say(text) {
  $('said').textContent = text;
  $('said').hidden = !text;
  if (text) $('said').focus();
}

function showPicture() {
  const { capture_method: method } = draft.fields;
  $('method').textContent = t(`method_${method || 'none'}`);
  $('why').textContent = draft.why ? t(draft.why) : '';
  $('picture').hidden = !draft.picture;
  URL.revokeObjectURL(shown);
  if (draft.picture) shown = $('image').src = URL.createObjectURL(draft.picture);
  $('image').alt = t('picture_alt', $('method').textContent);
  $('text').required = !draft.picture;
  $('fetch').hidden = !(draft.source && method !== 'original_bytes');
  $('choose').hidden = method !== 'tab_screenshot' || !draft.picture;
  $('whole').hidden = method !== 'area_screenshot' || !whole;
}

function showFacts() {
  const { url, page_title, posted_at, captured_at, evidence = '' } = draft.fields;
  const rows = [['address', url], ['page_title', page_title], ['posted_at', posted_at], ['captured_at', `${t.moment(captured_at)} (${captured_at.slice(-6)})`]];
  if (evidence) rows.push(['evidence', t('characters', new Intl.NumberFormat(t.language).format(evidence.length))]);
  const cells = rows.filter(([, value]) => value).flatMap(([key, value]) => [
    Object.assign(document.createElement('dt'), { textContent: t(key) }),
    Object.assign(document.createElement('dd'), { textContent: value }),
  ]);
  $('facts').replaceChildren(...cells);
}

function zoneOf(id) {
  return known.find((one) => one.id === id)?.timezone ?? '';
}

function fillIn(last) {
  $('subject_type').replaceChildren(...SUBJECTS.map((code) => option(code, t(`subject_${code}`))));
  const given = { ...last, ...draft.fields };
  for (const name of TYPED) $(name).value = given[name] ?? '';
  lastContest = given.contest ?? '';
}

// The contests to choose from, and the day of the act on the clock of the chosen one, unless another was entered.
function showContests(found) {
  const chosen = $('contest').value || lastContest;
  known = found;
  $('contest').replaceChildren(option('', t('choose')), ...known.map(({ id, name }) => option(id, name)));
  $('contest').value = known.some(({ id }) => id === chosen) ? chosen : '';
  if (known.length === 1) $('contest').value ||= known[0].id;
  if (!/^\d{4}-\d\d-\d\d/.test(draft.fields.posted_at ?? '') || $('act_date').value !== actDay) return;
  $('act_date').value = actDay = dayIn(zoneOf($('contest').value), draft.fields.posted_at);
}

// What was captured and typed, with `more`, into the store. Where another window has sent or discarded the same capture
// meanwhile, that stands and is shown instead. False where it could not be kept.
async function keep(more = {}) {
  for (const name of TYPED) draft.fields[name] = $(name).value.trim();
  draft.fields.text = $('text').value;
  const { fields, picture, why } = draft;
  try {
    const kept = await change(draft.id, (item) => (isOpen(item) ? { fields, picture, why, ...more } : null));
    if (!kept) showOutcome(await find(draft.id));
    return Boolean(kept);
  } catch {
    say(t('browser_full'));
    return false;
  }
}

// Access to the image's site is asked for here, where one sees what for; the request must come first in the click.
async function fetchOriginal() {
  const granted = await api.permissions.request({ origins: [originOf(draft.source)] });
  whole ??= draft.picture;
  if (granted) await original(draft);
  else draft.why = 'why_refused';
  await keep();
  showPicture();
  ($('fetch').hidden ? $('contest') : $('fetch')).focus();
}

async function useArea() {
  whole ??= draft.picture;
  await setPicture(draft, await partOf(draft.picture, areaOf()), 'area_screenshot');
  await keep();
  stopChoosing();
}

async function useWhole() {
  await setPicture(draft, whole, 'tab_screenshot');
  await keep();
  showPicture();
  $('choose').focus();
}

function choose() {
  startChoosing();
  $('choose').hidden = true;
  $('use').hidden = $('four').hidden = false;
  $('left').focus();
}

function stopChoosing() {
  startChoosing(false);
  $('use').hidden = $('four').hidden = true;
  showPicture();
  $('whole').focus();
}

async function send(event) {
  event.preventDefault();
  const { fields } = draft;
  fields.text = $('text').value;
  fields.known_date = dayIn(zoneOf($('contest').value), draft.at);
  if ($('act_date').value > fields.known_date) fields.known_date = '';
  fields.text_sha256 = fields.text ? await textSum(fields.text) : '';
  if (!(await keep({ state: 'waiting', problem: null }))) return;
  await rememberChoices(fields);
  showOutcome({ ...draft, state: 'sending' });
  await ask('deliver');
  showOutcome(await find(draft.id));
}

// What became of it; while it is under way the form may be closed.
function showOutcome(item) {
  const { state, problem } = item ?? { state: 'gone' };
  const told = problem && state !== 'sending' ? t.problem(problem) : '';
  $('form').hidden = true;
  $('after').hidden = false;
  $('edit').hidden = state !== 'refused';
  $('options').hidden = !IN_OPTIONS.includes(problem?.key);
  document.body.dataset.outcome = state;
  say(state === 'gone' ? t('draft_gone') : `${t(`outcome_${state}`)} ${told}`.trim());
}

function edit() {
  $('form').hidden = false;
  $('after').hidden = true;
  say('');
  $('contest').focus();
}

async function discard() {
  await remove(draft.id);
  await ask('badge');
  close();
}

$('lost').hidden = Boolean(draft);
$('lost').textContent = t(query.has('full') ? 'browser_full' : 'draft_gone');
if (draft && !isOpen(draft)) showOutcome(draft);
else if (draft) {
  fillIn(await lastChoices());
  showContests(await knownContests());
  showFacts();
  showPicture();
  $('form').hidden = false;
  if (query.has('area') && draft.fields.capture_method === 'tab_screenshot' && draft.picture) choose();
  contests().then((found) => { // without a network this takes its time: the form is there
    showContests(found);
    if (!found.length && !$('form').hidden) say(t('no_contests'));
  });
}
$('form').addEventListener('submit', send);
$('form').addEventListener('change', () => keep());
$('fetch').addEventListener('click', fetchOriginal);
$('choose').addEventListener('click', choose);
$('use').addEventListener('click', useArea);
$('whole').addEventListener('click', useWhole);
$('discard').addEventListener('click', discard);
$('edit').addEventListener('click', edit);
$('close').addEventListener('click', () => close());
$('options').addEventListener('click', () => api.runtime.openOptionsPage());
document.body.dataset.ready = 'yes';
