/** Times between fields of a page, which are in the time zone of the person, and the address, which is in UTC. */

/** `2026-11-23T14:00` for a field of the type datetime-local; empty for what is no time. */
export function toLocalField(iso: string | undefined): string {
  const time = new Date(iso ?? '');
  if (Number.isNaN(time.getTime())) return '';
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** Empty for what is no time. */
export function fromLocalField(text: string): string {
  const time = new Date(text);
  return text === '' || Number.isNaN(time.getTime()) ? '' : time.toISOString();
}
