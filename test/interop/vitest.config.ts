import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import ClosingLineReporter from '../support/reporter.ts';

const runId = randomUUID();

/** Apart from `npm test`: these need the toolchains of other languages. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/interop/*.interop.ts'],
    env: { HOOP_TEST_RUN: runId, TZ: 'UTC' },
    reporters: [['default', { summary: false }], new ClosingLineReporter(runId)],
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 60_000,
    // Setting up a client may install its packages and compile it, on a busy machine.
    hookTimeout: 900_000,
    passWithNoTests: false,
    expect: { requireAssertions: true },
  },
});
