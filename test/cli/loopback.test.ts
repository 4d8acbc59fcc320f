/** The port of this machine to which the browser brings the code of a sign-in. */
import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { listenForCode, type Loopback } from '../../cli/login/loopback.ts';

const state = 'a-state-that-nobody-guesses';
const callback = (code: string) => `/callback?state=${state}&code=${code}`;
const said = { title: 'Signed in', text: 'You are signed in.' };

/** As it stands, without what `URL` makes of an address first. */
function ask({ port }: Loopback, path: string, headers: Record<string, string> = {}): ClientRequest {
  const asked = request({ host: '127.0.0.1', port, path, headers, agent: false });
  asked.on('error', () => undefined);
  asked.end();
  return asked;
}

async function statusOf(asked: ClientRequest): Promise<number | undefined> {
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}

test('the browser is told how it ended', async () => {
  const loopback = await listenForCode(state);
  const status = statusOf(ask(loopback, callback('abc')));
  expect(await loopback.code).toBe('abc');
  await loopback.finish(said);
  expect(await status).toBe(200);
});

test('a browser that gave up before the end keeps nobody waiting', async () => {
  const loopback = await listenForCode(state);
  const gone = ask(loopback, callback('abc'));
  expect(await loopback.code).toBe('abc');
  const closed = new Promise<void>((resolve) => gone.once('close', resolve));
  gone.destroy();
  await closed;
  // answered after the other connection was seen to end
  expect(await statusOf(ask(loopback, '/'))).toBe(404);
  await expect(loopback.finish(said)).resolves.toBeUndefined();
});

test('what makes no sense is refused, and ends nothing', async () => {
  const loopback = await listenForCode(state);
  expect(await statusOf(ask(loopback, '//'))).toBe(400);
  expect(await statusOf(ask(loopback, '//', { host: 'elsewhere.example' }))).toBe(404);
  expect(await statusOf(ask(loopback, '/callback?state=wrong&code=abc'))).toBe(400);
  const status = statusOf(ask(loopback, callback('the-right-one')));
  expect(await loopback.code).toBe('the-right-one');
  await loopback.finish(said);
  expect(await status).toBe(200);
});
