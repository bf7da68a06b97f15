import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PASSWORD = 'secret';

export interface Keystore {
  path: string;
  password: string;
  /** PEM, to be trusted. */
  certificate: string;
}

/** A key for `localhost` and 127.0.0.1, in the form that Java reads. */
export async function makeKeystore(folder: string): Promise<Keystore> {
  const path = join(folder, 'keystore.p12');
  const store = ['-alias', 'spark', '-keystore', path, '-storepass', PASSWORD];
  const names = ['-dname', 'CN=localhost', '-ext', 'san=dns:localhost,ip:127.0.0.1'];
  await run('keytool', ['-genkeypair', ...store, '-storetype', 'PKCS12', '-keyalg', 'EC', ...names]);
  const { stdout } = await run('keytool', ['-exportcert', '-rfc', ...store]);
  return { path, password: PASSWORD, certificate: stdout };
}
