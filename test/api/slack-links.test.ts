import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSlackLink } from '#core/create-slack-link.ts';
import { pluginIdentity } from '#core/sealer.ts';
import { savePlugin } from '#db/plugins.ts';
import type { SlackLinkView } from '#shared/slack-link-schemas.ts';
import { eventually } from '../support/eventually.ts';
import { addUser, startApi, type TestApi } from './support/api.ts';
import { caller, cookieOf, signInAs, type Caller, type ErrorAnswer } from './support/client.ts';

let api: TestApi;
let ann: Caller;

const linkOf = async (slackId: string): Promise<string> => {
  const { url } = await createSlackLink(api.core, { userId: slackId, teamId: 'T1' }, 'dave');
  return new URL(url).hash.slice(1);
};

beforeAll(async () => {
  api = await startApi();
  await addUser(api, 'ann@example.com', ['sre']);
  ann = await signInAs(api, 'ann@example.com');
  const config = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' };
  await savePlugin(api.db, {
    name: 'slack',
    configSealed: api.core.sealer.seal(pluginIdentity('slack'), JSON.stringify(config)),
    configNames: Object.keys(config),
    // nobody listens there
    apiUrl: 'http://127.0.0.1:9/api/',
    info: { team: { id: 'T1', name: 'Acme' }, scopes: [] },
  });
});
afterAll(() => api.stop());

test.each(['open', 'confirm'])('%s is for people who signed in, from hoop’s own pages', async (verb) => {
  const path = `/api/slack/links/${verb}`;
  const token = await linkOf('U0NOBODY1');
  expect((await caller(api).post(path, { token })).status).toBe(401);
  const cookie = await cookieOf(api, 'ann@example.com');
  const foreign = await caller(api, { cookie, origin: 'https://evil.example' }).post<ErrorAnswer>(path, { token });
  expect([foreign.status, foreign.body.error.code]).toEqual([403, 'origin_refused']);
  expect((await caller(api, { cookie, origin: api.url }).post(path, { token })).status).toBe(200);
});

test('an API token binds no Slack account, and leaves the link as it was', async () => {
  const made = await ann.post<{ token: string }>('/api/tokens', { name: 'stolen' });
  const bearer = caller(api, { authorization: `Bearer ${made.body.token}` });
  const token = await linkOf('U0THIEF001');
  const refused = await bearer.post<ErrorAnswer>('/api/slack/links/confirm', { token });
  expect([refused.status, refused.body.error.code]).toEqual([403, 'not_allowed']);
  expect((await ann.post<SlackLinkView>('/api/slack/links/open', { token })).body.state).toBe('open');
});

test('reading an address consumes nothing, as there is no such address to read', async () => {
  expect((await ann.get('/api/slack/links/open')).status).toBe(404);
  expect((await ann.get('/api/slack/links/confirm')).status).toBe(404);
});

test('confirming answers, though Slack is away and cannot tell the person', async () => {
  const token = await linkOf('U0DAVE0004');
  const opened = await ann.post<SlackLinkView>('/api/slack/links/open', { token });
  expect(opened.body).toMatchObject({ state: 'open', slack: { id: 'U0DAVE0004', name: 'dave', team: 'Acme' } });
  const confirmed = await ann.post<SlackLinkView>('/api/slack/links/confirm', { token });
  expect([confirmed.status, confirmed.body]).toMatchObject([200, { state: 'bound', email: 'ann@example.com' }]);
  expect((await ann.get<{ slackId: string }>('/api/me')).body.slackId).toBe('U0DAVE0004');
  await eventually(() => api.logs.find((line) => line['msg'] === 'direct message about a binding not sent'));
});

test.each([
  ['a token that was never given out', { token: 'AAAAAAAAAAAAAAAAAAAAAA' }, 404, 'slack_link_unknown'],
  ['one that is far too long', { token: 'A'.repeat(201) }, 400, 'invalid_input'],
  ['none', {}, 400, 'invalid_input'],
  ['another field', { token: 'A', slackId: 'U1' }, 400, 'invalid_input'],
])('%s is refused', async (_what, body, status, code) => {
  const answer = await ann.post<ErrorAnswer>('/api/slack/links/confirm', body);
  expect([answer.status, answer.body.error.code]).toEqual([status, code]);
});

test('no log line holds a token', async () => {
  const token = await linkOf('U0QUIET001');
  await ann.post('/api/slack/links/open', { token });
  await ann.post('/api/slack/links/confirm', { token });
  await ann.post('/api/slack/links/confirm', { token });
  expect(JSON.stringify(api.logs)).not.toContain(token.slice(23));
});

test('both are in the OpenAPI document', async () => {
  const { body } = await caller(api).get<{ paths: Record<string, object> }>('/api/openapi.json');
  expect(Object.keys(body.paths)).toEqual(
    expect.arrayContaining(['/api/slack/links/open', '/api/slack/links/confirm']),
  );
});
