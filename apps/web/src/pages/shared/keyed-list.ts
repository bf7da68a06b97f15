/**
 * Children of a node that show the items of a list, and stay the same nodes while their items do: so focus, selection and
 * what is open stay.
 *
 * @param parent whose children are ours alone
 * @param options.key what makes an item the same item later
 * @returns shows other items
 */
export function keyedList<T>(
  parent: Element,
  { key, create }: { key: (item: T) => string; create: (item: T) => { node: Element; update: (item: T) => void } },
): (items: readonly T[]) => void {
  let shown = new Map<string, { node: Element; update: (item: T) => void }>();
  return (items) => {
    const before = shown;
    shown = new Map();
    for (const item of items) {
      const unique = uniqueKey(key(item), shown);
      const child = before.get(unique) ?? create(item);
      child.update(item);
      shown.set(unique, child);
    }
    for (const [name, { node }] of before) if (!shown.has(name)) node.remove();
    // A node that is in its place is not touched: moving takes the focus away.
    let place = parent.firstElementChild;
    for (const { node } of shown.values()) {
      if (node === place) place = place.nextElementSibling;
      else parent.insertBefore(node, place);
    }
  };
}

function uniqueKey(key: string, taken: ReadonlyMap<string, unknown>) {
  let unique = key;
  for (let n = 2; taken.has(unique); n += 1) unique = `${key} ${n}`;
  return unique;
}
