import type { ErrorDetail } from './error-details.ts';
import { isJsonObject } from './json.ts';

/** What is wrong with the size of `metadata`, if anything: it counts as compact JSON in UTF-8. */
export function metadataFault(metadata: unknown, maxBytes: number): ErrorDetail | undefined {
  if (!isJsonObject(metadata)) return undefined;
  const bytes = Buffer.byteLength(JSON.stringify(metadata));
  if (bytes <= maxBytes) return undefined;
  const message = `has ${bytes} bytes of JSON; at most ${maxBytes} are accepted (processor.max_metadata_bytes)`;
  return { path: 'metadata', message };
}
