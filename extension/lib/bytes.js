// Pictures as they were captured: their format by their first bytes, their SHA-256, and a part of one.
const FORMATS = [
  ['image/jpeg', (b) => b[0] === 0xff && b[1] === 0xd8],
  ['image/png', (b) => b[0] === 0x89 && b[1] === 0x50 && b[2] === 0x4e && b[3] === 0x47],
  ['image/webp', (b) => text(b, 0) === 'RIFF' && text(b, 8) === 'WEBP'],
];
const text = (b, at) => String.fromCharCode(...b.slice(at, at + 4));

// The type that the server takes, or '' for any other format.
export async function formatOf(blob) {
  const head = new Uint8Array(await blob.slice(0, 12).arrayBuffer());
  return FORMATS.find(([, fits]) => fits(head))?.[0] ?? '';
}

export async function sha256(blob) {
  const digest = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

// The part of a picture inside `area` (shares of width and height), without loss.
export async function partOf(blob, { left, top, width, height }) {
  const whole = await createImageBitmap(blob);
  const at = [left * whole.width, top * whole.height].map(Math.round);
  const size = [width * whole.width, height * whole.height].map((n) => Math.max(1, Math.round(n)));
  const canvas = new OffscreenCanvas(...size);
  canvas.getContext('2d').drawImage(whole, ...at, ...size, 0, 0, ...size);
  return canvas.convertToBlob({ type: 'image/png' });
}
