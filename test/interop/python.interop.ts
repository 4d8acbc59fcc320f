import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe } from 'vitest';
import { clientTests } from './flow.ts';
import { here, kept, tool } from './toolchain.ts';

const hint =
  "Install Python 3.9 or newer with pip and venv (Debian: python3 and python3-venv); packages come from pip's index.";

describe("Python's slack_bolt", () => {
  clientTests(async () => {
    const requirements = join(here, 'python/requirements.txt');
    const version = await tool('python3', ['--version'], hint);
    const venv = await kept('python', [version, await readFile(requirements, 'utf8')], async (folder) => {
      await tool('python3', ['-m', 'venv', folder], hint);
      const quiet = ['--quiet', '--disable-pip-version-check', '--no-input'];
      await tool(join(folder, 'bin/pip'), ['install', ...quiet, '--require-hashes', '-r', requirements], hint);
    });
    return { command: join(venv, 'bin/python'), args: ['-B', join(here, 'python/app.py')] };
  });
});
