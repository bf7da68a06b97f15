const WORDS = [
  'auth',
  'authorization',
  'bearer',
  'cookie',
  'cookies',
  'cred',
  'creds',
  'dsn',
  'jwt',
  'otp',
  'pass',
  'passcode',
  'pw',
  'pwd',
  'token',
  'tokens',
];

/** Also as part of a longer word: `dbpassword`, `clientsecret`. */
const PARTS = [
  'accesskey',
  'accesstoken',
  'apikey',
  'authtoken',
  'connectionstring',
  'connstr',
  'credential',
  'encryptionkey',
  'passphrase',
  'passwd',
  'password',
  'privatekey',
  'refreshtoken',
  'secret',
  'sessionid',
  'signingkey',
];

const SECRET_WORD = new RegExp(`(^|_)(${WORDS.join('|')})(_|$)`);
const SECRET_PART = new RegExp(PARTS.join('|'));

/** Whether a field of this name most likely holds a secret: `password`, `apiKey`, `DB_AUTH_TOKEN`. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_');
  return SECRET_WORD.test(words) || SECRET_PART.test(words.replaceAll('_', ''));
}
