import { type Accounts, GENERATED_USER } from './accounts.ts';
import { escaped, page } from './page.ts';

export interface LoginPageOptions {
  accounts: Accounts;
  /** Where to go after the login. */
  next: string;
  /** What was typed before. */
  username?: string | undefined;
  /** Why the last login failed. */
  sentence?: string | undefined;
}

/** The login page. It works without JavaScript and with a password manager. */
export function loginPage({ accounts, next, username, sentence }: LoginPageOptions): string {
  const name = username ?? (accounts.generated ? GENERATED_USER : '');
  const content = `<form method="post" action="/login">
<input type="hidden" name="next" value="${escaped(next)}">
<label for="username">Name</label>
<input id="username" name="username" value="${escaped(name)}" required maxlength="64" autocomplete="username" autocapitalize="none"
  autocorrect="off" spellcheck="false"${name ? '' : ' autofocus'}>
<label for="password">Password</label>
<input id="password" name="password" type="password" required autocomplete="current-password"${name ? ' autofocus' : ''}>
<button>Log in</button>
</form>
<p class="hint">${hintFor(accounts)}</p>`;
  return page({ title: 'Log in', sentence, content });
}

function hintFor({ generated, users }: Accounts): string {
  if (generated) return `The password of ${GENERATED_USER} was printed in the dashboard’s log at its start.`;
  if (users.size > 0) return 'The person who runs taskwire sets names and passwords in its configuration.';
  return 'Nobody can log in yet, only programs with a token can ask: run <code>taskwire hash-password</code> and set web.users.';
}
