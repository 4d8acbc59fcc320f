import { hostname } from 'node:os';
import { HoopError } from '#shared/errors.ts';
import type { ApiClient } from '../client.ts';

/** What whoever confirms is told about this machine. */
export function machineName(): string {
  return hostname().trim().slice(0, 100) || 'a machine without a name';
}

/** The address of a page, as a gateway gives it: it is handed to a browser. */
export function checkPage(url: string): string {
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol === 'https:' || protocol === 'http:') return new URL(url).href;
  throw new HoopError('internal', 'The gateway named a page that is none.');
}

/** Gateways of earlier releases know passwords only. */
export async function needsGateway<T>(client: ApiClient, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof HoopError) || error.code !== 'not_found') throw error;
    const how = 'sign in with: hoop login --email <email>';
    throw new HoopError('not_found', `${client.config.apiUrl} is of a release that takes passwords only; ${how}`);
  }
}
