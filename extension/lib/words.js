// The words of the pages, from _locales: in the language that was chosen, else in the browser's, Indonesian at last.
import { api } from './api.js';
import { settings } from './settings.js';

const LANGUAGES = ['id', 'en'];

export async function words() {
  const chosen = (await settings()).language || api.i18n.getUILanguage().split('-')[0];
  const language = LANGUAGES.includes(chosen) ? chosen : LANGUAGES[0];
  const answer = await fetch(api.runtime.getURL(`_locales/${language}/messages.json`));
  const messages = await answer.json();
  const t = (key, ...values) => {
    const message = messages[key]?.message;
    if (message === undefined) throw new Error(`no words for ${key}`);
    return message.replace(/\$(\d)/g, (_, n) => values[n - 1] ?? '');
  };
  t.language = language;
  t.moment = (value) => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(value));
  // What the server says comes in both languages: "Indonesian / English".
  t.ofBoth = (detail) => {
    const parts = detail.split(' / ');
    return parts.length === 2 ? parts[LANGUAGES.indexOf(language)] : detail;
  };
  // What went wrong, in our words and the server's, and until when it wants to be left alone.
  t.problem = ({ key, detail, until }) => {
    const parts = [t(key), detail && t.ofBoth(detail), until && Date.now() < Date.parse(until) && t('problem_until', t.moment(until))];
    return parts.filter(Boolean).map((part) => (/[.:!?…]$/.test(part) ? part : `${part}.`)).join(' ');
  };
  return t;
}

// Fill the elements that carry data-t (text) or data-label (accessible name).
export async function dress(root = document) {
  const t = await words();
  document.documentElement.lang = t.language;
  for (const element of root.querySelectorAll('[data-t]')) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll('[data-label]')) element.setAttribute('aria-label', t(element.dataset.label));
  return t;
}
