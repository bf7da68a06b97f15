import { type DuckDBConnection, quotedString } from '@duckdb/node-api';
import type { PrivateFolders } from './private-folders.ts';

/** A bounded spill folder: unbounded, one query could fill the disk that Redis writes to. */
const SPILL_PER_MEMORY = 8;

export interface LockDownOptions {
  connection: DuckDBConnection;
  dataDirectory?: string;
  folders: PrivateFolders;
  memoryLimitMb: number;
  threads: number;
}

/**
 * Limits a connection to reading in the data directory, and to its own database and export folder.
 *
 * The order matters: the allowed places cannot be set once external access is off, and nothing once it is locked.
 * This does not stop statements from writing into the data directory: `reading-statement.ts` does.
 */
export async function lockDown(options: LockDownOptions): Promise<void> {
  const { connection, dataDirectory, folders, memoryLimitMb, threads } = options;
  const settings = {
    errors_as_json: true,
    // Casts between texts and points in time depend on it; the default is the machine's.
    TimeZone: 'UTC',
    allowed_directories: [dataDirectory, folders.export].filter((folder) => folder !== undefined),
    temp_directory: folders.spill,
    // There are none; they would be looked for in the home folder.
    extension_directory: folders.spill,
    max_temp_directory_size: `${memoryLimitMb * SPILL_PER_MEMORY}MB`,
    allow_persistent_secrets: false,
    enable_external_access: false,
    autoinstall_known_extensions: false,
    autoload_known_extensions: false,
    allow_community_extensions: false,
    memory_limit: `${memoryLimitMb}MB`,
    threads,
    lock_configuration: true,
  };
  await connection.run(
    Object.entries(settings)
      .map(([name, value]) => `set global ${name} = ${literal(value)};`)
      .join('\n'),
  );
}

function literal(value: string | number | boolean | readonly string[]): string {
  if (typeof value === 'string') return quotedString(value);
  if (typeof value === 'object') return `[${value.map(quotedString).join(', ')}]`;
  return String(value);
}
