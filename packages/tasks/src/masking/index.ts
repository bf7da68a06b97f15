export { findMark, MASKED } from './marks.ts';
export type { SecretMask } from './secret-mask.ts';
export { maskedParameters, maskOf } from './secret-parameters.ts';
export { showText } from './show-text.ts';
export { showValue } from './show-value.ts';
