import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { checksumOf, type Release } from './release.ts';

const connectLimitMs = 15_000;
const downloadLimitMs = 300_000;
/** The archive has some 50 MB; anything far above is not it. */
const maxBytes = 300_000_000;

/** Downloads the official archive, checks it against the release's checksums and leaves the program at `target`. */
export async function downloadTemporal(
  release: Release,
  target: string,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const within = (ms: number) => AbortSignal.any([AbortSignal.timeout(ms), ...(signal ? [signal] : [])]);
  const checksums = await (await get(release.checksumsUrl, within(connectLimitMs))).text();
  const expected = checksumOf(release.archive, checksums);
  if (!expected) throw new Error(`the release names no checksum for ${release.archive}`);
  say(`Temporal: downloading ${release.archiveUrl}`);
  const archive = await readWithProgress(await get(release.archiveUrl, within(downloadLimitMs)), say);
  const actual = createHash('sha256').update(archive).digest('hex');
  if (actual !== expected) throw new Error('the downloaded archive does not have the checksum of the release');
  await unpack(archive, target);
}

async function get(url: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, { signal }).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new Error(`${new URL(url).host}: ${cause instanceof Error ? cause.message : String(cause)}`);
  });
  if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status}`);
  return response;
}

async function readWithProgress(response: Response, say: (line: string) => void): Promise<Buffer> {
  const total = Number(response.headers.get('content-length') ?? 0);
  const chunks: Uint8Array[] = [];
  let received = 0;
  let shown = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk as Uint8Array);
    received += (chunk as Uint8Array).byteLength;
    if (received > maxBytes) throw new Error('the archive is larger than any release of Temporal');
    if (received - shown < 10_000_000) continue;
    shown = received;
    say(`Temporal: ${megabytes(received)}${total > 0 ? ` of ${megabytes(total)}` : ''}`);
  }
  return Buffer.concat(chunks);
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

async function unpack(archive: Buffer, target: string): Promise<void> {
  const folder = await mkdtemp(join(dirname(target), '.download-'));
  try {
    const file = join(folder, 'archive.tar.gz');
    await writeFile(file, archive);
    await promisify(execFile)('tar', ['-xzf', file, '-C', folder, 'temporal']);
    await chmod(join(folder, 'temporal'), 0o755);
    await rename(join(folder, 'temporal'), target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
