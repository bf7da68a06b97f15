import type { ErrorResponseBody } from '@bull-board/api/typings/app';
import type { ErrorDetail } from '@taskwire/protocol';

export interface BoardErrorOptions {
  status: 400 | 404 | 405 | 409 | 503 | 504;
  /** In a few words, what was not done. */
  title: string;
  /** Why, and what to do. */
  message: string;
  /** Stable, for programs. */
  code: string;
  details?: readonly ErrorDetail[] | undefined;
}

/** Something that the board does not do, with a sentence on why. */
export class BoardError extends Error {
  readonly statusCode: BoardErrorOptions['status'];
  readonly title: string;
  readonly code: string;
  readonly details: readonly ErrorDetail[] | undefined;

  constructor({ status, title, message, code, details }: BoardErrorOptions) {
    super(message);
    this.name = 'BoardError';
    this.statusCode = status;
    this.title = title;
    this.code = code;
    this.details = details;
  }
}

/** The body of an answer, as Bull Board's pages show it: the headline, and the sentence under it. */
export function errorBody({ title, message, code, details }: Omit<BoardErrorOptions, 'status'>): ErrorResponseBody {
  // Bull Board translates headlines by key; it shows an unknown key as it is.
  const error = { key: title } as unknown as ErrorResponseBody['error'];
  return { error, message, code, ...(details && { error_details: details }) };
}
