// Choosing an area of the picture: with the pointer, or with four numbers in percent.
const $ = (id) => document.getElementById(id);
const NAMES = ['left', 'top', 'width', 'height'];
const share = (value) => Math.min(Math.max(value, 0), 1);
let from = null;

// {left, top, width, height} as shares of the picture, inside it.
export function areaOf() {
  const [left, top, width, height] = NAMES.map((name) => share(Number($(name).value) / 100));
  return { left, top, width: Math.max(0.01, Math.min(width, 1 - left)), height: Math.max(0.01, Math.min(height, 1 - top)) };
}

function draw() {
  const area = areaOf();
  for (const name of NAMES) $('area').style[name] = `${area[name] * 100}%`;
}

function at(event) {
  const box = $('image').getBoundingClientRect();
  return [share((event.clientX - box.left) / box.width), share((event.clientY - box.top) / box.height)];
}

function set(values) {
  NAMES.forEach((name, index) => { $(name).value = Math.round(values[index] * 100); });
  draw();
}

function down(event) {
  event.preventDefault();
  $('shot').setPointerCapture(event.pointerId);
  from = at(event);
}

function move(event) {
  if (!from) return;
  const [x, y] = at(event);
  set([Math.min(x, from[0]), Math.min(y, from[1]), Math.abs(x - from[0]), Math.abs(y - from[1])]);
}

function up(event) {
  move(event);
  from = null;
}

function cancel() {
  from = null;
}

const HEARD = [['pointerdown', down], ['pointermove', move], ['pointerup', up], ['pointercancel', cancel]];

// Begin, or end with `on` false.
export function startChoosing(on = true) {
  $('shot').classList.toggle('choosing', on);
  $('area').hidden = !on;
  for (const [name, act] of HEARD) $('shot')[on ? 'addEventListener' : 'removeEventListener'](name, act);
  for (const name of NAMES) $(name)[on ? 'addEventListener' : 'removeEventListener']('input', draw);
  if (on) draw();
}
