import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { problemAffectsResolutionKind } from '@arethetypeswrong/core/problems';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** What publint and attw ("are the types wrong?") find wrong. Our packages are modules only: how `require` sees them does not count. */
export async function faultsOf(tarball: string): Promise<string[]> {
  const data = new Uint8Array(readFileSync(tarball));
  const { messages, pkg } = await publint({ pack: { tarball: data.buffer }, strict: true });
  const lint = messages.map((message) => formatMessage(message, pkg) ?? message.code);
  const analysis = await checkPackage(createPackageFromTarballData(data));
  if (!analysis.types) return [...lint, `${tarball}: it has no types`];
  const problems = analysis.problems.filter((problem) =>
    (['node16-esm', 'bundler'] as const).some((kind) => problemAffectsResolutionKind(problem, kind, analysis)),
  );
  return [...lint, ...problems.map((problem) => JSON.stringify(problem))].map((fault) => `${tarball}: ${fault}`);
}
