import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { bindSlackId, findSlackIdentity, updateUser } from '#db/users.ts';
import { confirmSlackLink } from '#core/confirm-slack-link.ts';
import { slackLinkLimits } from '#core/create-slack-link.ts';
import { startSession } from '#core/start-session.ts';
import { appMention } from '#slack/listeners/events/app-mention.ts';
import { eventually, eventuallyPasses } from '../support/eventually.ts';
import { makeUser } from '../support/rows.ts';
import {
  createWorld,
  messages,
  OPS,
  requestReview,
  shownText,
  SRE,
  startConnected,
  startRuntime,
  userOf,
  type SeenMessage,
  type World,
} from './world.ts';

const team = 'T0SANDBOX0';

/** Types `/hoop text` in #ops and gives what only that person sees. */
async function say(world: World, as: string, text: string): Promise<SeenMessage> {
  const privately = async () => (await messages(world, as)).filter((message) => message.ephemeral);
  const before = (await privately()).length;
  const reply = await world.control.post('command', { as, channel: 'ops', command: '/hoop', text });
  expect(reply).toMatchObject({ acked: true });
  return eventually(async () => (await privately())[before]);
}

const answer = async (world: World, as: string, text: string): Promise<string> => shownText(await say(world, as, text));

const linksIn = (message: unknown): string[] => {
  const urls: string[] = [];
  JSON.stringify(message, (key, value: unknown) => {
    if (key === 'url' && typeof value === 'string') urls.push(value);
    return value;
  });
  return urls;
};
const tokenIn = (message: unknown): string => new URL(linksIn(message)[0] ?? '').hash.slice(1);

const actions = async ({ db }: World): Promise<string[]> =>
  (await db.query<{ action: string }>('select action from audit_log order by id')).rows.map((row) => row.action);

describe('/hoop subscribe', () => {
  test('gives whoever types it, and nobody else, a link that binds the account once it is confirmed', async () => {
    const world = await createWorld();
    await startConnected(world);
    const user = await makeUser(world.db, 'dave@example.com', ['sre']);

    const given = await say(world, 'dave', 'subscribe');
    const [url = ''] = linksIn(given);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:8009\/slack\/subscribe#[\w-]{22}\.[\w-]{43}$/);
    expect(given.text).not.toContain('http');
    expect(JSON.stringify(await messages(world, 'bob'))).not.toContain('slack/subscribe');

    const ctx = { core: world.core, actor: { kind: 'user', user, via: 'console' } as const };
    const { view } = await confirmSlackLink(ctx, tokenIn(given));
    expect(view).toMatchObject({ state: 'bound', slack: { id: 'U0DAVE0004', name: 'dave', team: 'Sandbox' } });
    expect(await findSlackIdentity(world.db, user.id)).toMatchObject({ slackId: 'U0DAVE0004', teamId: team });
    expect(await answer(world, 'dave', 'status')).toMatch(/dave@example\.com\n, in sre\n, since /);
    expect(await actions(world)).toEqual(['slack_link.create', 'user.bind_slack']);
  });

  test('tells whom the account belongs to already', async () => {
    const world = await createWorld();
    await startConnected(world);
    const given = await say(world, 'bob', 'subscribe');
    expect(shownText(given)).toContain('bob@example.com');
    expect(linksIn(given)).toHaveLength(1);
  });

  test('is answered a few times in ten minutes, and then told to wait', async () => {
    const world = await createWorld();
    await startConnected(world);
    for (let n = 0; n < slackLinkLimits.perWindow; n += 1) {
      expect(linksIn(await say(world, 'dave', 'subscribe'))).toHaveLength(1);
    }
    const refused = await say(world, 'dave', 'subscribe');
    expect(linksIn(refused)).toEqual([]);
    expect(shownText(refused)).toContain('You asked for 5 links within 10 minutes');
    expect(linksIn(await say(world, 'carol', 'subscribe'))).toHaveLength(1);
    world.core.now = () => new Date(Date.now() + 11 * 60_000);
    expect(linksIn(await say(world, 'dave', 'subscribe'))).toHaveLength(1);
  });
});

describe('/hoop status', () => {
  test('tells somebody hoop does not know what they can do, and what an admin can', async () => {
    const world = await createWorld();
    await startConnected(world);
    const said = await answer(world, 'dave', 'status');
    expect(said).toContain('/hoop subscribe');
    expect(said).toContain('hoop admin create user <email> --overwrite --slackid U0DAVE0004');
  });

  test('tells somebody whose account was deactivated so', async () => {
    const world = await createWorld();
    await startConnected(world);
    await updateUser(world.db, (await userOf(world, 'bob')).id, { active: false });
    for (const text of ['status', 'subscribe', 'pending']) {
      expect(await answer(world, 'bob', text)).toContain('bob@example.com is not active');
    }
  });

  test('pins a Slack id that an admin gave to the workspace it is used in', async () => {
    const world = await createWorld();
    await startConnected(world);
    const { id } = await userOf(world, 'bob');
    expect(await findSlackIdentity(world.db, id)).toMatchObject({ teamId: null });
    await say(world, 'bob', 'status');
    expect(await findSlackIdentity(world.db, id)).toMatchObject({ teamId: team });
  });

  test('shows what others chose as it is: names of groups are no markup', async () => {
    const world = await createWorld();
    await startConnected(world);
    await makeUser(world.db, 'eve@example.com', ['<!channel> *x*'], { slackId: 'U0DAVE0004' });
    const said = await say(world, 'dave', 'status');
    expect(shownText(said)).toContain(', in <!channel> *x*');
    expect(said.text).not.toContain('<!channel>');
    expect(JSON.stringify(said.blocks)).not.toContain('mrkdwn');
  });
});

describe('/hoop unsubscribe', () => {
  test('ends the binding, whoever made it, and says how to come back; a second time changes nothing', async () => {
    const world = await createWorld();
    await startConnected(world);
    const { id } = await userOf(world, 'bob');

    const first = await answer(world, 'bob', 'unsubscribe');
    expect(first).toContain('bob@example.com');
    expect(first).toContain('/hoop subscribe');
    expect(await findSlackIdentity(world.db, id)).toBeUndefined();

    expect(await answer(world, 'bob', 'unsubscribe')).toContain('counts for nobody in hoop');
    expect(await answer(world, 'bob', 'status')).toContain('does not know who you are');
    expect(await actions(world)).toEqual(['user.unbind_slack']);
  });

  test('works for somebody who was deactivated, so that the account can go to another user', async () => {
    const world = await createWorld();
    await startConnected(world);
    const { id } = await userOf(world, 'bob');
    await updateUser(world.db, id, { active: false });
    expect(await answer(world, 'bob', 'unsubscribe')).toContain('bob@example.com');
    expect(await findSlackIdentity(world.db, id)).toBeUndefined();
  });

  test('leaves alone what was bound in another workspace', async () => {
    const world = await createWorld();
    await startConnected(world);
    const { id } = await userOf(world, 'bob');
    await bindSlackId(world.db, id, 'U0BOB00002', 'T0OTHER001');
    expect(await answer(world, 'bob', 'unsubscribe')).toContain('counts for nobody');
    expect(await findSlackIdentity(world.db, id)).toMatchObject({ teamId: 'T0OTHER001' });
  });
});

describe('/hoop pending', () => {
  test('lists what waits for the person, oldest first, with links to the message and to hoop', async () => {
    const world = await createWorld();
    await startConnected(world);
    const first = await requestReview(world, { policy: { groups: ['sre'] } });
    const second = await requestReview(world, { policy: { groups: ['sre'] } });
    const own = await requestReview(world, { policy: { groups: ['sre'] }, by: 'carol' });
    const other = await requestReview(world, { policy: { groups: ['admin'] } });
    await world.db.query(
      `insert into slack_messages (session_id, channel, kind, ts) values ($1, 'C0OPS00002', 'review', '1700000000.000100')`,
      [first],
    );

    const said = await say(world, 'carol', 'pending');
    expect(said.text).toBe('2 requests wait for you.');
    expect(linksIn(said)).toEqual([
      'https://sandbox.slack.com/archives/C0OPS00002/p1700000000000100',
      `http://127.0.0.1:8009/sessions/${first}`,
      `http://127.0.0.1:8009/sessions/${second}`,
    ]);
    expect(shownText(said)).toContain('asked by Alice Archer (alice@example.com)');
    expect(JSON.stringify(said)).not.toContain(own);
    expect(JSON.stringify(said)).not.toContain(other);
    expect(linksIn(await say(world, 'bob', 'pending')).filter((url) => url.includes('/sessions/'))).toHaveLength(4);
  });

  test('says what each is about, and leads to the channel where it was typed, else to the one named first', async () => {
    const world = await createWorld();
    await startConnected(world);
    const script = 'rm -rf /tmp/<!channel>';
    const here = await requestReview(world, { policy: { groups: ['sre'] }, channels: ['C0AAA00001', OPS], script });
    const elsewhere = await requestReview(world, { policy: { groups: ['sre'] }, channels: [SRE, 'C0AAA00001'] });
    for (const [id, channel, ts] of [
      [here, 'C0AAA00001', '1700000000.000100'],
      [here, OPS, '1700000000.000100'],
      [elsewhere, 'C0AAA00001', '1700000000.000200'],
      [elsewhere, SRE, '1700000000.000100'],
    ]) {
      await world.db.query("insert into slack_messages (session_id, channel, kind, ts) values ($1, $2, 'review', $3)", [
        id,
        channel,
        ts,
      ]);
    }
    const said = await say(world, 'carol', 'pending');
    const channels = linksIn(said).flatMap((url) => /archives\/(\w+)/.exec(url)?.[1] ?? []);
    expect(channels).toEqual([OPS, SRE]);
    expect(shownText(said)).toContain('bash: rm -rf /tmp/<!channel>');
    expect(shownText(said)).toContain('bash: ls -l');
  });

  test('leaves out what the person has decided, what has expired, and what is decided', async () => {
    const world = await createWorld();
    await startConnected(world);
    const [decided, expired, over] = [
      await requestReview(world, { policy: { groups: ['admin', 'sre'] } }),
      await requestReview(world, { policy: { groups: ['sre'] } }),
      await requestReview(world, { policy: { groups: ['sre'] } }),
    ];
    const { id } = await userOf(world, 'carol');
    await world.db.query(
      `insert into decisions (session_id, envelope_version, digest, seq, user_id, verdict, via)
       select id, 1, digest, 1, $2, 'approve', 'api' from sessions where id = $1`,
      [decided, id],
    );
    await world.db.query("update sessions set expires_at = now() - interval '1 second' where id = $1", [expired]);
    await world.db.query("update sessions set state = 'cancelled', ended_at = now() where id = $1", [over]);
    expect(await answer(world, 'carol', 'pending')).toContain('Nothing waits for you.');
  });

  test('shows fifteen, and says how many more there are and where', async () => {
    const world = await createWorld();
    await startConnected(world);
    const ctx = { core: world.core, actor: { kind: 'user', user: await userOf(world, 'alice'), via: 'cli' } as const };
    await requestReview(world, { policy: { groups: ['sre'] } });
    const { rows } = await world.db.query<{ name: string }>('select name from connections');
    const input = { kind: 'exec' as const, scriptEncoding: 'utf8' as const, args: [], env: {} };
    for (let n = 0; n < 16; n += 1) {
      await startSession(ctx, { ...input, id: randomUUID(), connection: rows[0]?.name ?? '' });
    }
    const said = await say(world, 'carol', 'pending');
    expect(said.text).toBe('17 requests wait for you.');
    expect(linksIn(said).filter((url) => url.includes('/sessions/'))).toHaveLength(15);
    expect(linksIn(said).at(-1)).toBe('http://127.0.0.1:8009/reviews');
    expect(shownText(said)).toContain('and 2 more: ');
  });

  test('shows what others chose as it is', async () => {
    const world = await createWorld();
    await startConnected(world);
    const { id } = await userOf(world, 'alice');
    await updateUser(world.db, id, { name: '<!channel> <https://evil.example|Bob>\u202e' });
    await requestReview(world, { policy: { groups: ['sre'] } });
    const said = await say(world, 'carol', 'pending');
    expect(shownText(said)).toContain('<!channel> <https://evil.example|Bob>\\u{202e}');
    expect(said.text).toBe('1 request waits for you.');
    expect(JSON.stringify(said.blocks)).not.toContain('mrkdwn');
  });
});

describe('any other word', () => {
  test('gets the help, which repeats nothing of it', async () => {
    const world = await createWorld();
    await startConnected(world);
    for (const text of ['help', '', 'frobnicate <!channel>', 'constructor']) {
      const said = await answer(world, 'dave', text);
      for (const word of ['subscribe', 'status', 'pending', 'unsubscribe', 'help']) {
        expect(said).toContain(`/hoop ${word}`);
      }
      expect(said).not.toContain('frobnicate');
    }
  });

  test('is none that differs by case, blanks and what follows', async () => {
    const world = await createWorld();
    await startConnected(world);
    expect(await answer(world, 'bob', '  STATUS   please ')).toContain('bob@example.com');
  });
});

describe('without a database that answers', () => {
  test('a command is told to try again, and the help still comes', async () => {
    const world = await createWorld();
    await startConnected(world);
    await world.db.query('alter table slack_identities rename to gone');
    for (const text of ['subscribe', 'status', 'pending', 'unsubscribe']) {
      expect(await answer(world, 'bob', text)).toContain('try again in a moment');
    }
    expect(await answer(world, 'bob', 'help')).toContain('/hoop pending');
  });

  test('one that is slow is acknowledged in time, and its answer follows', async () => {
    const world = await createWorld();
    await startConnected(world, { app: { budgetMs: 200 } });
    const blocker = await world.db.connect();
    await blocker.query('begin; lock table slack_identities in access exclusive mode');
    expect(await answer(world, 'bob', 'status')).toContain('the answer follows here');
    await blocker.query('commit');
    blocker.release();
    await eventuallyPasses(async () => expect(shownText(await messages(world, 'bob'))).toContain('bob@example.com'));
  });
});

describe('a mention of the bot', () => {
  const mention = async (world: World, installed: { botUserId: string }): Promise<string> => {
    await world.control.post('invite', { channel: 'ops', user: installed.botUserId });
    const { ts } = await world.control.post('message', { as: 'bob', channel: 'ops', text: '@Hoop Bot hello' });
    return ts;
  };
  const answersTo = async (world: World, ts: string): Promise<SeenMessage[]> =>
    (await messages(world, 'carol', 'ops', ts)).filter((m) => m.thread_ts === ts && m.ts !== ts);

  test('is answered with the help in its thread', async () => {
    const world = await createWorld();
    const { installed } = await startConnected(world);
    const ts = await mention(world, installed);
    const [said] = await eventually(async () => {
      const all = await answersTo(world, ts);
      return all.length > 0 && all;
    });
    expect(shownText(said)).toContain('/hoop subscribe');
  });

  test('by another bot is left alone: two bots that answer each other never end', async () => {
    const world = await createWorld();
    const said: unknown[] = [];
    const deps = { core: world.core, log: world.core.log, homeTeamId: team, budgetMs: 2_000 };
    const args = (bot: object) => ({
      event: { type: 'app_mention', channel: 'C1', ts: '1.1', ...bot },
      body: { event_id: randomUUID() },
      say: async (message: unknown) => said.push(message),
    });
    const listener = appMention(deps as never);
    await listener(args({ user: 'U0OTHERBOT', bot_id: 'B1' }) as never);
    expect(said).toEqual([]);
    await listener(args({ user: 'U0DAVE0004' }) as never);
    expect(said).toHaveLength(1);
  });

  test('is answered once, though Slack sends it twice and to two replicas', async () => {
    const world = await createWorld();
    const { installed } = await startConnected(world);
    await startRuntime(world);
    await world.control.post('faults', { kind: 'duplicate', count: 1 });
    const ts = await mention(world, installed);
    await eventuallyPasses(async () => expect((await answersTo(world, ts)).length).toBeGreaterThan(0));
    // another mention, answered after it: by then a second answer to the first would be there
    const later = await mention(world, installed);
    await eventuallyPasses(async () => expect(await answersTo(world, later)).toHaveLength(1));
    expect(await answersTo(world, ts)).toHaveLength(1);
  });
});
