/**
 * A module of the pages, as `shared/format`, for tests of what needs no browser. It is for browsers, whose types the rest of this project does not know:
 * `tsc -p apps/web/src/pages` checks those.
 */
// biome-ignore lint/suspicious/noExplicitAny: see above
export async function pageModule(name: string): Promise<any> {
  return import(new URL(`../src/pages/${name}.ts`, import.meta.url).href);
}
