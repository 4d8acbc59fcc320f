/** The console: hashed assets that may be kept for ever, and one page that its router turns into all others. */
import { join } from 'node:path';
import express, { type Express } from 'express';

const yearMs = 365 * 86_400 * 1000;

export function serveConsole(app: Express, webRoot: string): void {
  app.use('/assets', express.static(join(webRoot, 'assets'), { immutable: true, maxAge: yearMs, index: false }));
  app.use(express.static(webRoot, { index: false, maxAge: 0, dotfiles: 'ignore' }));
  app.get('/{*page}', (req, res, next) => {
    const isPage = !/^\/(api|assets)(\/|$)/.test(req.path) && req.accepts('html') !== false;
    if (!isPage) return next();
    res.setHeader('Cache-Control', 'no-cache');
    res.sendFile('index.html', { root: webRoot }, (error) => error && next());
  });
}
