// Reads one page: the adapter of its site first, generic marks for what that did not find, and the words of the page.
globalThis.netraRead ??= (page, address, hint) => {
  const LONGEST = { handle: 200, posted_at: 100, text: 10_000, url: 2000, page_title: 500, evidence: 200_000 };
  const softly = (read) => {
    try {
      return read() ?? {};
    } catch {
      return {};
    }
  };
  const adapter = globalThis.netraAdapters.find(({ host }) => host.test(address.hostname));
  const own = adapter ? softly(() => adapter.read(page, { ...hint, address })) : {};
  const generic = softly(() => globalThis.netraGeneric(page));
  const found = {};
  for (const name of ['handle', 'posted_at', 'text', 'url', 'page_title']) found[name] = own[name] || generic[name] || '';
  // An account's caption of another post would be worse than none: OpenGraph of a single-page site may be stale.
  if (adapter && Object.values(own).some(Boolean)) {
    found.handle = own.handle ?? '';
    found.text = own.text ?? '';
    found.url = own.url || address.href;
  }
  found.url = softly(() => {
    const url = new URL(found.url || address.href, address);
    return { href: ['http:', 'https:'].includes(url.protocol) ? url.href : '' };
  }).href ?? '';
  found.evidence = page.body?.innerText ?? '';
  for (const [name, most] of Object.entries(LONGEST)) found[name] = String(found[name]).slice(0, most);
  found.platform = adapter?.platform ?? (found.url ? 'website' : '');
  if (hint.selection) found.selection = String(page.getSelection() ?? '');
  return found;
};
undefined; // what a script ends with is handed back: Firefox cannot hand back a function, and would refuse the whole page
