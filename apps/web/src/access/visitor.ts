import type { WebConfig } from '@taskwire/config';

export type Role = WebConfig['users'][string]['role'];

/** Who asks. */
export interface Visitor {
  name: string;
  role: Role;
}
