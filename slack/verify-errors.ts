/** What Slack's answers about tokens mean, in words an admin can act on. */
import { HoopError } from '#shared/errors.ts';
import type { SlackFailure } from '#core/slack-client.ts';

/** Slack is away or asks to slow down: nobody can tell now whether the tokens are right. */
export function unavailable(failure: Exclude<SlackFailure, { kind: 'refused' }>, cause: unknown): HoopError {
  const why = failure.kind === 'rate_limited' ? 'Slack asks to slow down' : failure.message;
  return new HoopError('slack_unavailable', `${why}. Nothing was saved; try again in a moment.`, { cause });
}

/** `xapp-1-A0123456789-...` names the app it belongs to. */
export function appIdIn(appToken: string): string | undefined {
  return /^xapp-\d-(A[A-Z0-9]+)-/.exec(appToken)?.[1];
}

const reasons: Readonly<Record<string, string>> = {
  invalid_auth: 'Slack does not know it (it may belong to another workspace, or be incomplete)',
  not_authed: 'Slack does not know it',
  token_revoked: 'it was revoked',
  token_expired: 'it has expired',
  account_inactive: 'its app was removed from the workspace',
  user_removed_from_team: 'its app was removed from the workspace',
  org_login_required: 'its workspace is being moved into an organization',
  team_disabled: 'its workspace is disabled',
  not_allowed_token_type: 'it is of the wrong kind',
  socket_mode_not_enabled: 'Socket Mode is off in the settings of its app',
  link_disabled: 'Socket Mode is off in the settings of its app',
};

/** Why Slack refuses a token, of codes that are about the token and nothing else. */
export const tokenReason = (code: string): string | undefined => reasons[code];

/** Of a token that Slack refuses: why, with Slack's code. */
export function whyRefused({ code, needed }: { code: string; needed: string | undefined }): string {
  if (code === 'missing_scope') {
    const scopes = needed?.includes(',') ? 'scopes' : 'scope';
    return `it lacks the ${scopes} ${needed?.replaceAll(/,\s*/g, ', ') ?? 'that is needed'} (${code})`;
  }
  const reason = reasons[code];
  return reason === undefined ? `Slack answers ${code}` : `${reason} (${code})`;
}
