// The options: server, token, language, and whether the connection works.
import { api } from '../lib/api.js';
import { contests } from '../lib/contests.js';
import { Refusal, whoAmI } from '../lib/server.js';
import { originOf, saveSettings, serverAddress, settings } from '../lib/settings.js';
import { dress } from '../lib/words.js';

const $ = (id) => document.getElementById(id);
let t = await dress();

function say(text) {
  $('said').textContent = text;
  $('said').hidden = false;
  $('said').focus();
}

async function show() {
  const { server, token, language } = await settings();
  Object.assign($('server'), { value: server });
  Object.assign($('token'), { value: token });
  Object.assign($('language'), { value: language });
}

// The browser's question for access to the server must be the first thing that follows the click.
async function save() {
  const server = serverAddress($('server').value);
  if (!server) {
    say(t('server_wrong'));
    return false;
  }
  const granted = await api.permissions.request({ origins: [originOf(server)] });
  await saveSettings({ server, token: $('token').value.trim(), language: $('language').value });
  t = await dress();
  $('server').value = server;
  say(t(granted ? 'saved' : 'access_refused'));
  return granted;
}

async function test() {
  if (!(await save())) return;
  try {
    const who = await whoAmI();
    const found = await contests();
    const may = who.acts.includes('submission.create');
    say(may ? t('test_works', who.name, String(found.length)) : t('test_may_not', who.name));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say(t.problem(error));
  }
}

$('form').addEventListener('submit', (event) => {
  event.preventDefault();
  save();
});
$('test').addEventListener('click', test);
await show();
document.body.dataset.ready = 'yes';
