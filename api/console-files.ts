/** The console: hashed assets that may be kept for ever, and one page that its router turns into all others. */
import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import express, { type Express, type RequestHandler } from 'express';
import { contentSecurityPolicy } from './content-security-policy.ts';

const yearMs = 365 * 86_400 * 1000;

/** Where the build of the page (vite.web.config.ts) leaves room for the nonce of an answer. */
const noncePlaceholder = '__HOOP_CSP_NONCE__';

export interface ConsoleFiles {
  /** Folder of the built page; read once, so that a page and its assets are of one build. */
  webRoot: string;
  publicUrl: string;
}

export function serveConsole(app: Express, { webRoot, publicUrl }: ConsoleFiles): void {
  const page = readFileSync(join(webRoot, 'index.html'), 'utf8').split(noncePlaceholder);
  const assets = join(webRoot, 'assets');
  app.use('/assets', compressed(assets), express.static(assets, { immutable: true, maxAge: yearMs, index: false }));
  app.use(express.static(webRoot, { index: false, maxAge: 0, dotfiles: 'ignore' }));
  app.get('/{*page}', (req, res, next) => {
    const isPage = !/^\/(api|assets)(\/|$)/.test(req.path) && req.accepts('html') !== false;
    if (!isPage) return next();
    const nonce = randomBytes(18).toString('base64');
    res.setHeader('Content-Security-Policy', contentSecurityPolicy({ publicUrl, nonce }));
    // No ETag: a "not modified" would bring a new nonce to an old page.
    res.setHeader('Cache-Control', 'private, no-cache');
    res.type('html').end(page.join(nonce));
  });
}

/** The smaller first. */
const encodings = [
  { encoding: 'br', suffix: '.br' },
  { encoding: 'gzip', suffix: '.gz' },
];

/** Leads to the compressed copy of a file that the build made (scripts/lib/compress-files.mjs), if the browser takes it. */
function compressed(folder: string): RequestHandler {
  const files = new Set(readdirSync(folder));
  return (req, res, next) => {
    const name = req.path.slice(1);
    const copy = encodings.find(({ encoding, suffix }) => req.acceptsEncodings(encoding) && files.has(name + suffix));
    res.vary('Accept-Encoding');
    if (copy) {
      res.setHeader('Content-Encoding', copy.encoding);
      res.type(extname(name));
      req.url = `/${name}${copy.suffix}`;
    }
    next();
  };
}
