import { ControlError } from '../errors.ts';
import type { App, Json } from '../model.ts';
import type { Delivery } from '../socket-mode.ts';

export interface Acked {
  acked: true;
  ackMs: number;
  response: Json;
}

/** The acknowledgement, or the refusal that says there was none. @throws ControlError app_did_not_respond */
export function acknowledged(app: App, delivery: Delivery): Acked {
  if (delivery.acked) return delivery;
  const why =
    delivery.reason === 'no_socket'
      ? `${app.name} has no Socket Mode connection`
      : `${app.name} did not acknowledge within ${(delivery.ackMs / 1000).toFixed(1)} s`;
  throw new ControlError(504, 'app_did_not_respond', `The app did not respond: ${why}.`, {
    acked: false,
    ackMs: delivery.ackMs,
  });
}
