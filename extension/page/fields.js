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

  // The box that the selector knows as a post and that is meant: around the clicked image or the selection, else (the
  // whole page) in the middle of the window or the first in it. Where that is in doubt, the page's only one, or none:
  // another post's account would be worse than an empty field.
  post(root, selector, hint) {
    const boxes = [...root.querySelectorAll(selector)];
    const only = boxes.length === 1 ? boxes[0] : null;
    const inView = (one) => {
      const { top, bottom, height } = one.getBoundingClientRect();
      return height > 0 && bottom > 0 && top < innerHeight;
    };
    if (hint.src) {
      const images = [...root.images].filter((one) => one.currentSrc === hint.src || one.src === hint.src);
      const around = [...new Set(images.map((one) => one.closest(selector)))];
      const seen = around.length > 1 ? around.filter((one) => one && inView(one)) : around;
      return images.length ? (seen.length === 1 ? seen[0] : null) : only;
    }
    if (hint.selection) {
      const anchor = root.getSelection()?.anchorNode;
      return anchor ? (anchor.closest ? anchor : anchor.parentElement).closest(selector) : only;
    }
    const middle = root.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest(selector);
    return middle ?? boxes.find(inView) ?? only;
  },
};
