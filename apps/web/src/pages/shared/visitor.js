import { me } from './api.js';
import { byId, setText } from './dom.js';

// Who is logged in, with a way out; nothing without login.
void me.then(({ visitor }) => {
  if (visitor) setText(/** @type {Element} */ (byId('visitor').firstElementChild), `${visitor.name} (${visitor.role})`);
  byId('visitor').hidden = visitor === null;
});
