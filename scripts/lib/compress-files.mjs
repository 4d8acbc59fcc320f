import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

// The last two qualities of brotli cost five times the time for 6 % of the size.
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
const smallestWorthIt = 1024;

/** Puts `.br` and `.gz` beside each script and style sheet of a folder, as the gateway serves them. */
export async function compressFiles(folder) {
  const names = (await readdir(folder)).filter((name) => /\.(js|css|svg)$/.test(name));
  await Promise.all(names.map((name) => compressFile(join(folder, name))));
}

async function compressFile(path) {
  const content = await readFile(path);
  if (content.length < smallestWorthIt) return;
  await Promise.all([
    promisify(brotliCompress)(content, brotliOptions).then((small) => writeFile(`${path}.br`, small)),
    promisify(gzip)(content, { level: 9 }).then((small) => writeFile(`${path}.gz`, small)),
  ]);
}
