import { SqlConnectionError, SqlError } from '../../sql-error.ts';
import { HttpFault } from './http-fault.ts';
import { numberOf, type TSparkArrowResultLink } from './protocol.ts';
import { retrying, type Transport } from './transport.ts';

/** Files downloaded at a time: that many, of about 20 MB each, are in memory. */
const AHEAD = 3;

/** The address of a part is not accepted, perhaps not any more. */
export class ExpiredAddressError extends SqlConnectionError {
  constructor(message: string) {
    super({ fault: 'unreachable', message });
  }
}

export interface CloudFile {
  bytes: Buffer;
  rowCount: number;
}

export interface CloudFilesOptions {
  links: readonly TSparkArrowResultLink[];
  transport: Transport;
  signal: AbortSignal;
  deadline: number;
}

/**
 * The parts of a large result, which the server has put into cloud storage (CloudFetch), in their order. The next ones are
 * downloaded while one is being read.
 *
 * @throws {SqlError} `incomplete` when a file is shorter than the server says
 * @throws {SqlConnectionError} when one cannot be downloaded
 */
export async function* cloudFiles(options: CloudFilesOptions): AsyncGenerator<CloudFile> {
  const { links, signal } = options;
  const given = new AbortController();
  const whole = { ...options, signal: AbortSignal.any([signal, given.signal]) };
  const underWay: Promise<CloudFile>[] = [];
  try {
    for (let next = 0; next < links.length || underWay.length > 0; ) {
      while (underWay.length < AHEAD && next < links.length) {
        const file = download(links[next] as TSparkArrowResultLink, whole);
        file.catch(() => undefined);
        underWay.push(file);
        next += 1;
      }
      yield (await underWay.shift()) as CloudFile;
    }
  } finally {
    given.abort();
  }
}

async function download(link: TSparkArrowResultLink, options: CloudFilesOptions): Promise<CloudFile> {
  const { transport, signal, deadline } = options;
  const url = new URL(link.fileLink);
  const work = () => transport.endpoint.download(url, link.httpHeaders ?? {}, signal);
  const bytes = await retrying(work, { signal, deadline, persists: true }).catch((thrown: unknown) => {
    signal.throwIfAborted();
    throw downloadError(url.host, thrown);
  });
  const expected = numberOf(link.bytesNum) ?? 0;
  if (bytes.length < expected) {
    const message = `A part of the result has ${bytes.length} bytes, not the ${expected} that the server counted`;
    throw new SqlError({ code: 'incomplete', message });
  }
  return { bytes, rowCount: numberOf(link.rowCount) ?? 0 };
}

/** The address of a file contains a signature that opens the file: it must not be in a message. */
function downloadError(host: string, thrown: unknown): SqlConnectionError {
  const { code, message } = thrown as { code?: string; message: string };
  const why = thrown instanceof HttpFault ? `HTTP status ${thrown.status}` : (code ?? message);
  const advice = 'large results come from there: is it reachable from this machine?';
  const text = `A part of the result could not be downloaded from ${host} (${why}); ${advice}`;
  // Clouds differ in how they say that a signature has expired.
  const isRefused = thrown instanceof HttpFault && thrown.status < 500;
  return isRefused ? new ExpiredAddressError(text) : new SqlConnectionError({ fault: 'unreachable', message: text });
}
