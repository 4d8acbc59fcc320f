/** Registers the search attributes of `sessionReview`, which every upsert in a workflow needs. */
import type { NativeConnection } from '@temporalio/worker';
import { HoopError } from '#shared/errors.ts';
import { searchAttributes } from '#workflows/search-attributes.ts';

/** `IndexedValueType` of Temporal's API (temporal/api/enums/v1/common.proto). */
const types = { KEYWORD: 2, KEYWORD_LIST: 7 } as const;
/** gRPC's status code. */
const alreadyExists = 6;

export async function registerSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const wanted = Object.values(searchAttributes);
  try {
    const known = await connection.operatorService.listSearchAttributes({ namespace });
    const missing = wanted.filter((key) => !(key.name in known.customAttributes));
    if (missing.length === 0) return;
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((key) => [key.name, types[key.type as keyof typeof types]])),
    });
  } catch (error) {
    if (isCode(error, alreadyExists)) return;
    const commands = wanted.map(
      (key) => `temporal operator search-attribute create --name ${key.name} --type ${key.type}`,
    );
    throw new HoopError(
      'unavailable',
      `Temporal did not let hoop register its search attributes; have an operator do it:\n${commands.join('\n')}`,
      { cause: error },
    );
  }
}

function isCode(error: unknown, code: number): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
