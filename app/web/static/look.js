// Looking closely: zoom and pan within the picture's viewBox, greyscale and boxes, one registered photo after the other.
// Without JavaScript there is a link to the full picture, and the registered photos are a strip that scrolls.
const MOST = 16, STEP = 1.5, PAN = 0.15, NEAR = 4;
const homes = new WeakMap();
const stage = () => document.querySelector('svg.stage');
const numbers = (svg) => svg.getAttribute('viewBox').split(/\s+/).map(Number);
const within = (value, low, high) => Math.min(Math.max(value, low), high);

// -- zoom and pan
function home(svg) {
  if (!homes.has(svg)) homes.set(svg, numbers(svg));
  return homes.get(svg);
}

function show(svg, x, y, factor) {
  const [, , width, height] = home(svg);
  const zoom = within(factor, 1, MOST);
  const [w, h] = [width / zoom, height / zoom];
  svg.setAttribute('viewBox', [within(x, 0, width - w), within(y, 0, height - h), w, h].map((n) => +n.toFixed(2)).join(' '));
  svg.dataset.level = String(Math.round(Math.log2(zoom)));
  svg.classList.toggle('zoomed', zoom > 1);
  const output = document.querySelector('[data-factor]');
  if (output) output.textContent = new Intl.NumberFormat(document.documentElement.lang, { style: 'percent' }).format(zoom);
}

const factorOf = (svg) => home(svg)[2] / numbers(svg)[2];

// `at`: the share of the width and height that stays where it is.
function zoomBy(svg, by, at = [0.5, 0.5]) {
  const before = factorOf(svg);
  const [x, y, w, h] = numbers(svg);
  const after = within(before * by, 1, MOST);
  show(svg, x + at[0] * (w - home(svg)[2] / after), y + at[1] * (h - home(svg)[3] / after), after);
}

function panBy(svg, right, down) {
  const [x, y, w, h] = numbers(svg);
  show(svg, x + right * w, y + down * h, factorOf(svg));
}

// The share of the shown part under a pointer; the picture stands in the middle of its room.
function share(svg, event) {
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  const [x, y, w, h] = numbers(svg);
  return [within((point.x - x) / w, 0, 1), within((point.y - y) / h, 0, 1)];
}

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('[data-zoom]');
  const svg = button && stage();
  if (!svg) return;
  if (button.dataset.zoom === 'fit') show(svg, 0, 0, 1);
  else zoomBy(svg, button.dataset.zoom === 'in' ? STEP : 1 / STEP);
});

document.addEventListener('wheel', (event) => {
  const svg = event.ctrlKey && event.target.closest?.('svg.stage');
  if (!svg) return;
  event.preventDefault();
  zoomBy(svg, Math.exp(-event.deltaY / 300), share(svg, event));
}, { passive: false });

document.addEventListener('dblclick', (event) => {
  const svg = event.target.closest?.('svg.stage');
  if (!svg) return;
  event.preventDefault();
  if (factorOf(svg) >= MOST / 2) show(svg, 0, 0, 1);
  else zoomBy(svg, 2, share(svg, event));
});

const ARROWS = { ArrowLeft: [-PAN, 0], ArrowRight: [PAN, 0], ArrowUp: [0, -PAN], ArrowDown: [0, PAN] };
document.addEventListener('keydown', (event) => {
  const svg = event.target.closest?.('svg.stage');
  if (!svg || !ARROWS[event.key] || factorOf(svg) === 1 || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  panBy(svg, ...ARROWS[event.key]);
});

// Dragging with one finger or the mouse, pinching with two.
const held = new Map();
let dragged = 0;
document.addEventListener('pointerdown', (event) => {
  const svg = event.target.closest?.('svg.stage');
  if (!svg || event.button !== 0) return;
  if (held.size === 0) dragged = 0;
  held.set(event.pointerId, [event.clientX, event.clientY]);
});
document.addEventListener('pointermove', (event) => {
  const svg = held.has(event.pointerId) && stage();
  if (!svg) return;
  const [oldX, oldY] = held.get(event.pointerId);
  const spread = () => {
    const [a, b] = [...held.values()];
    return Math.hypot(a[0] - b[0], a[1] - b[1]);
  };
  const before = held.size === 2 && spread();
  held.set(event.pointerId, [event.clientX, event.clientY]);
  dragged += Math.hypot(event.clientX - oldX, event.clientY - oldY);
  if (before) return zoomBy(svg, spread() / before, share(svg, event));
  if (dragged < NEAR || factorOf(svg) === 1) return;
  const scale = svg.getScreenCTM().a;
  const [x, y] = numbers(svg);
  show(svg, x - (event.clientX - oldX) / scale, y - (event.clientY - oldY) / scale, factorOf(svg));
});
for (const name of ['pointerup', 'pointercancel']) document.addEventListener(name, (event) => held.delete(event.pointerId));
document.addEventListener('dragstart', (event) => event.target.closest?.('svg.stage') && event.preventDefault());
document.addEventListener('click', (event) => {
  if (dragged < NEAR || !event.target.closest?.('svg.stage')) return;
  event.preventDefault(); // the end of a drag opens no mark
  dragged = 0;
}, true);

// -- greyscale and boxes: shown at once, remembered by the form they stand in
const CLASSES = { grey: ['grey', true], boxes: ['bare', false] };
document.addEventListener('submit', (event) => {
  const button = event.submitter;
  if (!event.target.matches('[data-looks]') || !button?.dataset.look) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(event.target, button));
  const on = button.value === 'nyala';
  const [name, wanted] = CLASSES[button.dataset.look];
  document.querySelector('.review')?.classList.toggle(name, on === wanted);
  button.setAttribute('aria-pressed', String(on));
  button.value = on ? 'mati' : 'nyala';
  fetch(event.target.getAttribute('action'), { method: 'POST', body, redirect: 'manual', keepalive: true }).catch(() => {});
});

// -- the registered photos, one beside the found face
const photoAt = (strip) => Math.round(strip.scrollLeft / Math.max(strip.clientWidth, 1));
function turn(faces, to) {
  const strip = faces.querySelector('.refs');
  const count = strip.children.length;
  strip.scrollTo({ left: ((to + count) % count) * strip.clientWidth, behavior: 'instant' });
}
document.addEventListener('click', (event) => {
  const button = event.target.closest?.('[data-turn]');
  const thumb = event.target.closest?.('.thumbs a');
  const faces = (button ?? thumb)?.closest('[data-faces]');
  if (!faces) return;
  event.preventDefault();
  const at = thumb ? [...faces.querySelectorAll('.thumbs a')].indexOf(thumb) : null;
  turn(faces, at ?? photoAt(faces.querySelector('.refs')) + Number(button.dataset.turn));
});
document.addEventListener('scroll', (event) => {
  const strip = event.target.matches?.('.refs') && event.target;
  if (!strip) return;
  const at = photoAt(strip);
  strip.closest('[data-faces]').querySelectorAll('.thumbs a').forEach((thumb, number) => {
    if (number === at) thumb.setAttribute('aria-current', 'true');
    else thumb.removeAttribute('aria-current');
  });
  const caption = strip.children[at]?.querySelector('figcaption')?.textContent;
  const say = document.getElementById('say');
  if (caption && say.textContent !== caption) say.textContent = caption;
}, true);

// -- a finding in a closed list is shown when something leads to it
document.addEventListener('click', (event) => {
  const id = event.target.closest?.('a[href^="#"]')?.getAttribute('href').slice(1);
  const folded = id && document.getElementById(id)?.closest('details:not([open])');
  if (folded) folded.open = true;
}, true);

// -- the link to the content takes the focus along: Chromium would leave it at the beginning
document.addEventListener('click', (event) => {
  if (!event.target.closest?.('a.skip')) return;
  event.preventDefault();
  document.getElementById('main').focus();
});

function begin() {
  for (const element of document.querySelectorAll('[data-zooms], [data-turn]')) element.hidden = false;
  stage()?.setAttribute('tabindex', '0');
  const arrived = document.querySelector('[data-arrive]');
  arrived?.scrollIntoView({ block: 'start' });
  arrived?.focus({ preventScroll: true });
}
document.addEventListener('swapped', begin);
begin();
