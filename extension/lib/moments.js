// Moments as evidence needs them: with the offset of the machine, and days on the clock of the contest.
const two = (n) => String(n).padStart(2, '0');

// 2029-09-02T08:15:00+07:00
export function withZone(date = new Date()) {
  const minutes = -date.getTimezoneOffset();
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
  const local = new Date(date.getTime() + minutes * 60_000);
  return `${local.toISOString().slice(0, 19)}${offset}`;
}

// The calendar day (YYYY-MM-DD) of a moment in an IANA zone; empty for what is no moment.
export function dayIn(zone, moment) {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return '';
  const parts = { year: 'numeric', month: '2-digit', day: '2-digit' };
  return new Intl.DateTimeFormat('en-CA', { ...parts, timeZone: zone || 'Asia/Jakarta' }).format(date);
}
