import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe } from 'vitest';
import { clientTests } from './flow.ts';
import { here, kept, tool } from './toolchain.ts';

const hint = 'Install Go 1.26 or newer; modules come from its module proxy.';

describe("Go's slack-go", () => {
  clientTests(async () => {
    const source = join(here, 'go');
    const version = await tool('go', ['version'], hint);
    const files = await Promise.all(
      ['main.go', 'go.mod', 'go.sum'].map((name) => readFile(join(source, name), 'utf8')),
    );
    const built = await kept('go', [version, ...files], async (folder) => {
      await tool('go', ['build', '-o', join(folder, 'deployer'), '.'], hint, source);
    });
    return { command: join(built, 'deployer'), args: [] };
  });
});
