import { describe, expect, it } from 'vitest';
import { readAgentConfig } from '#config/agent.ts';
import { parseSandboxConfig } from '#config/sandbox.ts';
import { serverConfig } from '#config/server.ts';

const server = { DATABASE_URL: 'postgres://x/y', HOOP_SECRET_KEY: 'key' };

describe('the configuration of the processes', () => {
  it('takes an empty variable for one that is not set', () => {
    const config = serverConfig({ ...server, HOOP_LISTEN: '', HOOP_PUBLIC_URL: '', HOOP_LOG_LEVEL: '', HOOP_HOME: '' });
    expect(config).toMatchObject({ listen: { host: '127.0.0.1', port: 8009 }, publicUrl: undefined, logLevel: 'info' });
    expect(config.home).toMatch(/\/\.hoop$/);
    expect(parseSandboxConfig({ HOOP_SANDBOX_PORT: '' }).port).toBe(8010);
  });

  it('takes an IPv6 address in brackets', () => {
    expect(serverConfig({ ...server, HOOP_LISTEN: '[::]:80' }).listen).toEqual({ host: '::', port: 80 });
  });

  it('names every variable of the gateway that is missing or wrong', () => {
    expect(() => serverConfig({ DATABASE_URL: '', HOOP_LISTEN: '80', HOOP_LOG_LEVEL: 'loud' })).toThrow(
      /^hoop cannot start: DATABASE_URL is missing: .*; HOOP_SECRET_KEY is missing: .*; HOOP_LISTEN must be host:port, like 127\.0\.0\.1:8009; HOOP_LOG_LEVEL must be one of /,
    );
  });

  it('takes no address of a gateway without its scheme', () => {
    for (const HOOP_PEER_URL of ['gateway-2:8009', 'gateway-2', 'ws://gateway-2:8009', 'http://'])
      expect(() => serverConfig({ ...server, HOOP_PEER_URL })).toThrow(
        'hoop cannot start: HOOP_PEER_URL must be an address with http:// or https:// in front, such as',
      );
    expect(serverConfig({ ...server, HOOP_PEER_URL: 'http://gateway-2:8009/' }).peerUrl).toBe('http://gateway-2:8009');
  });

  it('names what the agent and the sandbox are missing', () => {
    expect(() => readAgentConfig({})).toThrow(/^The agent cannot start: HOOP_GATEWAY_URL is missing/);
    expect(() => parseSandboxConfig({ HOOP_SANDBOX_PORT: '70000' })).toThrow(
      'The sandbox cannot start: HOOP_SANDBOX_PORT must be a port, 0 to 65535.',
    );
  });
});
