import type { Json } from './model.ts';

/** A refusal in Slack's own form: HTTP 200 `{ok: false, error, ...extra}`. */
export class SlackError extends Error {
  readonly code: string;
  readonly extra: Json;

  constructor(code: string, extra: Json = {}) {
    super(code);
    this.name = 'SlackError';
    this.code = code;
    this.extra = extra;
  }
}

/** A refusal of the control API: `{error: {code, message}, ...extra}` with an HTTP status. */
export class ControlError extends Error {
  readonly status: number;
  readonly code: string;
  readonly extra: Json;

  constructor(status: number, code: string, message: string, extra: Json = {}) {
    super(message);
    this.name = 'ControlError';
    this.status = status;
    this.code = code;
    this.extra = extra;
  }
}

/** Breaks the caller's connection instead of answering: what a cut line looks like to a client. */
export class DroppedConnection extends Error {
  override readonly name = 'DroppedConnection';
}
