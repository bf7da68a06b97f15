import { cutMark, MASKED } from './marks.ts';

/** A longer text is shown in part. */
export const MAX_TEXT_LENGTH = 2000;

/** How much further to look for secrets that begin in what is shown and end behind it. */
const LOOK_AHEAD = 1000;

const NAMES = 'password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|accountkey';
const VALUE = `\\\\?"[^"]*"?|'[^']*'?|[^\\s"',;&)}\\]]+`;

/** What secrets look like in any text: each pattern with what is shown instead. */
const SECRETS: readonly [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, MASKED],
  // The @ : / in a URL's password may not be escaped: up to the last @ of the word.
  [/:\/\/[^\s/?#@:"'<>]*:[^\s"'<>]*@/g, `://${MASKED}@`],
  [/:\/\/[^\s/?#"'<>]+@/g, `://${MASKED}@`],
  [/\b(Bearer\s+)[\w.~+/=-]+/gi, `$1${MASKED}`],
  [/\b([Bb]asic\s+)(?=[\w+/]*[A-Z0-9])[A-Za-z0-9+/]{8,}={0,2}/g, `$1${MASKED}`],
  [/\bdapi[0-9a-z]{8,}(?:-\d+)?/gi, MASKED],
  [/\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, MASKED],
  [/\b(?:AKIA[0-9A-Z]{12,}|gh[pousr]_\w{16,}|github_pat_\w{16,}|xox[a-z]-[\w-]{8,}|sk-[\w-]{16,})/g, MASKED],
  // password=…, "api_key": "…", Pwd=…; as in connection strings, and in JSON within a text.
  [new RegExp(`((?:${NAMES})\\\\?["']?\\s*[=:]\\s*)(?:${VALUE})`, 'gi'), `$1${MASKED}`],
  [/(\b(?:identified\s+by|password)\s+)(?:'[^']*'?|"[^"]*"?)/gi, `$1${MASKED}`],
];

/** A text as it is shown: secrets masked, long ones cut with a mark that says how long the whole is. */
export function showText(text: string, maxLength = MAX_TEXT_LENGTH): string {
  const isLong = text.length > maxLength;
  const masked = masking(isLong ? text.slice(0, maxLength + LOOK_AHEAD) : text);
  if (!isLong) return masked;
  // A URL whose @ is still to come might hold a password.
  const shown = masked.replace(/(:\/\/)[^\s/?#@:"'<>]*:[^\s"'<>@⟦]*$/, `$1${MASKED}`).slice(0, maxLength);
  return `${shown.replace(/[\uD800-\uDBFF]$/, '')} ${cutMark(text.length)}`;
}

function masking(text: string): string {
  return SECRETS.reduce((shown, [pattern, instead]) => shown.replace(pattern, instead), text);
}
