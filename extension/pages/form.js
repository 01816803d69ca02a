// The form before sending: what was captured and how, what the person adds, and what the server answered.
import { api } from '../lib/api.js';
import { partOf } from '../lib/bytes.js';
import { original, setPicture, textSum } from '../lib/capture.js';
import { contests } from '../lib/contests.js';
import { dayIn } from '../lib/moments.js';
import { lastChoices, originOf, rememberChoices } from '../lib/settings.js';
import { find, put, remove } from '../lib/store.js';
import { dress } from '../lib/words.js';
import { areaOf, startChoosing } from './area.js';

const SUBJECTS = ['unknown', 'pns', 'pppk', 'ppnpn', 'tni', 'polri', 'kades', 'lurah_camat', 'pejabat', 'penyelenggara'];
const TYPED = ['contest', 'act_date', 'subject_type', 'agency', 'handle', 'text', 'note'];
const $ = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const t = await dress();
let draft = await find(query.get('id') ?? '');
let whole = null;
let shown = '';
let known = [];

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
  $('method').textContent = t(`method_${method}`);
  $('why').textContent = draft.why ? t(draft.why) : '';
  $('picture').hidden = !draft.picture;
  URL.revokeObjectURL(shown);
  if (draft.picture) shown = $('image').src = URL.createObjectURL(draft.picture);
  $('image').alt = t('picture_alt', t(`method_${method}`));
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
  $('contest').replaceChildren(option('', t('choose')), ...known.map(({ id, name }) => option(id, name)));
  $('subject_type').replaceChildren(...SUBJECTS.map((code) => option(code, t(`subject_${code}`))));
  const given = { ...last, ...draft.fields };
  for (const name of TYPED) $(name).value = given[name] ?? '';
  if (known.length === 1) $('contest').value ||= known[0].id;
  const dated = /^\d{4}-\d\d-\d\d/.test(draft.fields.posted_at ?? '');
  if (!$('act_date').value && dated) $('act_date').value = dayIn(zoneOf($('contest').value), draft.fields.posted_at);
  if (!known.length) say(t('no_contests'));
}

async function keepTyped() {
  for (const name of TYPED) draft.fields[name] = $(name).value.trim();
  draft.fields.text = $('text').value;
  await put(draft);
}

// Access to the image's site is asked for here, where one sees what for; the request must come first in the click.
async function fetchOriginal() {
  const granted = await api.permissions.request({ origins: [originOf(draft.source)] });
  whole ??= draft.picture;
  if (granted) await original(draft);
  else draft.why = 'why_refused';
  await put(draft);
  showPicture();
}

async function useArea() {
  whole ??= draft.picture;
  await setPicture(draft, await partOf(draft.picture, areaOf()), 'area_screenshot');
  await put(draft);
  stopChoosing();
}

async function useWhole() {
  await setPicture(draft, whole, 'tab_screenshot');
  await put(draft);
  showPicture();
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
}

async function send(event) {
  event.preventDefault();
  $('send').disabled = true;
  await keepTyped();
  const { fields } = draft;
  fields.known_date = dayIn(zoneOf(fields.contest), draft.at);
  if (fields.act_date > fields.known_date) fields.known_date = '';
  fields.text_sha256 = fields.text ? await textSum(fields.text) : '';
  Object.assign(draft, { state: 'waiting', problem: null });
  await put(draft);
  await rememberChoices(fields);
  await api.runtime.sendMessage({ act: 'deliver' });
  $('send').disabled = false;
  showOutcome(await find(draft.id));
}

function showOutcome(item) {
  draft = item;
  const { state, problem } = item;
  const told = problem ? `${t(problem.key)} ${problem.detail ? t.ofBoth(problem.detail) : ''}`.trim() : '';
  const texts = { sent: t('outcome_sent'), waiting: `${t('outcome_waiting')} ${told}`, refused: `${t('outcome_refused')} ${told}` };
  $('form').hidden = true;
  $('after').hidden = false;
  $('edit').hidden = state !== 'refused';
  $('options').hidden = !['problem_unset', 'problem_token', 'problem_allowed'].includes(problem?.key);
  document.body.dataset.outcome = state;
  say(texts[state].trim());
}

function edit() {
  $('form').hidden = false;
  $('after').hidden = true;
  say('');
  $('contest').focus();
}

async function discard() {
  await remove(draft.id);
  await api.runtime.sendMessage({ act: 'badge' });
  close();
}

$('lost').hidden = Boolean(draft);
if (draft) {
  const last = await lastChoices();
  known = await contests();
  fillIn(last);
  showFacts();
  showPicture();
  $('form').hidden = false;
  if (query.has('area') && draft.fields.capture_method === 'tab_screenshot' && draft.picture) choose();
}
$('form').addEventListener('submit', send);
$('form').addEventListener('change', keepTyped);
$('fetch').addEventListener('click', fetchOriginal);
$('choose').addEventListener('click', choose);
$('use').addEventListener('click', useArea);
$('whole').addEventListener('click', useWhole);
$('discard').addEventListener('click', discard);
$('edit').addEventListener('click', edit);
$('close').addEventListener('click', () => close());
$('options').addEventListener('click', () => api.runtime.openOptionsPage());
document.body.dataset.ready = 'yes';
