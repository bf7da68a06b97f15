import type { DashboardConfig } from '@taskwire/config';

export type Role = DashboardConfig['users'][string]['role'];

/** Who asks. */
export interface Visitor {
  name: string;
  role: Role;
}
