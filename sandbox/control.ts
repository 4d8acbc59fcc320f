import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { appControl } from './control-apps.ts';
import { channelJson, clientJson, messagesJson, shownView, viewsJson, workspaceJson } from './control-json.ts';
import * as schemas from './control-schemas.ts';
import { ControlError } from './errors.ts';
import type { Faults } from './faults.ts';
import type { Feed } from './feed.ts';
import type { SandboxContext } from './methods/method.ts';
import type { Channel, Person, View } from './model.ts';
import type { RateLimits } from './rate-limits.ts';
import type { Aim } from './people/aim.ts';
import { clickMessage, clickView } from './people/click.ts';
import { runCommand } from './people/command.ts';
import { closeView, submitView } from './people/modal.ts';
import { openHome } from './people/home.ts';
import { invite, say } from './people/say.ts';
import { runShortcut } from './people/shortcut.ts';
import { suggest } from './people/suggest.ts';

export interface ControlParts {
  faults: Faults;
  limits: RateLimits;
  feed: Feed;
}

/** What people do and tests ask. Described in `README.md`. */
export function controlApi(context: SandboxContext, { faults, limits, feed }: ControlParts): Router {
  const { workspace, views, hub } = context;
  const router = express.Router();
  router.use(express.json({ limit: '1mb', type: 'application/json' }));
  router.use(jsonOnly);

  const readable = (name: string, person: Person): Channel => {
    const channel = workspace.channelFor(name, person);
    if (workspace.canRead(channel, person.id)) return channel;
    throw new ControlError(403, 'not_in_channel', `${person.name} cannot see #${channel.name}.`);
  };
  const messageIn = (channel: Channel, person: Person, ts: string) => {
    const message = workspace.message(channel.id, ts);
    const hidden = message?.ephemeralTo && message.ephemeralTo !== person.id;
    if (message && !hidden) return message;
    throw new ControlError(404, 'unknown_message', `${person.name} sees no message ${ts} in ${channel.id}.`);
  };
  const viewOf = (id: string, person: Person): View => {
    const view = views.get(id);
    if (view?.personId === person.id) return view;
    throw new ControlError(404, 'unknown_view', `${person.name} has no view ${id} open.`);
  };

  router.get('/workspace', (_request, response) => void response.json(workspaceJson(context)));
  router.get('/client', (request, response) => {
    const { as } = schemas.asQuery.parse(request.query);
    response.json(clientJson(context, workspace.person(as)));
  });

  router.use(appControl(context, feed));

  router.get('/messages', (request, response) => {
    const { channel: name, as, ...wanted } = schemas.messagesQuery.parse(request.query);
    const person = workspace.person(as);
    const channel = readable(name, person);
    response.json({
      channel: { id: channel.id, name: channel.name },
      ...messagesJson(context, channel, person, wanted),
    });
  });
  router.post('/message', (request, response) => {
    const body = schemas.messageBody.parse(request.body);
    const person = workspace.person(body.as);
    const { channel, ts } = say(context, person, readable(body.channel, person), body.text, body.thread_ts);
    response.json({ channel, ts });
  });
  router.post('/dismiss', (request, response) => {
    const body = schemas.dismissBody.parse(request.body);
    const person = workspace.person(body.as);
    const message = messageIn(readable(body.channel, person), person, body.ts);
    if (!message.ephemeralTo)
      throw new ControlError(409, 'not_ephemeral', 'Only messages for one person can be dismissed.');
    workspace.remove(message);
    response.json({ ok: true });
  });

  router.post('/click', async (request, response) => {
    const body = schemas.clickBody.parse(request.body);
    const person = workspace.person(body.as);
    const aim: Aim = { actionId: body.actionId, blockId: body.blockId, value: body.value };
    const { acked, ackMs, dispatched } = body.viewId
      ? await clickView(context, person, viewOf(body.viewId, person), aim, body.values)
      : await clickMessage(
          context,
          person,
          messageIn(readable(body.channel!, person), person, body.ts!),
          aim,
          body.values,
        );
    response.json({ acked, ackMs, ...(dispatched ? {} : { dispatched }) });
  });
  router.post('/options', async (request, response) => {
    const { as, viewId, channel, ts, ...aim } = schemas.optionsBody.parse(request.body);
    const person = workspace.person(as);
    const place = viewId
      ? { view: viewOf(viewId, person) }
      : { message: messageIn(readable(channel!, person), person, ts!) };
    response.json(await suggest(context, person, place, aim));
  });
  router.post('/command', async (request, response) => {
    const body = schemas.commandBody.parse(request.body);
    const person = workspace.person(body.as);
    const { acked, ackMs } = await runCommand(context, person, readable(body.channel, person), body.command, body.text);
    response.json({ acked, ackMs });
  });

  router.post('/shortcut', async (request, response) => {
    const { as, callbackId, channel: name, ts } = schemas.shortcutBody.parse(request.body);
    const person = workspace.person(as);
    const message = name && ts ? messageIn(readable(name, person), person, ts) : undefined;
    const { acked, ackMs } = await runShortcut(context, person, callbackId, message);
    response.json({ acked, ackMs });
  });
  router.post('/home', (request, response) => {
    const { as, app } = schemas.homeBody.parse(request.body);
    const view = openHome(context, workspace.person(as), workspace.app(app));
    response.json({ view: view ? shownView(context, view) : null });
  });

  router.get('/views', (request, response) => {
    const { as } = schemas.asQuery.parse(request.query);
    response.json({ views: viewsJson(context, workspace.person(as)) });
  });
  router.get('/views/:id', (request, response) => {
    const { as } = schemas.asQuery.parse(request.query);
    response.json({ view: shownView(context, viewOf(request.params.id, workspace.person(as))) });
  });
  router.post('/views/:id/submit', async (request, response) => {
    const { as, values } = schemas.submitBody.parse(request.body);
    const person = workspace.person(as);
    const submitted = await submitView(context, person, viewOf(request.params.id, person), values);
    response.json({ ...submitted, views: viewsJson(context, person) });
  });
  router.post('/views/:id/close', async (request, response) => {
    const { as, all } = schemas.closeBody.parse(request.body);
    const person = workspace.person(as);
    await closeView(context, person, viewOf(request.params.id, person), all);
    response.json({ closed: true, views: viewsJson(context, person) });
  });

  router.post('/invite', (request, response) => {
    const body = schemas.memberBody.parse(request.body);
    const by = body.as ? workspace.person(body.as) : undefined;
    const channel = by ? readable(body.channel, by) : workspace.channelFor(body.channel);
    response.json({ channel: channelJson(invite(context, channel, workspace.member(body.user).id, by)) });
  });
  router.post('/kick', (request, response) => {
    const body = schemas.memberBody.parse(request.body);
    const channel = workspace.channelFor(body.channel);
    response.json({ channel: channelJson(workspace.setMember(channel, workspace.member(body.user).id, false)) });
  });
  router.post('/channels', (request, response) => {
    const { name, members, isPrivate } = schemas.channelBody.parse(request.body);
    const inIt = members?.map((member) => workspace.member(member)) ?? workspace.people();
    const people = inIt.map(({ id }) => id);
    response.json({ channel: channelJson(workspace.addChannel(name, people, isPrivate)) });
  });
  router.post('/archive', (request, response) => {
    const body = schemas.archiveBody.parse(request.body);
    const channel = workspace.channelFor(body.channel);
    response.json({ channel: channelJson(workspace.saveChannel({ ...channel, isArchived: body.archived })) });
  });

  router.post('/posting', (request, response) => {
    const { channel: name, error } = schemas.postingBody.parse(request.body);
    const { posting: _before, ...channel } = workspace.channelFor(name);
    response.json({
      channel: channelJson(workspace.saveChannel({ ...channel, ...(error ? { posting: error } : {}) })),
    });
  });

  router.post('/faults', (request, response) => {
    const body = schemas.faultBody.parse(request.body);
    if (body.kind === 'socket_cut') return void response.json({ kind: body.kind, sockets: hub.cut(body.app) });
    if (body.kind === 'disconnect') {
      const sockets = hub.disconnect(body.reason ?? 'refresh_requested', body.app);
      return void response.json({ kind: body.kind, sockets });
    }
    const fault = faults.add(body);
    if (body.kind === 'outage') hub.cut(body.app);
    response.json(fault);
  });
  router.get('/faults', (_request, response) => void response.json({ faults: faults.list() }));
  router.delete('/faults{/:id}', (request, response) => {
    faults.clear((request.params as { id?: string }).id);
    response.json({ faults: faults.list() });
  });

  router.post('/limits', (request, response) => {
    const { enabled, postsAMinute = limits.postsAMinute } = schemas.limitsBody.parse(request.body);
    Object.assign(limits, { enabled, postsAMinute });
    response.json({ enabled, postsAMinute });
  });

  router.get('/calls', (request, response) => {
    const { method, app, after, limit } = schemas.callsQuery.parse(request.query);
    const calls = workspace.store
      .callsAfter(after)
      .filter((call) => (!method || call.method === method) && (!app || call.appId === app));
    response.json({ calls: calls.slice(-limit) });
  });
  router.delete('/calls', (_request, response) => void response.json({ cleared: workspace.store.clearCalls() }));

  router.use((request) => {
    throw new ControlError(404, 'not_found', `There is no ${request.method} /control${request.path}.`);
  });
  router.use(controlErrors);
  return router;
}

/** Browsers send JSON to another origin only after asking, so no page elsewhere can click here. */
function jsonOnly(request: Request, _response: Response, next: NextFunction): void {
  if (request.method === 'POST' && !request.is('application/json')) {
    throw new ControlError(415, 'not_json', 'Send JSON with Content-Type: application/json.');
  }
  next();
}

function controlErrors(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (error instanceof ControlError) {
    response.status(error.status).json({ ...error.extra, error: { code: error.code, message: error.message } });
  } else if (error instanceof z.ZodError) {
    const message = error.issues.map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`).join('; ');
    response.status(422).json({ error: { code: 'invalid_input', message } });
  } else if (error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status < 500) {
    response.status(error.status).json({ error: { code: 'invalid_input', message: error.message } });
  } else next(error);
}
