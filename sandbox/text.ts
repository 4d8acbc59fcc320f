/** What Slack keeps as it is: mentions, links, and characters that are escaped already. https://docs.slack.dev/messaging/formatting-message-text */
const MARKED = /<(?:[@#!][^<>]*|[a-z][a-z0-9+.-]*:[^<>]*)>|&(?:amp|lt|gt);|[&<>]/gi;
const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Text as Slack stores it: every `&`, `<` and `>` that means nothing to it is escaped. */
export function storedText(text: string): string {
  return text.replace(MARKED, (part) => ESCAPES[part] ?? part);
}
