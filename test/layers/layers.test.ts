import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProcess } from '../support/processes.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** One import a folder must not have, each with where it stands. */
const forbidden: Record<string, string> = {
  'cli/planted.ts': "import '#core/start-session.ts';",
  'cli/commands/planted.ts': "import '../../core/start-session.ts';",
  'cli/database.ts': "import pg from 'pg'; console.log(pg);",
  'api/planted.ts': "import '#db/sessions.ts';",
  'core/planted.ts': "import '#api/app.ts';",
  'core/workflow.ts': "import '#workflows/session-review.ts';",
  'workflows/planted.ts': "import { execute } from '#activities/execute.ts'; console.log(execute);",
  'workflows/clock.ts': "import { readFileSync } from 'node:fs'; console.log(readFileSync);",
  'slack/planted.ts': "import '#db/sessions.ts';",
  'slack/blocks/planted.ts': "import '#core/decide-review.ts';",
  'activities/planted.ts': "import '#slack/listeners/actions.ts';",
  'agent/planted.ts': "import '#db/sessions.ts';",
  'agent/temporal.ts': "import { Client } from '@temporalio/client'; console.log(Client);",
  'workers/planted.ts': "import '#cli/main.ts';",
  'db/planted.ts': "import '#core/start-session.ts';",
  'web/planted.tsx': "import '#api/app.ts';",
  'sandbox/planted.ts': "import '#core/start-session.ts';",
  'config/planted.ts': "import '#core/start-session.ts';",
  'shared/planted.ts': "import '#config/home.ts';",
  'shared/library.ts': "import pg from 'pg'; console.log(pg);",
  'shared/types.ts': "import type { Home } from '../config/home.ts'; export type H = Home;",
};

const allowed: Record<string, string> = {
  'cli/fine.ts': "import '#shared/errors.ts';",
  'api/fine.ts': "import '#core/start-session.ts';",
  'core/fine.ts': "import '#workflows/messages.ts';",
  'workflows/fine.ts': "import type { Activities } from '#activities/index.ts'; export type A = Activities;",
  'slack/blocks/fine.ts': "import '#shared/safe-text.ts';",
  'activities/fine.ts': "import '#slack/blocks/review-message.ts';",
  'workers/fine.ts': "import '#api/app.ts';",
  'shared/fine.ts': "import { z } from 'zod'; console.log(z);",
};

interface Report {
  diagnostics: Array<{ code: string; filename: string }>;
}

describe('the layers of the source', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hoop-layers-'));
  let found: Report['diagnostics'] = [];
  afterAll(() => rmSync(folder, { recursive: true }));

  beforeAll(async () => {
    cpSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
    plant({ ...forbidden, ...allowed, 'core/environment.ts': 'console.log(process.env.HOME);' });
    plant({ 'config/environment.ts': 'console.log(process.env.HOME);' });
    const { stdout } = await runProcess(join(root, 'node_modules/.bin/oxlint'), ['--format', 'json'], { cwd: folder });
    found = (JSON.parse(stdout.toString()) as Report).diagnostics;
  });

  function plant(files: Record<string, string>): void {
    for (const [path, source] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), `${source}\n`);
    }
  }

  const codesFor = (path: string) => found.filter(({ filename }) => filename === path).map(({ code }) => code);

  it.each(Object.keys(forbidden))('%s fails the lint', (path) => {
    expect(codesFor(path)).toContain('eslint(no-restricted-imports)');
  });

  it.each(Object.keys(allowed))('%s passes the lint', (path) => {
    expect(codesFor(path)).toEqual([]);
  });

  it('only config/ reads the environment', () => {
    expect(codesFor('core/environment.ts')).toEqual(['node(no-process-env)']);
    expect(codesFor('config/environment.ts')).toEqual([]);
  });
});
