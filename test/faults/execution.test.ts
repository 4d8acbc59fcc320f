import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAgentLineProxy } from '../support/agent-line-proxy.ts';
import { eventually } from '../support/eventually.ts';
import { startOwnStores, type OwnStores } from '../support/own-stores.ts';
import { startStack } from '../support/stack.ts';
import { victims } from './execution/deaths.ts';
import { openStores } from './execution/recording.ts';
import { playRound, startsOf, type Round, type Scene } from './execution/round.ts';
import { moments, steps, written } from './execution/steps.ts';

/** From the return of what died to the end of the session: told, and not found by some limit of minutes. */
const toldWithinMs = 60_000;
const lostStatus = 75;

let own: OwnStores;
let scene: Scene;

beforeAll(async () => {
  own = await startOwnStores();
  let proxy: Scene['proxy'] | undefined;
  const agentUrl = async (apiUrl: string) => (proxy = await startAgentLineProxy(apiUrl)).url;
  const hoop = await startStack({ stores: own, agentUrl });
  if (!proxy) throw new Error('no proxy before the gateway');
  const stores = await openStores(own.databaseUrl, own.temporalAddress);
  scene = { hoop, proxy, stores, folder: await mkdtemp(join(tmpdir(), 'hoop-faults-')) };
  const made = await hoop.hoop(['admin', 'create', 'conn', 'free', '--agent', 'default', '--', 'bash']).ended;
  expect(made.code).toBe(0);
}, 180_000);
afterAll(async () => {
  await scene?.hoop.close();
  await scene?.proxy.close();
  await scene?.stores.close();
  await own?.close();
  if (scene) await rm(scene.folder, { recursive: true, force: true });
}, 60_000);

describe.for(victims(() => own))('$name dies', ({ name, death, lost }) => {
  let round: Round;
  beforeAll(async () => {
    round = await playRound(scene, name, death);
  }, 240_000);

  test.for(steps.map((step) => ({ step, ...moments[step] })))('$title', async ({ step, ...moment }) => {
    const cell = round.cells[step];
    const cli = await cell.cli.ended;
    const recorded = await scene.stores.recording(cell.name);
    if (!recorded) throw new Error('no such session');
    const isLost = lost.includes(step);
    const end = { state: isLost ? 'lost' : 'finished', exitCode: isLost ? null : moment.exitCode };

    expect(recorded).toMatchObject({ ...end, runs: 1, isWhole: true });
    expect(cli.code).toBe(isLost ? lostStatus : moment.exitCode);
    expect(await scene.stores.workflowEnd(recorded.id)).toBe(end.state);
    expect((recorded.endedAt?.getTime() ?? 0) - round.backAt).toBeLessThan(toldWithinMs);

    expect(startsOf(cell).length).toBeLessThanOrEqual(1);
    if (!isLost) expect(startsOf(cell)).toHaveLength(1);

    // compared as booleans: a difference of megabytes is no message
    const [stdout, stderr] = [written('out', moment), written('err', moment)];
    if (isLost) {
      expect([stdout.startsWith(recorded.stdout), stderr.startsWith(recorded.stderr)]).toEqual([true, true]);
    } else {
      expect([recorded.stdout === stdout, recorded.stderr === stderr]).toEqual([true, true]);
    }
    expect([cli.stdout.toString() === recorded.stdout, cli.stderr === recorded.stderr]).toEqual([true, true]);
    if (!cell.before) return;
    const seen = [cell.before.stdout.toString(), cell.before.stderr];
    expect([stdout.startsWith(seen[0] ?? ''), stderr.startsWith(seen[1] ?? '')]).toEqual([true, true]);
  });

  test('the agent holds nothing of them any more', async () => {
    const spools = () => readdirSync(join(scene.hoop.home, 'agent', 'spool'));
    expect(await eventually(() => spools().length === 0, { describe: () => `no spools, of ${spools()}` })).toBe(true);
  });
});
