import { parseExact } from './exact-json.js';

/** The server has refused, or does not answer: a sentence for a person. */
export class ApiError extends Error {
  /**
   * @param {number} status 0: no answer
   * @param {string} sentence
   */
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

/**
 * Asks our HTTP API.
 *
 * @param {string} path below the server
 * @param {{method?: string, json?: string}} [options] `json`: the body
 * @returns {Promise<{data: any, location: string | null}>}
 * @throws ApiError
 */
export async function ask(path, { method = 'GET', json } = {}) {
  const request = {
    method,
    ...(json !== undefined && { body: json, headers: { 'content-type': 'application/json' } }),
  };
  const answer = await fetch(path, request).catch(() => undefined);
  if (!answer) throw new ApiError(0, 'The dashboard is out of reach.');
  // The session has ended: the server knows where to log in.
  if (answer.status === 401) location.reload();
  const text = await answer.text();
  const data = /\bjson\b/.test(answer.headers.get('content-type') ?? '') ? parseExact(text) : undefined;
  if (!answer.ok) throw new ApiError(answer.status, sentenceOf(data) ?? `The server answers with ${answer.status}.`);
  return { data, location: answer.headers.get('location') };
}

/** @param {any} problem */
function sentenceOf(problem) {
  if (!problem) return undefined;
  const { error, detail, title, error_details: details = [] } = problem;
  const places = details.map(
    (/** @type {{path: string, message: string}} */ { path, message }) => `${path}: ${message}`,
  );
  const sentence = detail ?? error ?? title;
  return [sentence, ...places.filter((/** @type {string} */ place) => !sentence?.includes(place))].join(' ');
}

/**
 * @typedef {object} Me
 * @property {{name: string, role: string} | null} visitor null without login
 * @property {boolean} may_act
 * @property {string} redis_cli publishes the text REQUEST
 */

/** @type {Promise<Me>} */
export const me = ask('/api/me').then(({ data }) => data);
