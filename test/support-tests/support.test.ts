import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { runProcess, startProcess } from '../support/processes.ts';
import { useTemporal } from '../support/temporal.ts';

describe('test support', () => {
  const drops: Array<() => Promise<void>> = [];
  afterAll(() => Promise.all(drops.map((drop) => drop())));

  it('gives each caller a database of its own', async () => {
    const [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    drops.push(first.drop, second.drop);
    const client = new pg.Client({ connectionString: first.url });
    await client.connect();
    await client.query('CREATE TABLE mine (id int)');
    await client.end();
    const other = new pg.Client({ connectionString: second.url });
    await other.connect();
    const { rows } = await other.query("SELECT to_regclass('mine') AS found");
    await other.end();
    expect(rows).toEqual([{ found: null }]);
  });

  it('gives a Temporal server and a prefix for task queues', async () => {
    const temporal = await useTemporal();
    expect(temporal.address).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(temporal.taskQueuePrefix).not.toBe((await useTemporal()).taskQueuePrefix);
  });

  it('says what was seen last when a condition does not come true', async () => {
    const attempt = eventually(() => false, { deadlineMs: 50, describe: 'pigs fly' });
    await expect(attempt).rejects.toThrow('Not within 50 ms: pigs fly. Last seen: false');
  });

  it('runs processes to their end or kills them', async () => {
    const echo = await runProcess('cat', [], { input: 'bytes' });
    expect(echo).toMatchObject({ code: 0, stdout: Buffer.from('bytes') });
    const sleeper = startProcess('sh', ['-c', 'echo up; exec sleep 60']);
    await sleeper.waitForOutput(/up/);
    expect(await sleeper.kill()).toMatchObject({ signal: 'SIGKILL' });
  });

  it('opens a page in a real browser', async () => {
    const browser = await launchBrowser();
    const page = await browser.newPage();
    await page.setContent('<h1>hoop</h1>');
    expect(await page.textContent('h1')).toBe('hoop');
    await browser.close();
  });
});
