import { randomUUID } from 'node:crypto';
import { defineConfig } from 'vitest/config';
import ClosingLineReporter from './test/support/reporter.ts';

// Every process a test starts inherits it, so that whatever is left at the end can be found and named.
const runId = randomUUID();

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    globalSetup: ['test/support/services.ts'],
    env: { HOOP_TEST_RUN: runId, TZ: 'UTC' },
    reporters: [['default', { summary: false }], new ClosingLineReporter(runId)],
    // Whole stacks with browsers share the cores: more files at a time would only make each wait longer.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 90_000,
    hookTimeout: 180_000,
    passWithNoTests: false,
    expect: { requireAssertions: true },
  },
});
