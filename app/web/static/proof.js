// Proof of work: the smallest number for which sha256("<challenge>:<number>") begins with so many zero bits. Own sha256:
// the browser's is there on https only and answers one question at a time. Short slices leave the page to its reader.
const SLICE = 8; // milliseconds
const primes = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n);
const fraction = (value) => ((value - Math.floor(value)) * 2 ** 32) | 0;
const K = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const W = new Int32Array(64);
const turned = (x, n) => (x >>> n) | (x << (32 - n));

// `state` after one more block of 64 bytes
function compressed(state, bytes, at) {
  for (let i = 0; i < 16; i++, at += 4) W[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  for (let i = 16; i < 64; i++) {
    const a = W[i - 15], b = W[i - 2];
    W[i] = (W[i - 16] + W[i - 7] + (turned(a, 7) ^ turned(a, 18) ^ (a >>> 3)) + (turned(b, 17) ^ turned(b, 19) ^ (b >>> 10))) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const x = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const y = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + x) | 0; d = c; c = b; b = a; a = (x + y) | 0;
  }
  return [a, b, c, d, e, f, g, h].map((word, i) => (word + state[i]) | 0);
}

// the first 32 bits of sha256(head + tail), where `state` stands for the whole blocks of the head and `rest` for what is left
function begun(state, rest, headLength, tail) {
  const length = rest.length + tail.length;
  const bytes = new Uint8Array(length + 9 <= 64 ? 64 : 128);
  bytes.set(rest);
  bytes.set(tail, rest.length);
  bytes[length] = 0x80;
  new DataView(bytes.buffer).setUint32(bytes.length - 4, (headLength + tail.length) * 8);
  for (let at = 0; at < bytes.length; at += 64) state = compressed(state, bytes, at);
  return state[0];
}

const pause = () => new Promise((go) => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => { channel.port1.close(); go(); };
  channel.port2.postMessage(0);
});

export async function prove(challenge, bits) {
  const ascii = new TextEncoder();
  const head = ascii.encode(`${challenge}:`);
  const whole = head.length - (head.length % 64);
  let state = START;
  for (let at = 0; at < whole; at += 64) state = compressed(state, head, at);
  const rest = head.subarray(whole);
  for (let number = 0, since = performance.now(); ; number++) {
    const tail = String(number);
    if (begun(state, rest, head.length, ascii.encode(tail)) >>> (32 - bits) === 0) return tail;
    if (number % 64 === 0 && performance.now() - since > SLICE) {
      await pause();
      since = performance.now();
    }
  }
}
