// Small comforts of the long forms: what was chosen, and a page that looks again while something is being screened.
const size = (bytes, language) =>
  new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(bytes / 1048576) + ' MB';

document.addEventListener('change', (event) => {
  const input = event.target.closest?.('input[type=file][data-list]');
  const list = input && document.getElementById(input.dataset.list);
  if (!list) return;
  list.replaceChildren(
    ...[...input.files].map((file) => {
      const item = document.createElement('li');
      item.textContent = `${file.name} · ${size(file.size, document.documentElement.lang)}`;
      return item;
    }),
  );
});

document.addEventListener('input', (event) => {
  const area = event.target.closest?.('textarea[data-count]');
  const output = area && document.getElementById(area.dataset.count);
  if (output) output.textContent = new Intl.NumberFormat(document.documentElement.lang).format([...area.value].length);
});

// A select may replace a form's own button: the roster of one contest, the state of the queue.
document.addEventListener('change', (event) => {
  if (event.target.matches?.('select[data-go]')) event.target.form.requestSubmit();
});

// A menu closes when something else is pressed, and on Escape, which gives the focus back to its summary.
document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('details[data-closes][open]')) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener('keydown', (event) => {
  const menu = event.key === 'Escape' && event.target.closest?.('details[data-closes][open]');
  if (!menu) return;
  menu.open = false;
  menu.querySelector('summary').focus();
});

// A link with data-refresh is followed by itself after so many seconds, as long as the page shows it.
const again = () => {
  const link = document.querySelector('a[data-refresh]');
  if (!link) return;
  setTimeout(() => {
    if (!document.hidden && link.isConnected) link.click();
    else if (link.isConnected) again();
  }, Number(link.dataset.refresh) * 1000);
};
document.addEventListener('swapped', again);
again();

// What is shown once can be copied, where the browser lets pages write to the clipboard.
const offer = () => {
  for (const button of document.querySelectorAll('[data-copy]')) button.hidden = !navigator.clipboard;
};
document.addEventListener('click', async (event) => {
  const button = event.target.closest?.('[data-copy]');
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  const said = button.parentElement.querySelector('[data-copied]');
  said.textContent = said.dataset.text;
});
document.addEventListener('swapped', offer);
offer();
