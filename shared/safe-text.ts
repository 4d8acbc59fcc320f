/** Text from others, made harmless for terminals and messages. */

/** A single one of them; tab and newline are none. */
export const invisible =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\u2800\ufeff\uffa0\ufff0-\ufffb]|[\u{e0000}-\u{e0fff}]|[\u{13430}-\u{1343f}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}]/gu;

/** Invisible, bidirectional and control characters as `\u{...}`; tab and newline stay. */
export function showInvisible(text: string): string {
  return text.replace(invisible, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Where such characters are, in order. */
export function* invisibleIn(text: string): Generator<{ at: number; char: string }> {
  for (const match of text.matchAll(invisible)) yield { at: match.index, char: match[0] };
}

/** One line for a terminal: as `showInvisible`, with newlines and tabs shown too. */
export function oneLine(text: string): string {
  return showInvisible(text).replace(/\n/g, '\\n').replace(/\t/g, '\\t');
}

/** JSON that says the same without any such character: they stand in strings only, where JSON has escapes for them. */
export function escapeInvisibleJson(json: string): string {
  return json.replace(invisible, (char) =>
    Array.from({ length: char.length }, (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
}
