/**
 * A slash without a second one behind it, and nothing that browsers take for one (a backslash) or drop (white space):
 * `//name` is another site.
 */
const LOCAL_PATH = /^\/(?!\/)[!-[\]-~]*$/;

/** The path if it leads to a page of ours, else the start page: a login must not lead to another site. */
export function localPath(path: unknown): string {
  return typeof path === 'string' && LOCAL_PATH.test(path) && !/^\/log(in|out)\b/.test(path) ? path : '/';
}
