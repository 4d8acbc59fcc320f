/**
 * Every refusal and failure that reaches a person has a stable code. API, CLI and Slack map the same codes;
 * `docs/errors.md` lists them (a test keeps both in step).
 */

/** Exit statuses of the CLI. */
export const exitCodes = {
  ok: 0,
  usage: 64,
  unavailable: 69,
  failed: 70,
  expired: 75,
  refused: 77,
  timeout: 124,
  interrupted: 130,
} as const;

export interface ErrorKind {
  /** HTTP status of the API's answer. */
  readonly status: number;
  /** Exit status of the CLI. */
  readonly exit: number;
}

const kinds = {
  // the request itself
  invalid_input: { status: 400, exit: exitCodes.usage },
  too_large: { status: 413, exit: exitCodes.usage },
  not_found: { status: 404, exit: exitCodes.usage },
  // who is asking
  not_signed_in: { status: 401, exit: exitCodes.refused },
  wrong_credentials: { status: 401, exit: exitCodes.refused },
  not_allowed: { status: 403, exit: exitCodes.refused },
  origin_refused: { status: 403, exit: exitCodes.refused },
  too_many_attempts: { status: 429, exit: exitCodes.unavailable },
  // signing in the CLI: the first five are those of RFC 6749 and RFC 8628
  authorization_pending: { status: 400, exit: exitCodes.expired },
  slow_down: { status: 400, exit: exitCodes.expired },
  expired_token: { status: 400, exit: exitCodes.expired },
  access_denied: { status: 400, exit: exitCodes.refused },
  invalid_grant: { status: 400, exit: exitCodes.refused },
  sign_in_unknown: { status: 404, exit: exitCodes.usage },
  sign_in_over: { status: 410, exit: exitCodes.expired },
  // administration
  name_taken: { status: 409, exit: exitCodes.usage },
  connection_outdated: { status: 409, exit: exitCodes.usage },
  agent_unknown: { status: 422, exit: exitCodes.usage },
  agent_in_use: { status: 409, exit: exitCodes.usage },
  group_unknown: { status: 422, exit: exitCodes.usage },
  plugin_unknown: { status: 422, exit: exitCodes.usage },
  plugin_outdated: { status: 409, exit: exitCodes.usage },
  slack_id_taken: { status: 409, exit: exitCodes.usage },
  slack_refused: { status: 422, exit: exitCodes.usage },
  slack_channel_refused: { status: 422, exit: exitCodes.usage },
  slack_unavailable: { status: 503, exit: exitCodes.unavailable },
  policy_impossible: { status: 422, exit: exitCodes.usage },
  last_admin: { status: 409, exit: exitCodes.usage },
  // starting a session
  connection_unknown: { status: 404, exit: exitCodes.usage },
  policy_missing: { status: 409, exit: exitCodes.failed },
  reason_required: { status: 422, exit: exitCodes.usage },
  env_refused: { status: 422, exit: exitCodes.usage },
  session_id_taken: { status: 409, exit: exitCodes.usage },
  grant_unknown: { status: 404, exit: exitCodes.usage },
  grant_over: { status: 409, exit: exitCodes.expired },
  grant_outdated: { status: 409, exit: exitCodes.failed },
  // reviewing
  review_own_request: { status: 403, exit: exitCodes.refused },
  review_not_eligible: { status: 403, exit: exitCodes.refused },
  review_already_decided: { status: 409, exit: exitCodes.refused },
  review_closed: { status: 409, exit: exitCodes.refused },
  review_outdated: { status: 409, exit: exitCodes.refused },
  review_group_refused: { status: 422, exit: exitCodes.usage },
  review_force_refused: { status: 403, exit: exitCodes.refused },
  slack_user_unknown: { status: 403, exit: exitCodes.refused },
  // binding a Slack account
  slack_link_unknown: { status: 404, exit: exitCodes.usage },
  slack_link_expired: { status: 410, exit: exitCodes.expired },
  slack_link_used: { status: 409, exit: exitCodes.usage },
  // a session's way
  session_not_running: { status: 409, exit: exitCodes.refused },
  session_already_running: { status: 409, exit: exitCodes.refused },
  session_ended: { status: 409, exit: exitCodes.refused },
  recording_removed: { status: 410, exit: exitCodes.expired },
  // executing
  run_not_approved: { status: 409, exit: exitCodes.refused },
  review_open: { status: 409, exit: exitCodes.refused },
  run_expired: { status: 409, exit: exitCodes.expired },
  run_consumed: { status: 409, exit: exitCodes.failed },
  connection_changed: { status: 409, exit: exitCodes.failed },
  window_closed: { status: 409, exit: exitCodes.failed },
  agent_refused: { status: 502, exit: exitCodes.failed },
  connection_full: { status: 409, exit: exitCodes.failed },
  agent_full: { status: 409, exit: exitCodes.failed },
  agent_draining: { status: 503, exit: exitCodes.unavailable },
  agent_offline: { status: 503, exit: exitCodes.unavailable },
  // starting hoop on this machine
  already_running: { status: 409, exit: exitCodes.failed },
  port_taken: { status: 503, exit: exitCodes.failed },
  start_failed: { status: 503, exit: exitCodes.failed },
  // the service
  unavailable: { status: 503, exit: exitCodes.unavailable },
  internal: { status: 500, exit: exitCodes.failed },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof kinds;

export const errorKinds: Readonly<Record<ErrorCode, ErrorKind>> = kinds;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(kinds, code);
}

/** An error that may be shown to the person who caused it: the message says what to change and leaks nothing. */
export class HoopError extends Error {
  override readonly name = 'HoopError';
  readonly code: ErrorCode;
  /** When it is worth another try, where that is known. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown; retryAfterSeconds?: number }) {
    super(message, options);
    this.code = code;
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }

  get status(): number {
    return errorKinds[this.code].status;
  }

  get exit(): number {
    return errorKinds[this.code].exit;
  }
}

/** The wire form of an error: `{error: {code, message}}`. */
export interface ErrorBody {
  error: { code: ErrorCode; message: string };
}
