/**
 * What would steer a terminal, change the direction of nearby text, hide, or break a line. Not the joiners that emoji
 * and some scripts need.
 */
const UNSEEN = /[[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufff9-\ufffb[\p{Cf}&&\p{Default_Ignorable_Code_Point}]]--[\u200c\u200d]]/gv;

const NAMES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A text on one line, with invisible characters written as `\n` or `\u001b`. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) => NAMES[character] ?? escaped(character));
}

/** The lines of a text, with invisible characters written as `\t` or `\u001b`. */
export function visibleLines(text: string): string {
  return text.split(/\r?\n/).map(visible).join('\n');
}

/** A text on one line, with blanks for invisible characters: the rest keeps its index. */
export function blanked(text: string): string {
  return text.replace(UNSEEN, (character) => ' '.repeat(character.length));
}

/** JSON of the same value that steers no terminal: `JSON.stringify` escapes only the first 32 controls. */
export function visibleJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(UNSEEN, (character) =>
    character === '\n' ? character : escaped(character),
  );
}

/** By UTF-16 units, as in JSON. */
function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
