import { getCACertificates, setDefaultCACertificates } from 'node:tls';

const trusted = new Set<string>();

/**
 * Makes this process trust an endpoint, so that a client of it needs no `customCaCert`: with one, the driver hands Node all
 * authorities of the world with each connection, which costs 10 ms of CPU each time.
 */
export function trustInProcess({ caCertificate }: { caCertificate: string }): void {
  if (trusted.has(caCertificate)) return;
  trusted.add(caCertificate);
  setDefaultCACertificates([...getCACertificates('default'), caCertificate]);
}
