/** Without letters and digits that look alike. */
const characters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const groups = 5;
const groupLength = 4;

/** `Xk3v-…`, five groups of four: 115 bits from the browser's source of random numbers. */
export function generatePassword(): string {
  return Array.from({ length: groups }, () => Array.from({ length: groupLength }, pick).join('')).join('-');
}

function pick(): string {
  const byte = new Uint8Array(1);
  // bytes that would favour the first characters are thrown away
  do crypto.getRandomValues(byte);
  while ((byte[0] ?? 0) >= 256 - (256 % characters.length));
  return characters[(byte[0] ?? 0) % characters.length] ?? '';
}
