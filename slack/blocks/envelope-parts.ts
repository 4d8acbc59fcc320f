/** What of an envelope fits into a message, and whether that is all of it: only then one click may approve it. */
import type { types } from '@slack/bolt';
import type { EnvelopeText } from '#shared/slack-view.ts';
import { bold, clean, cleanLine, cut, line, preformatted, words, type CutText } from './text.ts';

/** Characters each part may take in a message. */
const room = { reason: 1200, command: 2000, script: 2600, envNames: 800 };

export interface EnvelopeParts {
  parts: types.RichTextBlockElement[];
  /** Nothing is missing. */
  whole: boolean;
}

/** Command, standard input and names of variables. */
export function envelopeParts(text: EnvelopeText): EnvelopeParts {
  const command = head(commandLine(text), room.command);
  const script = scriptParts(text);
  const env = cut(cleanLine(text.envNames.join(', ')), room.envNames);
  const heading = text.durationSeconds === null ? 'Command' : 'Every command under it begins with';
  const user = text.runAs === null ? [] : [words(`, as user ${cleanLine(text.runAs)}`)];
  const parts: types.RichTextBlockElement[] = [line(bold(heading), ...user), preformatted(command.text)];
  if (!command.whole) parts.push(cutHere('command'));
  parts.push(...script.parts);
  if (env.text !== '') parts.push(line(bold('Environment variables: '), words(env.text)));
  return { parts, whole: command.whole && env.whole && script.whole && shownReason(text.reason).whole };
}

export const fitsInMessage = (text: EnvelopeText): boolean => envelopeParts(text).whole;

export const shownReason = (reason: string): CutText => head(reason.trim(), room.reason);

function scriptParts(text: EnvelopeText): EnvelopeParts {
  if (text.scriptBytes === 0) return { parts: [], whole: true };
  const heading = line(bold('Standard input'), words(` (${text.scriptBytes} bytes)`));
  if (text.script === null) {
    return { parts: [heading, line(words('It is no text; hoop shows its bytes.'))], whole: false };
  }
  const script = head(text.script, room.script);
  const parts: types.RichTextBlockElement[] = [heading, preformatted(script.text)];
  if (!script.whole) parts.push(cutHere('standard input'));
  return { parts, whole: script.whole };
}

const cutHere = (what: string) => line(words(`The ${what} is cut here; all of it is shown before it can be approved.`));

/** As one would type it to a shell, so that arguments can be told apart. */
export function commandLine({ command, args }: Pick<EnvelopeText, 'command' | 'args'>): string {
  return [...command, ...args].map(quoted).join(' ');
}

function quoted(arg: string): string {
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`;
}

/** Its beginning, cleaned; what is far too long is not cleaned to its end, as cleaning makes nothing shorter. */
function head(text: string, max: number): CutText {
  const start = text.length > max ? text.slice(0, max + 2) : text;
  const shown = cut(clean(start), max);
  return { text: shown.text, whole: shown.whole && start === text };
}
