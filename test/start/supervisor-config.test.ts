import { describe, expect, it } from 'vitest';
import { formatListen } from '#config/environment.ts';
import { isLoopback, parseSupervisorConfig } from '#config/supervisor.ts';

describe('the configuration of hoop start', () => {
  it('needs nothing: everything embedded, on the usual ports of loopback', () => {
    expect(parseSupervisorConfig({})).toMatchObject({
      databaseUrl: undefined,
      ownTemporal: false,
      listen: { host: '127.0.0.1', port: 8009 },
      temporalPort: 7233,
      temporalUiPort: 8233,
      postgresPort: 5439,
      sandboxPort: 8010,
      sandbox: 'auto',
      isDefaultHome: true,
    });
  });

  it('takes an empty variable for one that is not set', () => {
    const config = parseSupervisorConfig({ DATABASE_URL: '', TEMPORAL_ADDRESS: '', HOOP_TEMPORAL_PORT: '' });
    expect(config).toMatchObject({ databaseUrl: undefined, ownTemporal: false, temporalPort: 7233 });
  });

  it('takes 0 for any free port, as often as it is given', () => {
    const config = parseSupervisorConfig({ HOOP_POSTGRES_PORT: '0', HOOP_SANDBOX_PORT: '0', HOOP_LISTEN: '[::1]:0' });
    expect(config).toMatchObject({ postgresPort: 0, sandboxPort: 0, listen: { host: '::1', port: 0 } });
    expect(formatListen(config.listen)).toBe('[::1]:0');
  });

  it('leaves the embedded stores out where there are others', () => {
    const config = parseSupervisorConfig({ DATABASE_URL: 'postgres://x/y', TEMPORAL_PROFILE: 'cloud' });
    expect(config).toMatchObject({ databaseUrl: 'postgres://x/y', ownTemporal: true });
  });

  it.each([
    [{ HOOP_TEMPORAL_PORT: 'seven' }, 'HOOP_TEMPORAL_PORT must be a port, 0 to 65535'],
    [{ HOOP_POSTGRES_PORT: '65536' }, 'HOOP_POSTGRES_PORT must be a port, 0 to 65535'],
    [{ HOOP_LISTEN: '8009' }, 'HOOP_LISTEN must be host:port, like 127.0.0.1:8009'],
    [{ HOOP_SANDBOX: 'no' }, "HOOP_SANDBOX must be 'off', or left out"],
    [{ HOOP_SANDBOX_PORT: '7233' }, 'HOOP_TEMPORAL_PORT and HOOP_SANDBOX_PORT are both 7233'],
  ])('refuses %o by name', (env, message) => {
    expect(() => parseSupervisorConfig(env)).toThrow(message);
  });

  it.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['10.0.0.1', false],
    ['127.0.0.1.example.com', false],
  ])('knows whether %s is loopback', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
