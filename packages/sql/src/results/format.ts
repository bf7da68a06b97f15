import { RESULT_FORMATS } from '@taskwire/tasks';

export { RESULT_FORMATS };

/** How a file holds rows. */
export type ResultFormat = (typeof RESULT_FORMATS)[number];
