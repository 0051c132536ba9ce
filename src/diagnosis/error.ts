import { ApictlError, EXIT } from '../core/errors.ts';
import type { ServiceReport } from './report.ts';

const EVIDENCE_LINES = 10;

/** Services that did not become ready, each with everything that helps to find out why. */
export class ServicesNotReady extends ApictlError {
  readonly services: readonly ServiceReport[];
  /** What is healthy and stays up. */
  readonly stillUp: readonly string[];
  /** What else failed in the same run and is no service, as the seeding. */
  readonly further: readonly string[];

  constructor(
    services: readonly ServiceReport[],
    stillUp: readonly string[],
    further: readonly string[] = [],
  ) {
    const notStarted = [...new Set(services.flatMap((report) => report.notStarted))];
    super({
      code: 'SERVICE_UNHEALTHY',
      exitCode: EXIT.unhealthy,
      message: services.map(({ service, cause }) => `${service} ${cause}`).join('; '),
      object: services.map(({ service }) => `service ${service}`).join(', '),
      details: [
        ...services.flatMap(evidence),
        ...further,
        ...(notStarted.length === 0 ? [] : [`not started because of it: ${notStarted.join(', ')}`]),
        stillUp.length === 0 ? 'what is healthy stays up' : `healthy and still up: ${stillUp.join(', ')}`,
      ],
      hint: services[0]?.hint,
    });
    this.services = services;
    this.stillUp = stillUp;
    this.further = further;
  }

  override toJSON(): { error: Record<string, unknown> } {
    const { error } = super.toJSON();
    return { error: { ...error, services: this.services, stillUp: this.stillUp } };
  }
}

/** The shortest proof of a failure, as lines: what its check said last and the end of its log. */
const evidence = ({ service, healthCheck, log }: ServiceReport): string[] => {
  const said = healthCheck?.runs.at(-1)?.output ?? '';
  return [
    ...(healthCheck === null || said === '' ? [] : [`health check: ${healthCheck.command}`, `  ${said}`]),
    ...(log.length === 0 ? [`${service} has written nothing to its log`] : [`last lines of ${service}:`]),
    ...log.slice(-EVIDENCE_LINES).map(({ text }) => `  ${text}`),
  ];
};
