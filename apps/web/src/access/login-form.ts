import { z } from 'zod';
import { localPath } from './local-path.ts';

const loginFormSchema = z.object({
  username: z.string().min(1).max(64),
  password: z.string().min(1),
});

/** Name and password as the login page sends them; undefined when one is missing. */
export function loginFormOf(body: unknown): z.output<typeof loginFormSchema> | undefined {
  return loginFormSchema.safeParse(body).data;
}

/** Where to go after the login, from the query of the page or the field of the form. */
export function nextOf(fields: unknown): string {
  return localPath((fields as { next?: unknown } | undefined)?.next);
}
