/**
 * Shows a value again only when it differs, so that what a person has selected or opened in it stays.
 *
 * @template T
 * @param {(value: T) => void} show
 * @returns {(value: T) => void}
 */
export function onceChanged(show) {
  /** @type {string | undefined} */
  let before;
  return (value) => {
    const now = JSON.stringify(value);
    if (now === before) return;
    before = now;
    show(value);
  };
}
