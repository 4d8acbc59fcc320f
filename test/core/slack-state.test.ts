import { describe, expect, test } from 'vitest';
import { fareOf } from '#core/slack-state.ts';
import type { SlackChannelRow } from '#db/slack-channels.ts';
import type { SlackReplicaRow } from '#db/slack-replicas.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 23, 8, minute));
const plugin = { configSealed: Buffer.from('x'), version: 2, updatedAt: at(0), info: { scopes: [] } };

const replica = (over: Partial<SlackReplicaRow> = {}): SlackReplicaRow => ({
  gatewayId: 'g1',
  address: 'http://one',
  pluginVersion: 2,
  state: 'connected',
  openSockets: 2,
  problem: null,
  problemAt: null,
  since: at(1),
  ...over,
});
const refusing = (over: Partial<SlackChannelRow> = {}): SlackChannelRow => ({
  channel: 'C1',
  name: '#ops',
  code: 'is_archived',
  advice: '#ops is archived',
  failingSince: at(2),
  failures: 1,
  lastFailureAt: at(3),
  nextTryAt: null,
  pluginVersion: 2,
  lastSuccessAt: null,
  ...over,
});

describe('the state of the plugin slack', () => {
  test.each([
    ['no replica has spoken yet', [], 'connecting'],
    ['one is connected, others wait or fail', ['error', 'waiting', 'connected'], 'connected'],
    ['none is connected and one is refused', ['connecting', 'error'], 'error'],
    ['all still try', ['connecting', 'waiting'], 'connecting'],
  ] as const)('when %s', (_when, states, expected) => {
    const replicas = states.map((state) => replica({ state }));
    expect(fareOf(plugin, replicas, []).state).toBe(expected);
  });

  test('is off without tokens, and tells nothing of replicas that speak of older ones', () => {
    expect(fareOf({ ...plugin, configSealed: null }, [replica()], []).state).toBe('off');
    const old = replica({ pluginVersion: 1, problem: 'old trouble', problemAt: at(1) });
    expect(fareOf(plugin, [old], [])).toEqual({ state: 'connecting', lastError: null, lastErrorAt: null });
  });

  test('the newest trouble of a replica comes before that of a channel', () => {
    const replicas = [
      replica({ problem: 'earlier', problemAt: at(4) }),
      replica({ gatewayId: 'g2', problem: 'later', problemAt: at(5) }),
    ];
    expect(fareOf(plugin, replicas, [refusing()])).toMatchObject({ lastError: 'later', lastErrorAt: at(5) });
    expect(fareOf(plugin, [replica()], [refusing()])).toEqual({
      state: 'connected',
      lastError: '#ops is archived',
      lastErrorAt: at(3),
    });
    expect(fareOf(plugin, [replica()], [refusing({ code: null })])).toMatchObject({ lastError: null });
  });

  test('posts that are refused for the token are an error, though the sockets are open', () => {
    const refused = refusing({ code: 'token_revoked', advice: 'set new tokens' });
    expect(fareOf(plugin, [replica()], [refused])).toMatchObject({
      state: 'error',
      lastError: 'Slack refuses SLACK_BOT_TOKEN: set new tokens',
      lastErrorAt: at(2),
    });
    expect(fareOf(plugin, [replica()], [{ ...refused, pluginVersion: 1 }]).state).toBe('connected');
    const taking = (minute: number) => refusing({ channel: 'C2', code: null, lastSuccessAt: at(minute) });
    expect(fareOf(plugin, [replica()], [refused, taking(2)]).state).toBe('error');
    expect(fareOf(plugin, [replica()], [refused, taking(4)]).state).toBe('connected');
  });

  test('tokens of two apps are an error whatever else is', () => {
    const mixed = { ...plugin, info: { scopes: [], appId: 'A1', botAppId: 'A2' } };
    expect(fareOf(mixed, [replica()], [])).toMatchObject({
      state: 'error',
      lastError: expect.stringContaining('the app A1 and SLACK_BOT_TOKEN to A2'),
    });
  });
});
