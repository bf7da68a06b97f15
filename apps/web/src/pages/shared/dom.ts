const SVG = 'http://www.w3.org/2000/svg';

/** Text from tasks goes in as text, here and everywhere: this page never makes HTML of it. */
export function element<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[T] {
  const node = document.createElement(tag);
  setAttributes(node, attributes);
  node.append(...children);
  return node;
}

export function drawing<T extends keyof SVGElementTagNameMap>(
  tag: T,
  attributes: Record<string, string> = {},
  ...children: Node[]
): SVGElementTagNameMap[T] {
  const node = document.createElementNS(SVG, tag);
  setAttributes(node, attributes);
  node.append(...children);
  return node;
}

export function icon(name: 'good' | 'warn' | 'bad' | 'note' | 'wait') {
  return drawing('svg', { class: `icon ${name}`, 'aria-hidden': 'true' }, drawing('use', { href: `#icon-${name}` }));
}

/** Touches the page only where something changed, so that an update every two seconds costs almost nothing. */
export function setAttributes(node: Element, attributes: Record<string, string>) {
  for (const [name, value] of Object.entries(attributes)) {
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  }
}

export function setText(node: Node, text: string) {
  if (node.textContent !== text) node.textContent = text;
}

export function byId(id: string): HTMLElement {
  const node = document.getElementById(id);
  if (!node) throw new Error(`The page has no #${id}`);
  return node;
}
