import { createHash } from 'node:crypto';

export interface PageOptions {
  title: string;
  /** Said first, and read out by screen readers at once. */
  sentence?: string | undefined;
  /** Our own HTML; text from elsewhere is escaped. */
  content?: string;
}

/** A small page on its own: it loads nothing, because its reader may not. */
export function page({ title, sentence, content = '' }: PageOptions): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>${escaped(title)} · taskwire</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<p class="name">taskwire</p>
<h1>${escaped(title)}</h1>
${sentence ? `<p class="sentence" role="alert">${escaped(sentence)}</p>` : ''}
${content}
</main>
</body>
</html>
`;
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
:root { --page: #f4f5f7; --card: #fff; --line: #d9dde4; --field: #868e9c; --text: #1c2330; --quiet: #596273;
  --accent: #2457c5; --on-accent: #fff; --alert: #b3261e; --alert-page: #fdeeec }
@media (prefers-color-scheme: dark) {
  :root { --page: #12161c; --card: #1a2029; --line: #2f3846; --field: #6c7787; --text: #e6e9ee; --quiet: #9aa5b5;
    --accent: #8ab0ff; --on-accent: #0e1726; --alert: #ff9389; --alert-page: #351c1b }
}
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; min-height: 100dvh; display: grid; place-items: center; padding: 1rem;
  background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 24rem; padding: 2rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .75rem; overflow-wrap: anywhere }
.name { margin: 0; color: var(--quiet) }
h1 { margin: 0 0 1.25rem; font-size: 1.5rem; line-height: 1.25; font-weight: 600 }
p { margin: 0 0 1rem }
.sentence { padding: .75rem 1rem; border-radius: .5rem; background: var(--alert-page); color: var(--alert) }
.hint { margin: 1.25rem 0 0; font-size: .875rem; color: var(--quiet) }
label { display: block; margin-bottom: .25rem; font-weight: 500 }
input { width: 100%; margin-bottom: 1rem; padding: .625rem .75rem; border: 1px solid var(--field); border-radius: .5rem;
  background: var(--page); color: inherit; font: inherit }
button { width: 100%; margin-top: .25rem; padding: .625rem; border: 0; border-radius: .5rem; background: var(--accent);
  color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
main > :last-child { margin-bottom: 0 }
`;

/** For the content security policy, which lets in no other style within a page. */
export const PAGE_STYLE_HASH = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`;
