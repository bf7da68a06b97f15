export { Admission, type AdmissionOptions } from './admission.ts';
export { errorResultOf } from './error-result.ts';
export type { Intake } from './intake.ts';
export type { Content, Settled, Submission } from './submission.ts';
export { type Validated, type ValidTask, validateDecoded } from './validate.ts';
