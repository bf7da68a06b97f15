import type { Fault } from './faults.ts';
import type { LoggedRequest } from './request-log.ts';
import type { EndpointSettings } from './settings.ts';
import { invalidHandle, invalidHandleMessage } from './status-answers.ts';
import type { Warehouse } from './warehouse.ts';

/** One call: what it is about, its fault, and where it is logged. */
export interface Call {
  warehouse: Warehouse;
  settings: EndpointSettings;
  /** Stores a file for CloudFetch and returns its address. */
  publish: (file: Buffer) => string;
  fault: Fault | undefined;
  log: (details: Omit<LoggedRequest, 'name' | 'at'>) => void;
  /** Set by a call that is to be answered with an HTTP status instead. */
  refusal?: { status: number; message: string };
}

/** The answer about a session or operation that the server does not know. */
export function unknownHandle(kind: 'Session' | 'Operation', guid: Buffer, call: Call): object {
  if (call.settings.invalidHandles === 'http') {
    call.refusal = { status: 400, message: invalidHandleMessage(kind, guid) };
  }
  return { status: invalidHandle(kind, guid) };
}
