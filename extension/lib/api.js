// The browser's extension API under one name: Firefox and Chromium both answer with promises.
export const api = globalThis.browser ?? globalThis.chrome;
