/** Makes names unique: of `a, a, a_1` the second is `a_2`, since the third is `a_1` already. As DuckDB does it in a subquery. */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  return names.map((name) => {
    if (!seen.has(name)) {
      seen.add(name);
      return name;
    }
    let number = 1;
    while (taken.has(`${name}_${number}`)) number += 1;
    const unique = `${name}_${number}`;
    taken.add(unique);
    seen.add(unique);
    return unique;
  });
}
