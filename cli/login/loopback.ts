/** Where the browser brings the code: a port of this machine that nobody else can reach (RFC 8252, section 7.3). */
import { timingSafeEqual } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HoopError } from '#shared/errors.ts';

export interface Loopback {
  port: number;
  /** The code that came with the state. Rejects with `access_denied`. */
  code: Promise<string>;
  /** Tells the browser how it ended, and closes. */
  finish(said: { title: string; text: string }): Promise<void>;
}

export async function listenForCode(state: string): Promise<Loopback> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  let waiting: ServerResponse | undefined;

  const code = new Promise<string>((resolve, reject) => {
    server.on('request', (request, response) => {
      const nothing = () => answer(response, 404, 'Not found', 'There is nothing here.');
      const base = `http://127.0.0.1:${port}`;
      // A page elsewhere may have a name that leads here; only the address itself is asked for by the console.
      if (request.method !== 'GET' || request.headers.host !== `127.0.0.1:${port}`) return nothing();
      const asked = request.url ?? '/';
      if (!URL.canParse(asked, base)) return answer(response, 400, 'Not an address', 'This address makes no sense.');
      const url = new URL(asked, base);
      if (url.pathname !== '/callback') return nothing();
      const given = url.searchParams.get('code');
      const refused = url.searchParams.get('error');
      // Whatever does not know the state is not the answer, and must not end the waiting for it.
      if (!isSame(url.searchParams.get('state') ?? '', state) || (given === null && refused === null)) {
        return answer(
          response,
          400,
          'Not this sign-in',
          'This address does not belong to the sign-in that waits here.',
        );
      }
      if (waiting) return answer(response, 409, 'Already used', 'This sign-in is over. You may close this tab.');
      waiting = response;
      if (given === null) reject(new HoopError('access_denied', 'This sign-in was denied in the console.'));
      else resolve(given);
    });
  });
  code.catch(() => undefined); // It may be denied before anybody awaits it.

  return {
    port,
    code,
    async finish({ title, text }) {
      if (waiting) await answered(waiting, title, text);
      server.close();
      server.closeAllConnections();
    },
  };
}

function answered(response: ServerResponse, title: string, text: string): Promise<void> {
  // The browser may have given up meanwhile: `close` comes once, and nobody reads an answer.
  if (response.closed || response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    response.once('close', resolve);
    answer(response, 200, title, text);
  });
}

function answer(response: ServerResponse, status: number, title: string, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    // The address of this page has the code in it.
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.end(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escape(title)} · hoop</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto 0;padding:0 1rem}h1{font-size:1.4rem}</style>
<h1>${escape(title)}</h1>
<p>${escape(text)}</p>
</html>
`);
}

const escape = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
