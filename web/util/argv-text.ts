/** Words of a command in one line, as a shell would take them; for reading, not for pasting. */
export const argvText = (words: readonly string[]): string =>
  words.map((word) => (/^[\w@%+=:,./^-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
