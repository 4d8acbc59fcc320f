import { chmod, lstat, mkdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const notBuilt = `#!/usr/bin/env node
console.error('hoop is not built yet. Run: npm start (builds and starts everything), or: npm run build');
process.exit(69);
`;

/**
 * Makes node_modules/.bin/hoop of a clone, so that \`npx hoop\` runs this clone at once and never asks a registry.
 * Before the first build it points at a file that says how to build.
 */
export async function linkBin(root) {
  const target = join(root, 'dist/hoop.js');
  if (!existsSync(target)) {
    await mkdir(join(root, 'dist'), { recursive: true });
    await writeFile(target, notBuilt);
    await chmod(target, 0o755);
  }
  const bin = join(root, 'node_modules/.bin');
  if (!existsSync(bin)) return;
  const link = join(bin, 'hoop');
  const wanted = '../../dist/hoop.js';
  const present = await lstat(link).then(
    (found) => (found.isSymbolicLink() ? readlink(link) : 'a file'),
    () => undefined,
  );
  if (present === wanted) return;
  await rm(link, { force: true });
  await symlink(wanted, link);
}
