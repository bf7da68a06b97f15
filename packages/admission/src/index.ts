export { BatchBuffer } from './batch-buffer.ts';
export { createDispatch } from './dispatch.ts';
export { errorResultOf } from './error-result.ts';
export { overloaded } from './overloaded.ts';
export { createReject } from './reject.ts';
export { type Arrived, type ArrivedFile, createTakeBatch, type FileOutcome } from './take-batch.ts';
export { untilDone } from './until-done.ts';
export { type Validated, type ValidTask, validateDecoded } from './validate.ts';
