/** Temporal's own command line, as operators use it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findTestTemporal } from './services/temporal.ts';

export interface TemporalCli {
  /** What it prints; throws with what it says when it fails. */
  run(...args: string[]): Promise<string>;
  /** Ids of the workflows that a search finds. */
  list(query: string): Promise<string[]>;
}

export async function temporalCli(address: string): Promise<TemporalCli> {
  const program = await findTestTemporal();
  const run = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)(program, [...args, '--address', address], {
      maxBuffer: 64 * 1024 ** 2,
    });
    return stdout;
  };
  return {
    run,
    async list(query) {
      const found = JSON.parse(await run('workflow', 'list', '--query', query, '-o', 'json')) as {
        execution: { workflowId: string };
      }[];
      return found.map(({ execution }) => execution.workflowId);
    },
  };
}
