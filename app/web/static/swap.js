// Progressive enhancement: send forms and follow marked links by fetch, then swap in the server's HTML.
// Without JavaScript the same forms and links load whole pages.
const policy = globalThis.trustedTypes?.createPolicy('netra', { createHTML: (html) => html }) ?? { createHTML: (html) => html };
let running = null;

// `keep`: the id of the field that has the focus on the page before and after.
async function swap(url, options = {}, keep = '') {
  running?.abort();
  running = new AbortController();
  document.documentElement.setAttribute('aria-busy', 'true');
  try {
    const response = await fetch(url, { credentials: 'same-origin', signal: running.signal, ...options });
    const html = new DOMParser().parseFromString(policy.createHTML(await response.text()), 'text/html');
    const page = html.getElementById('page');
    if (!page) return location.assign(response.url);
    document.getElementById('page').replaceWith(document.adoptNode(page));
    document.title = html.title;
    for (const name of ['lang', 'data-theme']) {
      const value = html.documentElement.getAttribute(name);
      if (value === null) document.documentElement.removeAttribute(name);
      else document.documentElement.setAttribute(name, value);
    }
    const isPage = response.redirected || !options.method; // the answer to a refused post keeps the address of its form
    if (isPage && response.url !== location.href) history.pushState({}, '', response.url);
    document.dispatchEvent(new CustomEvent('swapped', { detail: document.getElementById(keep) }));
  } catch (error) {
    if (error.name !== 'AbortError') document.getElementById('say').textContent = document.body.dataset.offline;
  } finally {
    document.documentElement.removeAttribute('aria-busy');
  }
}

document.addEventListener('submit', (event) => {
  const { target: form, submitter } = event;
  if (form.enctype === 'multipart/form-data' || !form.hasAttribute('data-swap')) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, submitter));
  const action = submitter?.getAttribute('formaction') ?? form.getAttribute('action');
  if (form.method === 'get') return void swap(`${action}?${body}`, {}, document.activeElement.id);
  if (document.documentElement.hasAttribute('aria-busy')) return; // a second key press while the first is on its way
  swap(action, { method: 'POST', body });
});

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[data-swap]');
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  swap(link.href);
});

document.addEventListener('swapped', ({ detail: kept }) => {
  if (kept) {
    const folded = kept.closest('details');
    if (folded) folded.open = true;
    kept.focus();
  } else {
    scrollTo(0, 0);
    (document.querySelector('[data-focus]') ?? document.getElementById('main'))?.focus({ preventScroll: true });
  }
  document.getElementById('say').textContent = document.querySelector('[data-say]')?.textContent ?? '';
});

addEventListener('popstate', () => location.reload());
