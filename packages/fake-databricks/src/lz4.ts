import { createRequire } from 'node:module';

/** Compresses to LZ4 frames; undefined when the driver's optional dependency for it is missing. */
export function loadLz4(): ((bytes: Buffer) => Buffer) | undefined {
  const driver = createRequire(createRequire(import.meta.url).resolve('@databricks/sql'));
  try {
    const { compressFrameSync } = driver('lz4-napi') as { compressFrameSync: (bytes: Buffer) => Buffer };
    return compressFrameSync;
  } catch {
    return undefined;
  }
}
