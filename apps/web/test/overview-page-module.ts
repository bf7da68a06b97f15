/**
 * A module of the page, for tests of what needs no browser. It is JavaScript, which the types of this project do not cover:
 * `tsc -p apps/web/src/overview/page` checks those.
 */
// biome-ignore lint/suspicious/noExplicitAny: see above
export async function pageModule(name: string): Promise<any> {
  return import(new URL(`../src/overview/page/${name}.js`, import.meta.url).href);
}
