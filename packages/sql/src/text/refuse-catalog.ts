import { InvalidParameterError } from '@taskwire/tasks';

/** @throws {InvalidParameterError} for a catalog, on an engine whose connections have one database each */
export function refuseCatalog({ catalog }: { readonly catalog?: string | undefined }, engine: string): void {
  if (catalog === undefined) return;
  const problem = `is not for ${engine}, where another database needs a connection of its own; a schema can be named`;
  throw new InvalidParameterError('catalog', problem);
}
