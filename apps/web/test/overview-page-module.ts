/**
 * A module of the pages, as `shared/format`, for tests of what needs no browser. It is JavaScript, which the types of this project do not cover:
 * `tsc -p apps/web/src/pages` checks those.
 */
// biome-ignore lint/suspicious/noExplicitAny: see above
export async function pageModule(name: string): Promise<any> {
  return import(new URL(`../src/pages/${name}.js`, import.meta.url).href);
}
