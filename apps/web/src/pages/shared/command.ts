import { element } from './dom.ts';

const SHOWN_MS = 3000;

/** A command for a shell, with a button that copies it. */
export function commandBox(command: string) {
  const code = element('code', { tabindex: '0' }, command);
  const button = element('button', { type: 'button' }, 'Copy');
  // Read out, unlike the button's own text.
  const said = element('span', { class: 'unseen', role: 'status' });
  button.addEventListener('click', async () => {
    const words = (await copy(command, code)) ? 'Copied' : 'Selected: now press Ctrl+C';
    button.textContent = words;
    said.textContent = words;
    setTimeout(() => {
      button.textContent = 'Copy';
      said.textContent = '';
    }, SHOWN_MS);
  });
  return element('div', { class: 'command' }, code, button, said);
}

/** @param node that shows it */
async function copy(text: string, node: Node) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Browsers have no clipboard for pages over plain http, and may be set to refuse.
    getSelection()?.selectAllChildren(node);
    return document.execCommand('copy');
  }
}
