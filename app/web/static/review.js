// The keyboard, the link between a signal and its box, and the help window. Every act is a plain form or link.
const find = (selector) => document.querySelector(selector);
const typing = (element) => element?.closest?.('input:not([type=hidden]), textarea, select, [contenteditable], dialog');

// Letters act again, and Tab goes on from here: the focus stays in the same part of the page.
function leave(field) {
  const part = field.closest('[tabindex="-1"]');
  if (part) part.focus({ preventScroll: true });
  else field.blur();
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && event.target.matches?.('select, textarea, input')) leave(event.target);
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing(event.target)) return;
  if (find('#page.keys-off')) return;
  const target = find(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches('select, input, textarea')) target.focus();
  else target.click();
  const details = target.matches('summary') && target.parentElement;
  if (!details?.open) return;
  const fields = [...details.querySelectorAll('select, textarea, input:not([type=hidden])')];
  (fields.find((field) => field.checkVisibility()) ?? target).focus();
});

document.addEventListener('click', (event) => {
  const opener = event.target.closest?.('[data-dialog]');
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (!dialog) return;
  event.preventDefault();
  dialog.showModal();
});

const mark = (tag, on) => {
  for (const element of document.querySelectorAll(`[data-tag="${CSS.escape(tag)}"]`)) element.classList.toggle('selected', on);
};
for (const [name, on] of [['pointerover', true], ['pointerout', false], ['focusin', true], ['focusout', false]]) {
  document.addEventListener(name, (event) => {
    const element = event.target.closest?.('[data-tag]');
    if (element) mark(element.dataset.tag, on);
  });
}
