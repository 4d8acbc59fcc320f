import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Service {
  image: string;
  networks: string[];
  volumes?: string[];
  ports?: string[];
  environment?: Record<string, string>;
  depends_on?: Record<string, unknown>;
}

const { services, volumes } = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const entries = Object.entries(services);

describe('docker-compose.yml', () => {
  it('has every part of a hoop beside a real Slack', () => {
    expect(Object.keys(services)).toEqual(
      expect.arrayContaining(['postgres', 'temporal', 'temporal-ui', 'gateway', 'worker', 'agent']),
    );
  });

  it.each(entries)('%s runs an image of a fixed version', (_name, { image }) => {
    expect(image).toMatch(/^(hoop:local|[a-z]+(\/[a-z-]+)?:\d+\.\d+(\.\d+)?)$/);
  });

  it('runs no Temporal in which one namespace can signal the workflows of another', () => {
    const [major, minor, patch] =
      /:(\d+)\.(\d+)\.(\d+)$/
        .exec(services.temporal?.image ?? '')
        ?.slice(1)
        .map(Number) ?? [];
    const isVulnerable = major === 1 && ((minor === 29 && patch! <= 4) || (minor === 30 && patch! <= 2) || minor! < 29);
    expect([major, minor, patch, isVulnerable]).toEqual([1, expect.any(Number), expect.any(Number), false]);
  });

  it('opens ports on loopback only', () => {
    const ports = entries.flatMap(([, service]) => service.ports ?? []);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    expect(ports).not.toHaveLength(0);
  });

  it('keeps the agent away from Postgres and Temporal', () => {
    const { agent, postgres, temporal } = services;
    const stores = [...(postgres?.networks ?? []), ...(temporal?.networks ?? [])];
    expect(agent?.networks.filter((network) => stores.includes(network))).toEqual([]);
    expect(Object.keys(agent?.environment ?? {})).toEqual(['HOOP_GATEWAY_URL', 'HOOP_AGENT_TOKEN']);
  });

  it('names only files, volumes and services that exist', () => {
    const sources = entries.flatMap(([, service]) => (service.volumes ?? []).map((line) => line.split(':')[0] ?? ''));
    const missing = sources.filter((from) =>
      from.startsWith('./') ? !existsSync(join(root, from)) : !(from in volumes),
    );
    expect(missing).toEqual([]);
    const awaited = entries.flatMap(([, service]) => Object.keys(service.depends_on ?? {}));
    expect(awaited.filter((name) => !(name in services))).toEqual([]);
  });

  it('asks for each secret by a name that deploy/example.env has', () => {
    const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
    const asked = [...text.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name);
    const offered = readFileSync(join(root, 'deploy/example.env'), 'utf8');
    expect(asked.filter((name) => !offered.includes(`\n${name}=`))).toEqual([]);
  });
});
