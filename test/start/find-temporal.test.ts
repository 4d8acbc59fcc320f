import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { findTemporal } from '#workers/supervisor/temporal/find-temporal.ts';
import { checksumOf, releaseFor, temporalVersion, type Release } from '#workers/supervisor/temporal/release.ts';

const root = mkdtempSync(join(tmpdir(), 'hoop-find-temporal-'));
const servers: Server[] = [];
let count = 0;

afterEach(() => servers.splice(0).forEach((server) => server.close()));
afterAll(() => rmSync(root, { recursive: true }));

interface Machine {
  /** Folder on PATH. */
  bin: string;
  cacheFolder: string;
  lines: string[];
  find(release?: Release | null): Promise<string>;
}

/** A machine of its own: nothing on PATH but what a test puts there (and /bin for the scripts themselves). */
function machine(): Machine {
  const folder = join(root, String((count += 1)));
  const bin = join(folder, 'bin');
  const cacheFolder = join(folder, 'cache');
  mkdirSync(bin, { recursive: true });
  const lines: string[] = [];
  const find = (release: Release | null = null) =>
    findTemporal({
      env: { PATH: `${bin}:/usr/bin:/bin`, HOME: folder },
      cacheFolder,
      say: (line) => lines.push(line),
      release,
    });
  return { bin, cacheFolder, lines, find };
}

function program(path: string, script: string): string {
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}

const fakeGo = `echo "$@" >> "$HOME/go-calls"
printf '#!/bin/sh\\necho temporal built\\n' > "$GOBIN/temporal"
chmod 755 "$GOBIN/temporal"`;

/** A release served on loopback, its archive holding a program that says "temporal downloaded". */
async function serveRelease(checksum?: string): Promise<Release> {
  const folder = mkdtempSync(join(root, 'release-'));
  program(join(folder, 'temporal'), 'echo temporal downloaded');
  execFileSync('tar', ['-czf', 'archive.tar.gz', 'temporal'], { cwd: folder });
  const archive = readFileSync(join(folder, 'archive.tar.gz'));
  const right = createHash('sha256').update(archive).digest('hex');
  const server = createServer((request, response) =>
    response.end(request.url === '/checksums.txt' ? `${checksum ?? right}  archive.tar.gz\n` : archive),
  );
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { archive: 'archive.tar.gz', archiveUrl: `${base}/archive.tar.gz`, checksumsUrl: `${base}/checksums.txt` };
}

const says = (path: string) => execFileSync(path, { encoding: 'utf8' }).trim();

describe('finding Temporal', () => {
  it('takes the one on PATH before all others', async () => {
    const { bin, cacheFolder, find } = machine();
    const installed = program(join(bin, 'temporal'), 'echo temporal version 1.0.0');
    mkdirSync(cacheFolder);
    program(join(cacheFolder, `temporal-${temporalVersion}`), 'echo temporal cached');
    expect(await find()).toBe(installed);
  });

  it('looks further when the one on PATH does not work', async () => {
    const { bin, cacheFolder, lines, find } = machine();
    program(join(bin, 'temporal'), 'exit 1');
    mkdirSync(cacheFolder);
    const cached = program(join(cacheFolder, `temporal-${temporalVersion}`), 'echo temporal cached');
    expect(await find()).toBe(cached);
    expect(lines).toEqual([expect.stringContaining('does not answer to --version')]);
  });

  it('downloads the official release into the cache', async () => {
    const { cacheFolder, find } = machine();
    const found = await find(await serveRelease());
    expect(found).toBe(join(cacheFolder, `temporal-${temporalVersion}`));
    expect(says(found)).toBe('temporal downloaded');
  });

  it('refuses a download with another checksum, and builds with Go', async () => {
    const { bin, lines, find } = machine();
    program(join(bin, 'go'), fakeGo);
    expect(says(await find(await serveRelease('0'.repeat(64))))).toBe('temporal built');
    expect(lines).toContainEqual(expect.stringContaining('does not have the checksum of the release'));
  });

  it('builds with Go when nothing can be downloaded, in one line', async () => {
    const { bin, lines, find } = machine();
    program(join(bin, 'go'), fakeGo);
    const closed = { archive: 'a', archiveUrl: 'http://127.0.0.1:1/a', checksumsUrl: 'http://127.0.0.1:1/c' };
    expect(says(await find(closed))).toBe('temporal built');
    expect(lines[0]).toMatch(/^Temporal: the download failed \(127\.0\.0\.1:1: .*\); building it with Go instead$/);
  });

  it('builds once for all who ask at the same time', async () => {
    const { bin, find } = machine();
    program(join(bin, 'go'), `sleep 0.3\n${fakeGo}`);
    const found = await Promise.all([find(), find(), find()]);
    expect(new Set(found).size).toBe(1);
    const calls = readFileSync(join(bin, '../go-calls'), 'utf8').trim().split('\n');
    expect(calls).toEqual([`install -v github.com/temporalio/cli/cmd/temporal@v${temporalVersion}`]);
  });

  it('says what helps when nothing works', async () => {
    const { bin, find } = machine();
    program(join(bin, 'go'), 'echo "no route to the module proxy" >&2; exit 1');
    const attempt = find();
    await expect(attempt).rejects.toMatchObject({ code: 'start_failed' });
    await expect(attempt).rejects.toThrow(/go install failed: no route to the module proxy[^]*TEMPORAL_ADDRESS/);
  });
});

describe('the release of Temporal', () => {
  it('is known for Linux and macOS, on both usual processors', () => {
    expect(releaseFor('linux', 'x64')?.archive).toBe(`temporal_cli_${temporalVersion}_linux_amd64.tar.gz`);
    expect(releaseFor('darwin', 'arm64')?.archive).toBe(`temporal_cli_${temporalVersion}_darwin_arm64.tar.gz`);
    expect(releaseFor('sunos', 'x64')).toBeUndefined();
  });

  it('finds its checksum among others', () => {
    const [one, two] = ['a'.repeat(64), 'b'.repeat(64)];
    expect(checksumOf('two.tar.gz', `${one}  one.tar.gz\n${two}  two.tar.gz\n`)).toBe(two);
    expect(checksumOf('three.tar.gz', `${one}  one.tar.gz\n`)).toBeUndefined();
  });
});
