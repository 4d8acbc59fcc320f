/** A modal that is opened before anything is looked up, as what opens it lives for 3 s only, and filled then. */
import { setTimeout as delay } from 'node:timers/promises';
import type { RespondFn, types } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import { HoopError } from '#shared/errors.ts';
import { slackFailure } from '#core/slack-client.ts';
import { loadingModal, noticeModal, type ModalFrame } from '../blocks/modal.ts';
import type { ListenerDeps } from './deps.ts';
import { tellPrivately } from './private-answer.ts';

/** After that the database is taken to be away. */
const loadMs = 15_000;
const pausesMs = [0, 500, 2_000];
const inTrouble = 'hoop has trouble with its database, so nothing was decided. Please try again in a moment.';

export interface Opening {
  client: WebClient;
  respond: RespondFn;
  triggerId: string;
  /** On the button, to be clicked again when Slack did not open it. */
  button: string;
}

/** `load` throws `HoopError` for what the person is told instead. */
export async function showModal(
  deps: ListenerDeps,
  { client, respond, triggerId, button }: Opening,
  frame: ModalFrame,
  load: () => Promise<types.ModalView>,
): Promise<void> {
  const { log } = deps;
  let viewId: string;
  try {
    const opened = await client.views.open({ trigger_id: triggerId, view: loadingModal(frame) });
    viewId = opened.view?.id ?? '';
  } catch (error) {
    // the same click delivered twice: the first one has opened it
    if (isRefusal(error, 'exchanged_trigger_id')) return;
    log.warn({ err: error }, 'modal not opened');
    return tellPrivately(
      respond,
      `Slack did not open the form, so nothing was decided; please click ${button} again.`,
      log,
    );
  }
  if (!(await fillModal(deps, client, { view_id: viewId }, await loaded(deps, frame, load)))) {
    await tellPrivately(
      respond,
      `The form could not be filled, so nothing was decided; please click ${button} again.`,
      log,
    );
  }
}

/** What `load` gives, or a notice with the reason why it gives nothing. */
export async function loaded(
  { log }: ListenerDeps,
  frame: ModalFrame,
  load: () => Promise<types.ModalView>,
): Promise<types.ModalView> {
  const done = new AbortController();
  try {
    const timeUp = delay(loadMs, undefined, { signal: done.signal }).catch(() => undefined);
    return (await Promise.race([load(), timeUp])) ?? noticeModal(frame, inTrouble);
  } catch (error) {
    if (error instanceof HoopError) return noticeModal(frame, error.message);
    log.warn({ err: error }, 'modal not loaded');
    return noticeModal(frame, inTrouble);
  } finally {
    done.abort();
  }
}

/** False when Slack does not take it. A modal that was closed, or went on meanwhile, needs nothing. */
export async function fillModal(
  { log }: ListenerDeps,
  client: WebClient,
  at: { view_id: string; hash?: string },
  view: types.ModalView,
): Promise<boolean> {
  for (const pause of pausesMs) {
    await delay(pause);
    try {
      await client.views.update({ ...at, view });
      return true;
    } catch (error) {
      if (isRefusal(error, 'not_found', 'hash_conflict')) return true;
      log.warn({ err: error }, 'modal not filled');
      if (slackFailure(error).kind === 'refused') return false;
    }
  }
  return false;
}

function isRefusal(error: unknown, ...codes: string[]): boolean {
  const failure = slackFailure(error);
  return failure.kind === 'refused' && codes.includes(failure.code);
}
