interface ProblemPattern {
  regexp: string;
  /** Numbers of groups. */
  file?: number;
  line?: number;
  message?: number;
}

export interface ProblemMatcher {
  owner: string;
  /** Several are for as many lines, one after another. */
  pattern: ProblemPattern | readonly ProblemPattern[];
  background?: { activeOnStart: boolean; beginsPattern: string; endsPattern: string };
}

/** An entry of the panel "Problems". */
export interface Problem {
  file: string | undefined;
  line: number | undefined;
  message: string | undefined;
}

/** The problems that a matcher finds in the lines of a terminal, as VS Code does it. */
export function problemsIn(lines: readonly string[], { pattern }: ProblemMatcher): Problem[] {
  const patterns = [pattern].flat();
  return lines.slice(0, Math.max(0, lines.length - patterns.length + 1)).flatMap((_, start) => {
    const matches = patterns.map(({ regexp }, index) => new RegExp(regexp).exec(lines[start + index] as string));
    if (matches.includes(null)) return [];
    const [file, line, message] = (['file', 'line', 'message'] as const).map((property) => {
      const index = patterns.findIndex((part) => part[property] !== undefined);
      return matches[index]?.[patterns[index]?.[property] as number];
    });
    return [{ file, line: line === undefined ? undefined : Number(line), message }];
  });
}
