/** Channels as people write them in a line, and as a picker gives them. */

/** `#ops, C0123ABCD` as a list; between two stands a comma, as the guide has it, or `;` as on the command line. */
export function channelsOf(text: string): string[] {
  const names = text.split(/[,;\n]/).map((part) => canonical(part.trim()));
  return [...new Set(names.filter((name) => name !== ''))];
}

export const channelText = (channels: readonly string[]): string => channels.join(', ');

/** `ops` and `#ops` are one channel; ids and links stay as they are. */
function canonical(name: string): string {
  return /^[\p{Ll}\p{Lo}\p{M}\p{N}_-]+$/u.test(name) ? `#${name}` : name;
}
