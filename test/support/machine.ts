/** A machine of its own where hoop is installed, for commands that a page shows. */
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { distFile, startProcess, type RunningProcess } from './processes.ts';

export interface Machine {
  /** Types a line at its shell. */
  type(line: string): RunningProcess;
  /** Ends all that was started there, and what that left behind: an agent's runner outlives it by design. */
  remove(): Promise<void>;
}

export async function makeMachine(): Promise<Machine> {
  const home = await mkdtemp(join(tmpdir(), 'hoop-machine-'));
  await mkdir(join(home, 'bin'));
  const program = join(home, 'bin', 'hoop');
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${await distFile('hoop.js')}' "$@"\n`);
  await chmod(program, 0o755);
  return {
    type(line) {
      const { HOOP_TEST_RUN } = process.env;
      const env = { PATH: `${join(home, 'bin')}:${process.env.PATH}`, HOOP_HOME: home, HOOP_TEST_RUN };
      return startProcess('bash', ['-c', line], { env });
    },
    async remove() {
      for (const pid of await pidsOf(home)) process.kill(pid, 'SIGKILL');
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function pidsOf(home: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const environments = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')));
  return pids.filter((_, at) => environments[at]?.split('\0').includes(`HOOP_HOME=${home}`));
}
