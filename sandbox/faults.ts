import { ControlError } from './errors.ts';
import { secret } from './ids.ts';

export const FAULT_KINDS = [
  '429',
  '5xx',
  'error',
  'slow',
  'hold',
  'drop_before',
  'drop_after',
  'outage',
  'socket_cut',
  'disconnect',
  'duplicate',
  'late',
  'lose',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface FaultRequest {
  kind: FaultKind;
  /** A Web API method, `response_url`, an envelope type for payloads, or `*`. */
  method: string;
  /** How many calls or payloads it hits; 0 for all until it is cleared. */
  count: number;
  app?: string | undefined;
  retryAfter?: number | undefined;
  status?: number | undefined;
  error?: string | undefined;
  ms?: number | undefined;
  reason?: string | undefined;
}

export interface Fault extends FaultRequest {
  id: string;
  /** Calls it has hit so far. */
  hits: number;
}

const ON_CALLS: readonly FaultKind[] = ['429', '5xx', 'error', 'slow', 'hold', 'drop_before', 'drop_after'];
const ON_DELIVERIES: readonly FaultKind[] = ['duplicate', 'late', 'lose'];

/** Failures on demand. They last as long as the process. */
export class Faults {
  private active: Fault[] = [];
  private readonly held = new Map<string, (() => void)[]>();

  add(request: FaultRequest): Fault {
    const fault: Fault = { ...request, id: `F${secret(5)}`, hits: 0 };
    this.active.push(fault);
    return fault;
  }

  list(): Fault[] {
    return [...this.active];
  }

  clear(id?: string): void {
    if (id && !this.active.some((fault) => fault.id === id)) {
      throw new ControlError(404, 'unknown_fault', `There is no fault "${id}".`);
    }
    const over = this.active.filter((fault) => !id || fault.id === id);
    this.active = this.active.filter((fault) => !over.includes(fault));
    for (const fault of over) this.release(fault);
  }

  /** Resolves once the fault is cleared. */
  cleared(fault: Fault): Promise<void> {
    if (!this.active.includes(fault)) return Promise.resolve();
    return new Promise((resolve) => this.held.set(fault.id, [...(this.held.get(fault.id) ?? []), resolve]));
  }

  private release({ id }: Fault): void {
    for (const resolve of this.held.get(id) ?? []) resolve();
    this.held.delete(id);
  }

  outage(appId: string | undefined): boolean {
    return this.active.some((fault) => fault.kind === 'outage' && (!fault.app || fault.app === appId));
  }

  /** The fault this call meets, counted. */
  forCall(method: string, appId: string | undefined): Fault | undefined {
    return this.take((fault) => ON_CALLS.includes(fault.kind) && [method, '*'].includes(fault.method), appId);
  }

  /** The same for a payload; `method` is then the type of its envelope. */
  forDelivery(type: string, appId: string): Fault | undefined {
    return this.take((fault) => ON_DELIVERIES.includes(fault.kind) && [type, '*'].includes(fault.method), appId);
  }

  private take(matches: (fault: Fault) => boolean, appId: string | undefined): Fault | undefined {
    const isOpen = ({ kind, count, hits }: Fault) => kind !== 'hold' || count === 0 || hits < count;
    const fault = this.active.find((entry) => matches(entry) && isOpen(entry) && (!entry.app || entry.app === appId));
    if (!fault) return undefined;
    fault.hits += 1;
    // what holds calls stays until somebody lets them go
    if (fault.kind !== 'hold' && fault.count > 0 && fault.hits >= fault.count) this.clear(fault.id);
    return fault;
  }
}
