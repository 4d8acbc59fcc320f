/** Figures for Prometheus, in a registry of this gateway's own. */
import type { RequestHandler } from 'express';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  registry: Registry;
  measureRequests: RequestHandler;
  /** Session streams and event streams that are open. */
  openStreams: Gauge<'kind'>;
  outputBytes: Counter;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'hoop_http_request_duration_seconds',
    help: 'Time from request to answer, by route',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  return {
    registry,
    openStreams: new Gauge({
      name: 'hoop_open_streams',
      help: 'Streams that are open now',
      labelNames: ['kind'] as const,
      registers,
    }),
    outputBytes: new Counter({
      name: 'hoop_stream_output_bytes_total',
      help: 'Output sent to those who watch sessions',
      registers,
    }),
    measureRequests(req, res, next) {
      const done = requests.startTimer();
      res.once('finish', () => {
        // Routes are few, paths are not: what no route took is one figure.
        const route = typeof res.locals['route'] === 'string' ? res.locals['route'] : 'other';
        done({ method: req.method, route, status: String(res.statusCode) });
      });
      next();
    },
  };
}
