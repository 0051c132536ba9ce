import type { Operation } from '../../src/stack/plan/plan.ts';

/** The plan's word on a service that is fine, but for what is given. */
export const operation = (service: string, given: Partial<Operation> = {}): Operation => ({
  service,
  action: 'keep',
  why: 'unchanged and running',
  interrupts: false,
  drains: false,
  containerId: 'c',
  ...given,
});
