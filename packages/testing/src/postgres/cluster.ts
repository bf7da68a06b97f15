import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { generate } from 'selfsigned';
import { type Account, giveTo } from './account.ts';

export interface ClusterOptions {
  binaries: string;
  account: Account | undefined;
  /** Of the superuser `admin`. */
  password: string;
  /** `off`: the server speaks no TLS; `on`: it does; `only`: it lets nobody in without. */
  tls: 'off' | 'on' | 'only';
}

export interface Cluster {
  /** Holds everything; remove it as a whole. */
  folder: string;
  data: string;
  /** PEM of the self-signed certificate, for `localhost` only: not for 127.0.0.1. */
  certificate: string | undefined;
}

/** Makes an empty cluster in a temporary folder, where everybody needs a password. Takes about 0.7 s. */
export async function createCluster({ binaries, account, password, tls }: ClusterOptions): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-postgres-'));
  giveTo(account, folder);
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    giveTo(account, join(folder, name));
  };
  write('password', password);
  const data = join(folder, 'data');
  await promisify(execFile)(
    join(binaries, 'initdb'),
    [`--pgdata=${data}`, `--pwfile=${join(folder, 'password')}`, '--username=admin', '--auth=scram-sha-256'].concat([
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ]),
    { ...account, cwd: folder, env: { ...process.env, LC_ALL: 'C' } },
  );
  write('data/pg_hba.conf', `${tls === 'only' ? 'hostssl' : 'host'} all all all scram-sha-256\n`);
  if (tls === 'off') return { folder, data, certificate: undefined };

  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
    ],
  });
  write('data/server.crt', cert);
  write('data/server.key', key);
  return { folder, data, certificate: cert };
}
