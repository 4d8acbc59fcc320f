import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** A Slack with more channels than fit on a page. */
export async function startPagedSlack(pages: string[][]) {
  let pagesRead = 0;
  const answer = (path: string, body: URLSearchParams): object => {
    if (!path.endsWith('conversations.list')) return { ts: '1700000000.000001' };
    pagesRead += 1;
    const page = Number(body.get('cursor') ?? 0);
    const channels = (pages[page] ?? []).map((name) => ({ id: `C0${name.toUpperCase()}`, name }));
    return { channels, response_metadata: { next_cursor: page + 1 < pages.length ? String(page + 1) : '' } };
  };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ ok: true, ...answer(request.url ?? '', new URLSearchParams(body)) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`, pagesRead: () => pagesRead };
}
