import { randomUUID } from 'node:crypto';
import { generate } from 'selfsigned';

/** A certificate of an endpoint and its key, both PEM. */
export interface Certificate {
  certificate: string;
  key: string;
}

let ofThisProcess: Promise<Certificate> | undefined;

/** The one that all endpoints of this process share. */
export function sharedCertificate(): Promise<Certificate> {
  ofThisProcess ??= makeCertificate();
  return ofThisProcess;
}

/** Makes a self-signed certificate, valid for one day, that is its own authority. Takes about 10 ms. */
export async function makeCertificate(): Promise<Certificate> {
  const subject = [
    { name: 'commonName', value: 'localhost' },
    // A client that trusts several authorities of the same name finds only one.
    { name: 'organizationName', value: randomUUID() },
  ];
  const pems = await generate(subject, {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { certificate: pems.cert, key: pems.private };
}
