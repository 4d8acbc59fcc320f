import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const cache = new Map();

/** SHA-256 over the names and contents of all files under `paths` (files or folders of `root`); missing ones count as empty. */
export async function hashInputs(root, paths) {
  const hash = createHash('sha256');
  for (const path of [...paths].sort()) hash.update(`${path}\0${await hashPath(join(root, path))}\0`);
  return hash.digest('hex');
}

function hashPath(path) {
  const known = cache.get(path);
  if (known) return known;
  const answer = computeHash(path);
  cache.set(path, answer);
  return answer;
}

async function computeHash(path) {
  const hash = createHash('sha256');
  const entries = await readdir(path, { withFileTypes: true }).catch((error) => error.code);
  if (entries === 'ENOENT') return 'missing';
  if (entries === 'ENOTDIR') return hash.update(await readFile(path)).digest('hex');
  if (typeof entries === 'string') throw new Error(`cannot read ${path}: ${entries}`);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name === 'node_modules') continue;
    hash.update(`${entry.name}\0${await hashPath(join(path, entry.name))}\0`);
  }
  return hash.digest('hex');
}
