// What each site shows of a post: account, time, caption and the post's own address. Only what stands in the page is
// read. Sites change: whatever is not found is left to generic.js and to the person who fills in the form.
globalThis.netraAdapters ??= (({ text, attribute, account, post }) => [
  {
    platform: 'instagram',
    host: /(^|\.)instagram\.com$/,
    read(page, hint) {
      const alone = page.querySelectorAll('main header').length === 1; // a post's own page
      const box = post(page, 'article', hint) ?? (alone ? page.querySelector('main') : null);
      return {
        handle: account(box, 'header a[href]', 'h2 a[href]', 'a[role="link"][href]'),
        posted_at: attribute(box, 'datetime', 'time[datetime]'),
        text: text(box, 'h1', 'ul li h2 ~ div span', '[data-testid="post-caption"]'),
        url: attribute(box, 'href', 'a[href*="/p/"]:has(time)', 'a[href*="/reel/"]:has(time)'),
      };
    },
  },
  {
    platform: 'facebook',
    host: /(^|\.)facebook\.com$/,
    read(page, hint) {
      const box = post(page, '[role="article"]', hint);
      return {
        handle: account(box, 'h2 a[href]', 'h3 a[href]', 'h4 a[href]', 'strong a[href]')
          || text(box, 'h2 strong', 'h3 strong', 'h2 a', 'h3 a'),
        posted_at: attribute(box, 'data-utime', 'abbr[data-utime]')
          || attribute(box, 'aria-label', 'a[href*="/posts/"][aria-label]', 'a[href*="story_fbid"][aria-label]')
          || text(box, 'a[href*="/posts/"] abbr', 'abbr'),
        text: text(box, '[data-ad-comet-preview="message"]', '[data-ad-preview="message"]', '[data-ad-rendering-role="story_message"]'),
        url: attribute(box, 'href', 'a[href*="/posts/"]', 'a[href*="story_fbid"]', 'a[href*="/permalink/"]'),
      };
    },
  },
  {
    platform: 'tiktok',
    host: /(^|\.)tiktok\.com$/,
    read(page, hint) {
      const many = '[data-e2e="recommend-list-item-container"], article';
      const box = page.querySelector(many) ? post(page, many, hint) : page.body; // else a video's own page
      const fromAddress = hint.address.pathname.match(/^\/(@[\w.-]+)\//)?.[1] ?? '';
      const named = text(box, '[data-e2e="browse-username"]', '[data-e2e="video-author-uniqueid"]');
      return {
        handle: fromAddress || (named && `@${named.replace(/^@/, '')}`),
        posted_at: text(box, '[data-e2e="browser-nickname"] span:last-child', '[data-e2e="video-date"]'),
        text: text(box, '[data-e2e="browse-video-desc"]', '[data-e2e="video-desc"]'),
      };
    },
  },
  {
    platform: 'x',
    host: /(^|\.)(x|twitter)\.com$/,
    read(page, hint) {
      const box = post(page, 'article[data-testid="tweet"]', hint);
      return {
        handle: account(box, '[data-testid="User-Name"] a[href]'),
        posted_at: attribute(box, 'datetime', 'time[datetime]'),
        text: text(box, '[data-testid="tweetText"]'),
        url: attribute(box, 'href', 'a[href*="/status/"]:has(time)'),
      };
    },
  },
  {
    platform: 'youtube',
    host: /(^|\.)(youtube\.com|youtu\.be)$/,
    read(page, hint) {
      const box = post(page, 'ytd-backstage-post-renderer', hint) ?? page.querySelector('ytd-watch-metadata, ytd-reel-player-overlay-renderer');
      return {
        handle: account(box, '#author-text[href]', 'ytd-channel-name a[href^="/@"]', 'a[href^="/@"]'),
        posted_at: attribute(page, 'content', 'meta[itemprop="datePublished"]') || text(box, '#published-time-text', '#info-strings yt-formatted-string', '#date-text'),
        text: text(box, '#content-text') || [text(box, 'h1'), text(box, '#description-inline-expander', '#description')].filter(Boolean).join('\n'),
        url: attribute(box, 'href', '#published-time-text a[href]'),
      };
    },
  },
])(globalThis.netraFields);
