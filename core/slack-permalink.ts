/** As Slack itself builds them: https://docs.slack.dev/reference/methods/chat.getPermalink. Null without a team's address. */
export function slackPermalink(teamUrl: string | undefined, message: { channel: string; ts: string }): string | null {
  if (teamUrl === undefined || !URL.canParse(teamUrl)) return null;
  return new URL(`archives/${message.channel}/p${message.ts.replace('.', '')}`, teamUrl).href;
}
