// The claim clock: counts down what the server said, asks for more time while somebody is at work, and says when the
// time runs out. What was typed stays: nothing is drawn anew.
const A_MINUTE = 60_000;
let active = false;
let ends = 0;
let asked = 0;
let warned = false;

const clock = () => document.getElementById('claim');
const say = (text) => { document.getElementById('say').textContent = text; };
const unit = (name, count) => new Intl.NumberFormat(document.documentElement.lang, { style: 'unit', unit: name, unitDisplay: 'long' }).format(count);

function show(element, left) {
  const minutes = Math.round(left / A_MINUTE);
  const words = left < A_MINUTE ? unit('second', Math.ceil(left / 1000)) : unit('minute', minutes);
  const text = element.dataset.left.replace('%', words);
  const shown = document.getElementById('claim-left');
  if (shown.textContent !== text) shown.textContent = text;
  if (left > element.dataset.soon * 1000) warned = false;
  else if (!warned) {
    warned = true;
    say(element.dataset.saySoon);
  }
}

function over(element) {
  element.hidden = true;
  element.removeAttribute('data-seconds');
  document.getElementById('claim-over').hidden = false;
  say(element.dataset.sayOver);
}

async function extend(element) {
  active = false;
  asked = Date.now();
  const answer = await fetch(element.dataset.renew, { method: 'POST', credentials: 'same-origin' }).catch(() => null);
  if (!answer || !element.isConnected) return;
  if (!answer.ok) {
    if (answer.status === 409) over(element);
    return;
  }
  const until = new Date((await answer.json()).claimed_until);
  ends = Date.now() + (until - new Date(answer.headers.get('date') ?? Date.now()));
  const { zone } = element.dataset;
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone };
  const shown = document.getElementById('claim-until');
  const suffix = shown.textContent.replace(/^\S+/, '');
  shown.textContent = new Intl.DateTimeFormat(document.documentElement.lang === 'id' ? 'id' : 'en-GB', time).format(until) + suffix;
}

function tick() {
  const element = clock();
  if (!element?.dataset.seconds) return;
  const left = ends - Date.now();
  if (left <= 0) over(element);
  else {
    show(element, left);
    if (active && Date.now() - asked > Math.min(A_MINUTE, element.dataset.seconds * 250)) extend(element);
  }
}

function start() {
  const element = clock();
  if (!element) return;
  ends = Date.now() + element.dataset.seconds * 1000;
  asked = Date.now();
  active = warned = false;
}

for (const name of ['keydown', 'pointerdown', 'pointermove', 'input', 'scroll']) {
  document.addEventListener(name, () => { active = true; }, { passive: true, capture: true });
}
document.addEventListener('swapped', start);
start();
setInterval(tick, 1000);
