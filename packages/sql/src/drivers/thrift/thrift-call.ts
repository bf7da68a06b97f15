import TCLIService from '@databricks/sql/thrift/TCLIService.js';
import { TBinaryProtocol, TBufferedTransport } from 'thrift';
import { NetworkError } from './http-exchange.ts';
import type { Method, RequestOf, ResponseOf } from './protocol.ts';

type Callback<M extends Method> = (error: unknown, response: ResponseOf<M>) => void;

/** As much of the generated client as is needed here; not all of it is in its types. */
type Client<M extends Method> = { [K in M]: (request: RequestOf<M>, callback: Callback<M>) => void } & {
  [K in `recv_${M}`]: (input: TBinaryProtocol, type: number, id: number) => void;
};

/** One call, as bytes. */
export interface ThriftCall<M extends Method> {
  request: Buffer;
  /** What the server's bytes say. @throws {NetworkError} when they are none of this protocol */
  read: (answer: Buffer) => ResponseOf<M>;
}

export function thriftCall<M extends Method>(method: M, request: RequestOf<M>): ThriftCall<M> {
  let sent: Buffer = Buffer.alloc(0);
  let outcome: { error: unknown; response: ResponseOf<M> } | undefined;
  const output = new TBufferedTransport(undefined, (bytes) => {
    sent = bytes as Buffer;
  });
  const client = new TCLIService.Client(output, TBinaryProtocol as never) as unknown as Client<M>;
  client[method](request, (error, response) => {
    outcome = { error, response };
  });
  return {
    request: sent,
    read(answer) {
      try {
        TBufferedTransport.receiver((input) => {
          const protocol = new TBinaryProtocol(input);
          const { mtype, rseqid } = protocol.readMessageBegin();
          client[`recv_${method}`](protocol, mtype, rseqid);
        }, 0)(answer);
      } catch {
        throw new NetworkError('No Thrift', { code: 'NO_THRIFT', wasSent: true });
      }
      if (!outcome || outcome.error) throw outcome?.error ?? new Error('The answer belongs to another call');
      return outcome.response;
    },
  };
}
