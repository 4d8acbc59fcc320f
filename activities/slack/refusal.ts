/** What Slack's refusals are about, and what an admin can do. Codes: https://docs.slack.dev/reference/methods */

/** The message itself: hoop's own fault, and none of the channel's. A plainer one is sent instead. */
const aboutContent = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'invalid_arguments',
  'invalid_attachments',
  'msg_blocks_too_long',
  'msg_too_long',
  'no_text',
  'too_many_attachments',
]);

/** The tokens or the app, whatever the channel. */
const aboutApp = new Set([
  'access_denied',
  'account_inactive',
  'ekm_access_denied',
  'enterprise_is_restricted',
  'invalid_auth',
  'missing_scope',
  'no_permission',
  'not_allowed_token_type',
  'not_authed',
  'org_login_required',
  'team_access_not_granted',
  'team_disabled',
  'team_not_found',
  'token_expired',
  'token_revoked',
  'two_factor_setup_required',
  'user_removed_from_team',
]);

export const isAboutContent = (code: string): boolean => aboutContent.has(code);
export const isAboutApp = (code: string): boolean => aboutApp.has(code);

/** A sentence for admins. `message` is what Slack answered, with the scope it needs. */
export function adviceOn(code: string, message: string, channel: string): string {
  switch (code) {
    case 'channel_not_found':
    case 'not_in_channel':
      return `The bot cannot post to ${channel} (${code}): invite it there with "/invite @hoop".`;
    case 'is_archived':
    case 'is_inactive':
      return `${channel} is archived: unarchive it or choose another channel.`;
    case 'missing_scope':
      return `The app lacks a scope (${message}): give it the manifest of "hoop slack manifest" and install it again.`;
  }
  if (code.startsWith('restricted_action')) {
    return `The settings of ${channel} let the bot not post there (${code}): change who may post, or choose another channel.`;
  }
  if (isAboutApp(code)) {
    return `Slack refuses hoop's tokens (${code}): set new ones with "hoop admin create plugin slack --overwrite --config SLACK_BOT_TOKEN=... --config SLACK_APP_TOKEN=...".`;
  }
  return `The bot cannot post to ${channel}: Slack answers ${message}.`;
}

/** The first tries after a refusal come this soon; later ones wait half of the time it has lasted. */
export const firstTryMs = 15_000;
/** Somebody unarchives a channel or invites the bot: the message follows within this. */
export const longestWaitMs = 300_000;
/** New tokens are used within this. */
export const longestAppWaitMs = 60_000;
/** After the end of its session a refused message is tried for this long, and then settled. */
export const triedAfterEndMs = 3_600_000;
