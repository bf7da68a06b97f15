/**
 * Makes names unique: of `a, a, a_1` the second is `a_2`, since the third is `a_1` already. As DuckDB does it in a subquery.
 *
 * @param keyOf what must be unique. Default: the name as it is.
 */
export function uniqueNames(names: readonly string[], keyOf = (name: string) => name): string[] {
  const taken = new Set(names.map(keyOf));
  const seen = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let number = 1; seen.has(keyOf(name)) && taken.has(keyOf(unique)); number += 1) unique = `${name}_${number}`;
    taken.add(keyOf(unique));
    seen.add(keyOf(unique));
    return unique;
  });
}
