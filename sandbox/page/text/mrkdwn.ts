/** Slack's mrkdwn taken apart. https://docs.slack.dev/messaging/formatting-message-text */

export type Style = 'bold' | 'italic' | 'strike';

/** What stands in angle brackets: a link, or something Slack fills in. */
export type Reference =
  | { kind: 'link'; url: string; label: string }
  | { kind: 'user' | 'channel' | 'usergroup'; id: string; label: string }
  | { kind: 'broadcast'; range: string }
  | { kind: 'date'; timestamp: number; format: string; url: string; fallback: string };

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'styled'; style: Style; content: Inline[] }
  | Reference;

export type Part = { kind: 'lines' | 'quote'; content: Inline[] } | { kind: 'preformatted'; text: string };

const STYLES: Record<string, Style> = { '*': 'bold', _: 'italic', '~': 'strike' };
/** Deeper than anybody writes; keeps text made to nest from taking the page down. */
const DEEPEST = 8;

/** The three characters that Slack has escaped. */
export function unescape(text: string): string {
  return text.replace(/&(lt|gt|amp);/g, (_, name: string) => ({ lt: '<', gt: '>' })[name] ?? '&');
}

/** Paragraphs, quotes and preformatted parts of a text, in order. */
export function parseMrkdwn(text: string): Part[] {
  const parts: Part[] = [];
  text.split(/```([\s\S]+?)```\n?/).forEach((piece, index) => {
    if (index % 2 === 1) parts.push({ kind: 'preformatted', text: unescape(piece.replace(/^\n|\n$/g, '')) });
    else if (piece !== '') parts.push(...quotesIn(piece));
  });
  return parts;
}

function quotesIn(text: string): Part[] {
  const parts: { kind: 'lines' | 'quote'; lines: string[] }[] = [];
  let restIsQuoted = false;
  for (const line of text.replace(/\n$/, '').split('\n')) {
    restIsQuoted ||= line.startsWith('&gt;&gt;&gt;');
    const quoted = restIsQuoted || line.startsWith('&gt;');
    const kind = quoted ? 'quote' : 'lines';
    if (parts.at(-1)?.kind !== kind) parts.push({ kind, lines: [] });
    parts.at(-1)!.lines.push(quoted ? line.replace(/^(&gt;){1,3} ?/, '') : line);
  }
  return parts.map(({ kind, lines }) => ({ kind, content: parseInline(lines.join('\n')) }));
}

// A code span, something in angle brackets, an address typed bare, or a word in *, _ or ~. Marks of style only count
// beside the edges of words, so that snake_case_names and 2*3*4 stay what they are.
const TOKEN =
  /`([^`\n]+)`|<([^<>\n]+)>|(https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)'"\]])|(?<![\p{L}\p{N}*_~])([*_~])(?=\S)([^\n]{0,2000}?\S)\4(?![\p{L}\p{N}*_~])/gu;

/** The words of one paragraph. */
export function parseInline(text: string, depth = 0): Inline[] {
  const found: Inline[] = [];
  let read = 0;
  const plain = (end: number) => {
    if (end > read) found.push({ kind: 'text', text: unescape(text.slice(read, end)) });
  };
  for (const match of text.matchAll(TOKEN)) {
    const [whole, code, bracketed, address, mark, styled] = match;
    plain(match.index);
    read = match.index + whole.length;
    if (code !== undefined) found.push({ kind: 'code', text: unescape(code) });
    else if (bracketed !== undefined) found.push(reference(bracketed));
    else if (address !== undefined) found.push({ kind: 'link', url: unescape(address), label: unescape(address) });
    else if (depth < DEEPEST) {
      found.push({ kind: 'styled', style: STYLES[mark!]!, content: parseInline(styled!, depth + 1) });
    } else found.push({ kind: 'text', text: unescape(whole) });
  }
  plain(text.length);
  return found;
}

function reference(text: string): Inline {
  const [target = '', ...rest] = text.split('|');
  const label = unescape(rest.join('|'));
  const id = target.slice(1);
  if (target.startsWith('@')) return { kind: 'user', id, label };
  if (target.startsWith('#')) return { kind: 'channel', id, label };
  if (target.startsWith('!subteam^')) return { kind: 'usergroup', id: target.slice('!subteam^'.length), label };
  if (target.startsWith('!date^')) return date(target, label);
  if (target.startsWith('!')) return { kind: 'broadcast', range: id };
  const url = unescape(target);
  return { kind: 'link', url, label: label || url.replace(/^mailto:/, '') };
}

/** `<!date^1392734382^{date} at {time}^https://example.com|then>` */
function date(target: string, fallback: string): Inline {
  const [, seconds = '', format = '', url = ''] = target.split('^');
  const timestamp = Number(seconds);
  if (seconds === '' || !Number.isFinite(timestamp)) return { kind: 'text', text: fallback };
  return { kind: 'date', timestamp, format: unescape(format), url: unescape(url), fallback };
}
