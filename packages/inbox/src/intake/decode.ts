import type { Validated } from '@taskwire/admission';
import type { InboxForm } from '@taskwire/protocol';

/**
 * Reads what a file asks for.
 *
 * @param taskId the task id of a file that names none.
 */
export type Decode = (bytes: Uint8Array, taskId: string) => { form: InboxForm; validated: Validated };
