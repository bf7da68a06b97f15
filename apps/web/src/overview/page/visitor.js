import { byId, setShown } from './dom.js';

/** Says who is logged in, with a way out; nothing where there is no login. */
export async function showVisitor() {
  const answer = await fetch('/api/me');
  if (!answer.ok) return;
  /** @type {{visitor: {name: string, role: string} | null}} */
  const { visitor } = await answer.json();
  const form = byId('visitor');
  if (visitor) /** @type {Element} */ (form.firstElementChild).textContent = `${visitor.name} (${visitor.role})`;
  setShown(form, visitor !== null);
}
