import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** What the page is allowed: its own files, and the styles that its components set. */
export const contentSecurityPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'";

/** A file of the built console, or its index page for every address that is none. */
export async function servePage(folder: string, path: string, response: ServerResponse): Promise<void> {
  const wanted = extname(path) in types ? normalize(path) : '/index.html';
  const content = await readFile(join(folder, wanted)).catch(() => null);
  if (content === null) return void response.writeHead(404).end();
  response.writeHead(200, {
    'content-type': types[extname(wanted)] ?? 'application/octet-stream',
    'content-security-policy': contentSecurityPolicy,
  });
  response.end(content);
}
