/** The Temporal CLI hoop is tested with; it carries Temporal server 1.29.1 and its UI. */
export const temporalVersion = '1.5.1';

export const temporalModule = `github.com/temporalio/cli/cmd/temporal@v${temporalVersion}`;

const releases = `https://github.com/temporalio/cli/releases/download/v${temporalVersion}`;

const architectures: Record<string, string> = { x64: 'amd64', arm64: 'arm64' };
const systems: Record<string, string> = { linux: 'linux', darwin: 'darwin' };

export interface Release {
  archive: string;
  archiveUrl: string;
  checksumsUrl: string;
}

/** The official archive for this machine, or undefined where none is published in a form that is unpacked here. */
export function releaseFor(platform: string, arch: string): Release | undefined {
  const system = systems[platform];
  const architecture = architectures[arch];
  if (!system || !architecture) return undefined;
  const archive = `temporal_cli_${temporalVersion}_${system}_${architecture}.tar.gz`;
  return { archive, archiveUrl: `${releases}/${archive}`, checksumsUrl: `${releases}/checksums.txt` };
}

/** The SHA-256 that a checksums file (`<hex>  <name>` a line) gives for an archive. */
export function checksumOf(archive: string, checksums: string): string | undefined {
  for (const line of checksums.split('\n')) {
    const [hex, name] = line.trim().split(/\s+/);
    if (name === archive && hex && /^[0-9a-f]{64}$/i.test(hex)) return hex.toLowerCase();
  }
  return undefined;
}
