export { findMark, MASKED } from './marks.ts';
export { showText } from './show-text.ts';
export { showValue } from './show-value.ts';
