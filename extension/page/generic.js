// Any other page, and what an adapter did not find: JSON-LD, OpenGraph and plain marks of HTML.
globalThis.netraGeneric ??= (page) => {
  const { text, attribute } = globalThis.netraFields;
  const meta = (...names) => attribute(page, 'content', ...names.flatMap((name) => [`meta[property="${name}"]`, `meta[name="${name}"]`]));
  const linked = [...page.querySelectorAll('script[type="application/ld+json"]')].flatMap((script) => {
    try {
      const data = JSON.parse(script.textContent);
      return [data, data['@graph'] ?? []].flat(2);
    } catch {
      return [];
    }
  });
  const wanted = /Posting|Article|ImageObject|VideoObject|CreativeWork/;
  const entry = linked.find((one) => wanted.test(String(one?.['@type']))) ?? {};
  const author = [entry.author].flat()[0] ?? {};
  const said = (value) => (typeof value === 'string' ? value.trim() : '');
  return {
    handle: said(author.alternateName) || said(author.name) || said(author) || meta('author', 'article:author', 'twitter:creator')
      || text(page, '[rel="author"]'),
    posted_at: said(entry.datePublished) || said(entry.uploadDate) || meta('article:published_time', 'og:published_time')
      || attribute(page, 'datetime', 'time[datetime]'),
    text: said(entry.articleBody) || said(entry.caption) || said(entry.description) || meta('og:description', 'description'),
    url: attribute(page, 'href', 'link[rel="canonical"]') || meta('og:url'),
    page_title: meta('og:title'),
  };
};
