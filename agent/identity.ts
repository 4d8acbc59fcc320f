/** Who the agent is: its Ed25519 key, and what it learned when it enrolled. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { helloBytes } from '#shared/agent-protocol.ts';
import { sha256Hex } from '#shared/digest.ts';
import { HoopError } from '#shared/errors.ts';
import { readFileIfThere, writeFileDurably } from './files.ts';
import type { AgentHome } from './home.ts';

const enrolmentSchema = z.object({
  agent: z.string(),
  /** SPKI DER, base64: the only key whose orders are taken. */
  gatewayKey: z.base64(),
  /** Hash of the token it enrolled with, so that a new token is noticed and offered. */
  tokenHash: z.string().nullable(),
});
export type Enrolment = z.infer<typeof enrolmentSchema>;

export interface Identity {
  /** SPKI DER, base64. */
  publicKey: string;
  signHello(nonce: string, journalId: string): string;
}

/** The agent's key, made at the first start. */
export function openIdentity(home: AgentHome): Identity {
  const pem = readFileIfThere(home.key) ?? makeKey(home);
  const privateKey = readKey(pem, home.key);
  return {
    publicKey: createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64'),
    signHello: (nonce, journalId) => sign(null, helloBytes(nonce, journalId), privateKey).toString('base64'),
  };
}

export interface EnrolmentRecord {
  current(): Enrolment | undefined;
  /** The token to show the gateway: only while it does not know the key, or when the operator gave a new one. */
  tokenToOffer(): string | undefined;
  /** Throws when `gatewayKey` is not the one learned before. */
  welcomed(agent: string, gatewayKey: string): void;
}

export function openEnrolment(home: AgentHome, token: string | undefined): EnrolmentRecord {
  let current = readEnrolment(home);
  if (current === undefined && token === undefined) {
    throw new HoopError(
      'invalid_input',
      'This agent has not enrolled yet: set HOOP_AGENT_TOKEN to the token that `hoop admin create agent <name>` printed.',
    );
  }
  const tokenHash = token === undefined ? null : sha256Hex(token);
  const isNewToken = () => tokenHash !== null && current?.tokenHash !== tokenHash;

  return {
    current: () => current,
    tokenToOffer: () => (current === undefined || isNewToken() ? token : undefined),
    welcomed(agent, gatewayKey) {
      if (current !== undefined && current.gatewayKey !== gatewayKey) {
        throw new HoopError(
          'agent_refused',
          'The gateway shows another key than the one this agent enrolled with. Nothing is taken from it. ' +
            `If the gateway's key was replaced on purpose, remove ${home.enrolment} and start the agent with a new token.`,
        );
      }
      if (current?.agent === agent && !isNewToken()) return;
      current = { agent, gatewayKey, tokenHash: tokenHash ?? current?.tokenHash ?? null };
      writeFileDurably(home.enrolment, `${JSON.stringify(current)}\n`);
    },
  };
}

function makeKey(home: AgentHome): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  writeFileDurably(home.key, pem);
  return pem;
}

function readKey(pem: string, path: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new HoopError(
      'invalid_input',
      `The agent's key ${path} cannot be read. Restore it, or remove it and enrol anew.`,
      {
        cause,
      },
    );
  }
}

function readEnrolment(home: AgentHome): Enrolment | undefined {
  const text = readFileIfThere(home.enrolment);
  if (text === undefined) return undefined;
  try {
    return enrolmentSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new HoopError('invalid_input', `${home.enrolment} cannot be read. Remove it and enrol anew with a token.`, {
      cause,
    });
  }
}
