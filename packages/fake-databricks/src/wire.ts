import databricks from '@databricks/sql';
import thrift from 'thrift';

/** The enumerations of the protocol, from the driver's own generated code. */
export const {
  TFetchOrientation: FetchOrientation,
  TOperationState: OperationState,
  TOperationType: OperationType,
  TProtocolVersion: ProtocolVersion,
  TSparkRowSetType: RowSetType,
  TStatusCode: StatusCode,
  TTypeId: TypeId,
} = databricks.thrift.TCLIService_types;

/** A 64-bit number as the protocol writes it: exact for every bigint of 64 bits. */
export function int64(value: number | bigint): InstanceType<typeof thrift.Int64> {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return new thrift.Int64(bytes);
}

/** What answers the calls, by name. Answers are plain objects in the shape of the protocol's types. */
// biome-ignore lint/suspicious/noExplicitAny: each call has a request type of its own
export type Handlers = Record<string, (request: any) => Promise<object>>;

/** The name of the call in a request's body, read without decoding the rest. */
export function callName(body: Buffer): string {
  const length = body.readInt32BE(4);
  return body.toString('utf8', 8, 8 + length);
}

/** Decodes one call, lets the handlers answer it, and resolves with the encoded answer. */
export function answerCall(handlers: Handlers, body: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const receive = thrift.TBufferedTransport.receiver((transport) => {
      const output = new thrift.TBufferedTransport(undefined, (answer) => resolve(answer as Buffer));
      try {
        new databricks.thrift.TCLIService.Processor(handlers).process(
          new thrift.TBinaryProtocol(transport),
          new thrift.TBinaryProtocol(output),
        );
      } catch (cause) {
        reject(cause);
      }
    }, 0);
    receive(body);
  });
}
