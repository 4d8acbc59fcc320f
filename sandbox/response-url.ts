import express, { type Router } from 'express';
import { answering, type Answer } from './answering.ts';
import { messageAttachments } from './blocks/attachments.ts';
import { messageBlocks } from './blocks/validate.ts';
import { SlackError } from './errors.ts';
import type { Faults } from './faults.ts';
import { secret } from './ids.ts';
import { structured, type SandboxContext } from './methods/method.ts';
import type { App, Channel, Json, Message, Person, ResponseUrl } from './model.ts';
import { lookUp } from './store.ts';
import { storedText } from './text.ts';

const USES = 5;
const LIFE_MS = 30 * 60_000;

/** An address an app may answer an interaction at: five times, for 30 minutes, without a token. */
export function mintResponseUrl(
  context: SandboxContext,
  kind: 'actions' | 'commands',
  origin: { app: App; person: Person; channel: Channel; message?: Message | undefined },
): string {
  const { store, clock } = context.workspace;
  const key = `${store.next('response_urls')}/${secret()}`;
  store.responseUrls.putSync(key, {
    appId: origin.app.appId,
    personId: origin.person.id,
    channel: origin.channel.id,
    expiresAt: clock.now() + LIFE_MS,
    uses: 0,
    ...(origin.message ? { messageTs: origin.message.ts } : {}),
    ...(origin.message?.threadTs ? { threadTs: origin.message.threadTs } : {}),
  });
  return `${context.baseUrl()}/${kind}/${context.workspace.team().id}/${key}`;
}

/** The other end of response URLs: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses */
export function responseUrls(context: SandboxContext, faults: Faults): Router {
  const router = express.Router();
  router.use(express.json({ limit: '2mb', type: () => true }));
  router.post('/:kind/:team/:number/:secret', async (request, response, next) => {
    const { kind, number, secret: key } = request.params;
    if (kind !== 'actions' && kind !== 'commands') return next();
    const found = lookUp(context.workspace.store.responseUrls, `${number}/${key}`);
    const body = (request.body ?? {}) as Json;
    const incoming = {
      kind: 'response_url',
      method: 'response_url',
      appId: found?.appId,
      args: body,
      response,
    } as const;
    await answering(context, faults, incoming, () => use(context, `${number}/${key}`, body));
  });
  return router;
}

function use(context: SandboxContext, key: string, body: Json): Answer {
  const { store, clock } = context.workspace;
  const refuse = (status: number, error: string): Answer => ({ status, body: { ok: false, error } });
  const url = lookUp(store.responseUrls, key);
  if (!url) return refuse(404, 'invalid_url');
  if (url.expiresAt < clock.now()) return refuse(404, 'expired_url');
  if (url.uses >= USES) return refuse(404, 'used_url');
  try {
    store.transaction(() => {
      respond(context, url, body);
      store.responseUrls.putSync(key, { ...url, uses: url.uses + 1 });
    });
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    return { status: 400, body: { ok: false, error: error.code, ...error.extra } };
  }
  return { status: 200, body: 'ok' };
}

/** Posts, replaces or deletes on behalf of an app, as a response URL or the answer to a command asks. */
export function respond(context: SandboxContext, url: Omit<ResponseUrl, 'uses' | 'expiresAt'>, body: Json): void {
  const { workspace } = context;
  const app = workspace.store.apps.get(url.appId);
  if (!app) throw new SlackError('invalid_url');
  const original = url.messageTs ? workspace.message(url.channel, url.messageTs) : undefined;
  if (body.delete_original === true) {
    if (original) workspace.remove(original);
    return;
  }
  const text = storedText(typeof body.text === 'string' ? body.text : '');
  const given = structured(body, 'blocks', 'invalid_blocks_format');
  const attached = structured(body, 'attachments', 'invalid_attachments');
  const blocks = given === undefined ? undefined : messageBlocks(given);
  const attachments = attached === undefined ? undefined : messageAttachments(attached);
  if (!text && !blocks?.length && !attachments?.length) throw new SlackError('no_text');
  if (body.replace_original === true && original) {
    workspace.edit(original, { text, blocks, attachments });
    return;
  }
  workspace.postAsBot(app, {
    channel: url.channel,
    text,
    blocks,
    attachments,
    threadTs: typeof body.thread_ts === 'string' ? body.thread_ts : undefined,
    ephemeralTo: body.response_type === 'in_channel' ? undefined : url.personId,
  });
}
