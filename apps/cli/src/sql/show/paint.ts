import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'blue' | 'magenta';

/** Colours a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** Colours if the stream is a terminal and the user has not forbidden it (`NO_COLOR`). */
export const onStdout: Paint = (style, text) => styleText(style, text, { stream: process.stdout });
export const onStderr: Paint = (style, text) => styleText(style, text, { stream: process.stderr });

/** For files. */
export const plain: Paint = (_style, text) => text;
