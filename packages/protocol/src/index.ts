export { cancelSchema, type DecodedCancel, decodeCancel, encodeCancel } from './cancel.ts';
export {
  type Decoded,
  type DecodeOptions,
  decodeMessage,
  decodeRequest,
  MAX_NESTING,
  type Rejected,
} from './decode.ts';
export { decodeJson, messageTooLarge } from './decode-json.ts';
export { didYouMean } from './did-you-mean.ts';
export {
  type AsyncApiOptions,
  asyncApiDocument,
  cancelJsonSchema,
  eventJsonSchema,
  type JsonDocument,
  requestJsonSchema,
  resultJsonSchema,
} from './documents.ts';
export { encodeRequest, InvalidRequestError } from './encode.ts';
export { type ErrorCode, errorCodeSchema } from './error-code.ts';
export { type ErrorDetail, errorDetailSchema, errorDetailsOf, sentenceOf } from './error-details.ts';
export { eventSchema, type TaskEvent } from './event.ts';
export {
  type DecodedFile,
  type DecodeFileOptions,
  decodeInboxFile,
  type InboxForm,
} from './inbox-file.ts';
export { isJsonObject, type JsonObject, type JsonValue } from './json.ts';
export { jsonObjectSchema } from './json-object-schema.ts';
export * from './names.ts';
export { isRawNumber, parseMessage, type RawNumber, rawNumber } from './parse-message.ts';
export { isTaskResult, type TaskOutcome, taskOutcomeOf } from './read-result.ts';
export { isRefusal } from './refusal.ts';
export { invalidMessage, NOBODY, type Rejection } from './rejection.ts';
export {
  type RequestInput,
  requestSchema,
  type TaskRequest,
  taskIdSchema,
  taskTypeSchema,
} from './request.ts';
export {
  type CompletedResult,
  type ErrorResult,
  resultSchema,
  type TaskResult,
} from './result.ts';
export { givenName, runNameOf } from './run-name.ts';
export { newTaskId } from './task-id.ts';
export { type AttemptRecord, logOf, type TaskLogLine, type TaskRun } from './task-run.ts';
export { timestampOf } from './timestamp.ts';
export { plainUserId, type UserId, userIdSchema } from './user-id.ts';
