import { me } from './api.ts';
import { byId, setText } from './dom.ts';

// Who is logged in, with a way out; nothing without login.
void me.then(({ visitor }) => {
  if (visitor) setText(byId('visitor').firstElementChild as Element, `${visitor.name} (${visitor.role})`);
  byId('visitor').hidden = visitor === null;
});
