import { isUtf8 } from 'node:buffer';
import { parseMessage } from './parse-message.ts';
import { NOBODY, type Rejection } from './rejection.ts';

export type DecodedJson = { status: 'decoded'; message: unknown } | { status: 'rejected'; rejection: Rejection };

/**
 * Parses the bytes of one message as JSON. Never throws.
 *
 * @param bytes JSON in UTF-8.
 * @param options.maxBytes longer messages are refused without being parsed.
 */
export function decodeJson(bytes: Uint8Array, { maxBytes }: { maxBytes: number }): DecodedJson {
  if (bytes.length > maxBytes) {
    const error = messageTooLarge(bytes.length, maxBytes);
    return { status: 'rejected', rejection: { code: 'message_too_large', error, task: NOBODY } };
  }
  if (!isUtf8(bytes)) return invalidJson('it is not UTF-8');
  try {
    const message = parseMessage(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
    return { status: 'decoded', message };
  } catch (error) {
    return invalidJson((error as Error).message);
  }
}

/** What a message is told that has more bytes than are accepted. */
export function messageTooLarge(bytes: number, maxBytes: number): string {
  return `The message has ${bytes} bytes; at most ${maxBytes} are accepted (processor.max_message_bytes).`;
}

function invalidJson(why: string): DecodedJson {
  const error = `The message is not valid JSON: ${why}`;
  const details = [{ path: '', message: why }];
  return { status: 'rejected', rejection: { code: 'invalid_json', error, details, task: NOBODY } };
}
