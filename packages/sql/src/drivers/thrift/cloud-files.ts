import { request as httpRequest } from 'node:http';
import { type Agent, request as httpsRequest } from 'node:https';
import { SqlConnectionError, SqlError } from '../../sql-error.ts';
import { HttpFault } from './http-fault.ts';
import { numberOf, type TSparkArrowResultLink } from './protocol.ts';
import { retrying, type Transport } from './transport.ts';

/** Files downloaded at a time: that many, of about 20 MB each, are in memory. */
const AHEAD = 3;
/** A storage service that sends nothing for this long counts as dead. */
const SILENCE_MS = 60_000;

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
  const agent = await transport.library.agent();
  const work = () => get(link, agent, signal);
  const bytes = await retrying(work, { signal, deadline, repeatable: true }).catch((thrown: unknown) => {
    signal.throwIfAborted();
    throw downloadError(link, thrown);
  });
  const expected = numberOf(link.bytesNum) ?? 0;
  if (bytes.length < expected) {
    const message = `A part of the result has ${bytes.length} bytes, not the ${expected} that the server counted`;
    throw new SqlError({ code: 'incomplete', message });
  }
  return { bytes, rowCount: numberOf(link.rowCount) ?? 0 };
}

/** The address of a file contains a signature that opens the file: it must not be in a message. */
function get(link: TSparkArrowResultLink, agent: Agent, signal: AbortSignal): Promise<Buffer> {
  const url = new URL(link.fileLink);
  const headers = link.httpHeaders ?? {};
  const isHttps = url.protocol === 'https:';
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const request = isHttps ? httpsRequest(url, { agent, headers, signal }) : httpRequest(url, { headers, signal });
  request.setTimeout(SILENCE_MS, () => request.destroy(Object.assign(new Error('Silence'), { code: 'ETIMEDOUT' })));
  request.on('error', reject);
  request.on('response', (response) => {
    const parts: Buffer[] = [];
    response.on('data', (part: Buffer) => parts.push(part));
    response.on('error', reject);
    response.on('end', () => {
      if (response.statusCode === 200) return resolve(Buffer.concat(parts));
      const { statusCode: status = 0 } = response;
      const get = (name: string) => response.headers[name]?.toString() ?? null;
      reject(new HttpFault({ status, headers: { get } }));
    });
  });
  request.end();
  return promise;
}

function downloadError(link: TSparkArrowResultLink, thrown: unknown): SqlConnectionError {
  const { code, message } = thrown as { code?: string; message: string };
  const why = thrown instanceof HttpFault ? `HTTP status ${thrown.status}` : (code ?? message);
  const host = URL.canParse(link.fileLink) ? new URL(link.fileLink).host : 'cloud storage';
  const advice = 'large results come from there: is it reachable from this machine?';
  return new SqlConnectionError({
    fault: 'unreachable',
    message: `A part of the result could not be downloaded from ${host} (${why}); ${advice}`,
  });
}
