import { type ThresholdsConfig, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';

/** From where on a value is worth a look, and from where on somebody has to act; colours it yellow and red. */
export interface Limits {
  readonly bad: 'above' | 'below' | 'never';
  readonly warning: number;
  readonly critical: number;
}

/** For figures that are neither good nor bad by themselves, as a rate of requests. */
export const noLimit: Limits = { bad: 'never', warning: 0, critical: 0 };

export const above = (warning: number, critical: number): Limits => ({ bad: 'above', warning, critical });

/** `warning` is the greater of the two. */
export const below = (warning: number, critical: number): Limits => ({ bad: 'below', warning, critical });

/** Wrong as soon as there is one. */
export const anyIsBad: Limits = above(1, 1);

/** For figures that are 1 while all is well, and 0 else. */
export const oneIsGood: Limits = below(1, 1);

/** Failed by all answers; red where HighErrorRate fires by default. */
export const failedRequests: Limits = above(0.05, 0.1);

/** Failed by all log events; red where LoggingHighErrorRate fires by default. */
export const failedEvents: Limits = above(0.01, 0.05);

/** Red where HighLatency fires by default. */
export const latencyMs: Limits = above(1000, 2000);
export const latencySeconds: Limits = above(1, 2);

const step = (color: 'green' | 'yellow' | 'red', value: number | null) => ({ color, value });

/** The steps of Grafana, from the lowest value on; of two steps at the same value only the worse is kept. */
export function thresholds({ bad, warning, critical }: Limits): ThresholdsConfig {
  const isOneStep = warning === critical;
  const steps = {
    never: [step('green', null)],
    above: [step('green', null), ...(isOneStep ? [] : [step('yellow', warning)]), step('red', critical)],
    below: [step('red', null), ...(isOneStep ? [] : [step('yellow', critical)]), step('green', warning)],
  }[bad];
  return { mode: ThresholdsMode.Absolute, steps };
}
