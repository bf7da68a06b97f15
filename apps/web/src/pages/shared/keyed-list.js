/**
 * Children of a node that show the items of a list, and stay the same nodes while their items do: so focus, selection and
 * what is open stay.
 *
 * @template T
 * @param {Element} parent whose children are ours alone
 * @param {object} options
 * @param {(item: T) => string} options.key what makes an item the same item later
 * @param {(item: T) => {node: Element, update: (item: T) => void}} options.create
 * @returns {(items: readonly T[]) => void} shows other items
 */
export function keyedList(parent, { key, create }) {
  /** @type {Map<string, {node: Element, update: (item: T) => void}>} */
  let shown = new Map();
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

/**
 * @param {string} key
 * @param {ReadonlyMap<string, unknown>} taken
 */
function uniqueKey(key, taken) {
  let unique = key;
  for (let n = 2; taken.has(unique); n += 1) unique = `${key} ${n}`;
  return unique;
}
