// Small tools of the adapters; a classic script, put into the page on request only. Every tool answers '' where the page
// has nothing to say, so that a changed page costs a field and never the capture.
globalThis.netraFields ??= {
  text(root, ...selectors) {
    for (const selector of selectors) {
      const found = root?.querySelector(selector)?.innerText?.trim();
      if (found) return found;
    }
    return '';
  },

  attribute(root, name, ...selectors) {
    for (const selector of selectors) {
      const found = root?.querySelector(selector)?.getAttribute(name)?.trim();
      if (found) return found;
    }
    return '';
  },

  // The account of a link to its profile: /name, /@name, /name/?x=1; never a page of the site itself.
  account(root, ...selectors) {
    const reserved = /^(p|reel|reels|explore|stories|i|home|hashtag|search|watch|shorts|groups|photo|photos|posts|videos|profile\.php|status|share|results|feed|tag|tags)$/i;
    for (const selector of selectors) {
      for (const link of root?.querySelectorAll(selector) ?? []) {
        const first = decodeURIComponent(new URL(link.href, document.baseURI).pathname.split('/')[1] ?? '');
        if (/^@?[\w.-]{2,60}$/u.test(first) && !reserved.test(first)) return `@${first.replace(/^@/, '')}`;
      }
    }
    return '';
  },

  // The box around the clicked image, or around the selection, that the selector knows as a post; the first one where
  // nothing was clicked, none where the click lies outside of all.
  post(root, selector, hint) {
    const image = hint.src && [...root.images].find((one) => one.currentSrc === hint.src || one.src === hint.src);
    const anchor = hint.selection && root.getSelection()?.anchorNode;
    const clicked = image || (anchor && (anchor.closest ? anchor : anchor.parentElement));
    return clicked ? clicked.closest(selector) : root.querySelector(selector);
  },
};
