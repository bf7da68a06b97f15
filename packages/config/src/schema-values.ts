import { z } from 'zod';

/** A string that is not empty. */
export const text = z.string().min(1);

/** A whole number, from `min` to `max`. */
export function whole(min: number, max?: number) {
  return max === undefined ? z.int().min(min) : z.int().min(min).max(max);
}

/** Of TCP. */
export const port = whole(1, 65_535);

/** A server as `host:port`; an IPv6 address stands in brackets. */
export const server = z
  .string()
  .regex(/^(\[[\da-f:.]+\]|[^\s:/@[\]]+):\d+$/i, 'must be host:port')
  .transform((text) => {
    const at = text.lastIndexOf(':');
    return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) };
  });

/** An object that may be left out, as all that is in it may. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape).prefault({} as z.input<z.ZodObject<Shape>>);
}
