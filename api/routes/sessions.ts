import { z } from 'zod';
import {
  createSessionInput,
  decisionInput,
  endInput,
  limits,
  listSessionsQuery,
  outputPage,
  outputQuery,
  paths,
  sessionDetail,
  sessionView,
  type SessionDetail,
} from '#shared/api-schemas.ts';
import { sessionParams } from '#shared/recording-schemas.ts';
import { cancelSession, decideReview, revokeSession, signalOrLeaveToSweep, type Decided } from '#core/decide-review.ts';
import { requireUser } from '#core/context.ts';
import { listVisibleSessions } from '#core/list-sessions.ts';
import { noteSeen } from '#core/note-seen.ts';
import { readOutputPage } from '#core/read-output.ts';
import { sessionDetailOf, sessionViewOf, sessionViewsOf } from '#core/session-view.ts';
import { startSession } from '#core/start-session.ts';
import { userRoute } from '../route.ts';
import { visibleSession, type SessionCall } from '../visible-session.ts';

const tag = 'Sessions';
const path = { one: '/api/sessions/:id', decisions: '/api/sessions/:id/decisions' };

async function detail(call: SessionCall): Promise<SessionDetail> {
  return sessionDetailOf(call.core, await visibleSession(call), call.identity.user);
}

/** The decision stands once it is committed; the answer waits for its signal, so that what follows is quick. */
async function decided(call: SessionCall, decision: Decided['decision']): Promise<{ body: SessionDetail }> {
  await signalOrLeaveToSweep(call.core, decision);
  return { body: await detail(call) };
}

export const sessionRoutes = [
  userRoute(
    {
      method: 'post',
      path: paths.sessions,
      tag,
      summary: 'Ask to run a command. 200 instead of 201: this very request was made before under the same id',
      body: createSessionInput,
      bodyBytes: limits.bodyBytes,
      answer: sessionView,
      statuses: [201, 200],
    },
    async ({ core, ctx, body, res }) => {
      const { session, created } = await startSession(ctx, body);
      res.locals['sessionId'] = session.id;
      return { status: created ? 201 : 200, body: await sessionViewOf(core, session) };
    },
  ),
  userRoute(
    {
      method: 'get',
      path: paths.sessions,
      tag,
      summary: 'Sessions you may see, newest first',
      query: listSessionsQuery,
      answer: z.array(sessionView),
    },
    async ({ core, ctx, query }) => ({ body: await sessionViewsOf(core, await listVisibleSessions(ctx, query)) }),
  ),
  userRoute(
    { method: 'get', path: path.one, tag, summary: 'A session in full', params: sessionParams, answer: sessionDetail },
    async (call) => {
      const session = await visibleSession(call);
      await noteSeen(call.core, session, call.identity.user, requireUser(call.ctx).via);
      return { body: await sessionDetailOf(call.core, session, call.identity.user) };
    },
  ),
  userRoute(
    {
      method: 'post',
      path: path.decisions,
      tag,
      summary: 'Approve or reject',
      params: sessionParams,
      body: decisionInput,
      answer: sessionDetail,
    },
    async (call) => {
      const { id } = await visibleSession(call);
      return decided(call, (await decideReview(call.ctx, id, call.body)).decision);
    },
  ),
  userRoute(
    {
      method: 'post',
      path: `${path.one}/cancel`,
      tag,
      summary: 'Withdraw your own request before it runs',
      params: sessionParams,
      body: endInput,
      answer: sessionDetail,
    },
    async (call) => {
      const { id } = await visibleSession(call);
      return decided(call, (await cancelSession(call.ctx, id, call.body.reason)).decision);
    },
  ),
  userRoute(
    {
      method: 'post',
      path: `${path.one}/revoke`,
      tag,
      summary: 'Stop a session, running or not; for admins',
      params: sessionParams,
      body: endInput,
      answer: sessionDetail,
    },
    async (call) => {
      const { id } = await visibleSession(call);
      return decided(call, (await revokeSession(call.ctx, id, call.body.reason)).decision);
    },
  ),
  userRoute(
    {
      method: 'get',
      path: `${path.one}/output`,
      tag,
      summary: 'Output as stored, from a byte offset on',
      params: sessionParams,
      query: outputQuery,
      answer: outputPage,
    },
    async (call) => ({ body: await readOutputPage(call.core, await visibleSession(call), call.query) }),
  ),
];
