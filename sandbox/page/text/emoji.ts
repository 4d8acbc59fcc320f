/** The names that apps use most; any other stays as it was typed. */
const EMOJI: Record<string, string> = {
  '+1': '👍',
  '-1': '👎',
  alarm_clock: '⏰',
  arrow_right: '➡️',
  bell: '🔔',
  blue_circle: '🔵',
  boom: '💥',
  bulb: '💡',
  clock1: '🕐',
  clap: '👏',
  computer: '💻',
  construction: '🚧',
  exclamation: '❗',
  eyes: '👀',
  fire: '🔥',
  gear: '⚙️',
  grin: '😁',
  hammer: '🔨',
  heart: '❤️',
  heavy_check_mark: '✔️',
  hourglass: '⌛',
  hourglass_flowing_sand: '⏳',
  information_source: 'ℹ️',
  joy: '😂',
  key: '🔑',
  large_green_circle: '🟢',
  large_yellow_circle: '🟡',
  link: '🔗',
  lock: '🔒',
  memo: '📝',
  mag: '🔍',
  no_entry: '⛔',
  no_entry_sign: '🚫',
  ok_hand: '👌',
  pencil: '✏️',
  point_right: '👉',
  pray: '🙏',
  question: '❓',
  raised_hands: '🙌',
  red_circle: '🔴',
  robot_face: '🤖',
  rocket: '🚀',
  rotating_light: '🚨',
  shield: '🛡️',
  slightly_smiling_face: '🙂',
  smile: '😄',
  sparkles: '✨',
  star: '⭐',
  stopwatch: '⏱️',
  tada: '🎉',
  thinking_face: '🤔',
  thumbsdown: '👎',
  thumbsup: '👍',
  unlock: '🔓',
  warning: '⚠️',
  wave: '👋',
  white_check_mark: '✅',
  wrench: '🔧',
  x: '❌',
  zap: '⚡',
};

export const emojiOf = (name: string): string | undefined => (Object.hasOwn(EMOJI, name) ? EMOJI[name] : undefined);

/** `:tada:` as its picture. */
export const withEmoji = (text: string): string =>
  text.replace(/:([a-z0-9_+-]{1,50}):/g, (whole, name: string) => emojiOf(name) ?? whole);

/** A rich text emoji: by its code points where the app gave them, else by name. */
export function emojiFrom(name: string, unicode: unknown): string {
  const points = typeof unicode === 'string' ? unicode.split('-').map((hex) => Number.parseInt(hex, 16)) : [];
  const valid = points.length > 0 && points.every((point) => point > 0 && point <= 0x10ffff);
  return valid ? String.fromCodePoint(...points) : (emojiOf(name) ?? `:${name}:`);
}
