import { writeSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import { endLeftovers } from './leftovers.ts';

/**
 * Closes the output with one plain line, `N passed, N failed`, whatever else is printed.
 * A run that ran nothing, or left processes behind, has failed.
 */
export default class ClosingLineReporter implements Reporter {
  private passed = 0;
  private failed = 0;

  constructor(private readonly runId: string) {}

  onInit(): void {
    // The very last moment: after every other reporter and after the services were stopped.
    process.once('exit', () => this.close());
  }

  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandledErrors: ReadonlyArray<unknown>): void {
    for (const module of modules) {
      let failedTests = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') this.passed += 1;
        if (state === 'failed') failedTests += 1;
      }
      // A file that could not be loaded, or whose hooks failed, has no failed test of its own.
      this.failed += failedTests === 0 && module.state() === 'failed' ? 1 : failedTests;
    }
    this.failed += unhandledErrors.length;
  }

  private close(): void {
    const leftovers = endLeftovers(this.runId);
    for (const { pid, command } of leftovers) writeSync(1, `left running by a test, ended now: ${pid} ${command}\n`);
    this.failed += leftovers.length;
    if (this.failed > 0 || this.passed === 0) process.exitCode ||= 1;
    writeSync(1, `${this.passed} passed, ${this.failed} failed\n`);
  }
}
