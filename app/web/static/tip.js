// Comforts of the page for the public: the work is done while the form is filled in, instead of a question.
import { prove } from './proof.js';

const form = document.querySelector('form[data-bits]');
if (form) {
  const field = (name) => form.elements.namedItem(name);
  const question = form.querySelector('[data-question]');
  if (!question.querySelector('[aria-invalid]')) question.hidden = true;
  let work = null;
  let done = false;
  // The proof goes into the address: the server looks at it before it reads what is sent.
  const begin = () => {
    const tantangan = field('tantangan').value;
    work ??= prove(tantangan, Number(form.dataset.bits)).then((bukti) => {
      form.action = `${location.pathname}?${new URLSearchParams({ tantangan, bukti })}`;
      done = true;
    });
    return work;
  };
  form.addEventListener('input', begin, { once: true });
  form.addEventListener('submit', async (event) => {
    if (done) return;
    event.preventDefault();
    form.querySelector('[data-waiting]').textContent = form.dataset.wait;
    document.getElementById('say').textContent = form.dataset.wait;
    await begin();
    form.requestSubmit();
  });
}

const print = document.querySelector('[data-print]');
if (print) {
  print.hidden = false;
  print.addEventListener('click', () => window.print());
}
