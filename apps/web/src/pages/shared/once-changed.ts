/** Shows a value again only when it differs, so that what a person has selected or opened in it stays. */
export function onceChanged<T>(show: (value: T) => void): (value: T) => void {
  let before: string | undefined;
  return (value) => {
    const now = JSON.stringify(value);
    if (now === before) return;
    before = now;
    show(value);
  };
}
