import { me } from './api.js';
import { byId, setText } from './dom.js';

/** Shows who is logged in, with a way out; nothing without login. */
export async function showVisitor() {
  const { visitor } = await me;
  if (visitor) setText(/** @type {Element} */ (byId('visitor').firstElementChild), `${visitor.name} (${visitor.role})`);
  byId('visitor').hidden = visitor === null;
}
