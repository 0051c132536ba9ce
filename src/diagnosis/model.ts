import type { CheckHistory } from '../core/check-history.ts';
import type { ContainerDetails, LogLine } from '../core/ports/engine.ts';

/** Everything that is known of a service that is not well. */
export interface FailureFacts {
  readonly service: string;
  /** How it is known: the wait for it ended so, or `unhealthy` where nobody waited. */
  readonly ending: 'not-created' | 'not-started' | 'ended' | 'broken-check' | 'deadline' | 'unhealthy';
  /** Null where it has no container yet. */
  readonly details: ContainerDetails | null;
  /** Of its last end; null where it has not ended. */
  readonly exitCode: number | null;
  /** What the engine or Compose said when it refused to create or to start it; else empty. */
  readonly refusal: string;
  /** The last lines of its log, oldest first. */
  readonly log: readonly LogLine[];
  /** What the services that it depends on logged since its start, oldest first: they may say what it keeps to itself. */
  readonly upstreamLog: readonly LogLine[];
  /** What its health check said while it was watched, oldest first. */
  readonly checks: CheckHistory;
  /** Ports of the container on which something listens; null where nobody could look. */
  readonly listening: readonly number[] | null;
  /** Room of the volumes that it can write to; looked at where it has run out of space, as far as anybody could. */
  readonly room: readonly MountRoom[];
}

export interface MountRoom {
  /** Where the volume lies in the container. */
  readonly destination: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Why a service is not well and what to do about it: two parts of a sentence whose subject is the service, and a sentence. */
export interface Finding {
  /** As `was refused by PostgreSQL: ...`. */
  readonly cause: string;
  /** The next thing to do, with the command to type where there is one. */
  readonly hint: string;
}

/** One failure that is recognised. */
export interface Rule {
  /** Stable, for programs, as `out-of-memory`. */
  readonly id: string;
  /**
   * What the failure says of the service: `certain` explains it whatever else is wrong; `dependency` names another service
   * that did not answer; `vague` only says that it failed. The last two are explained by what is wrong upstream.
   */
  readonly weight: 'certain' | 'dependency' | 'vague';
  /** For docs/troubleshooting.md: what the user has before them, and what helps. */
  readonly failure: string;
  readonly remedy: string;
  /** The finding, or undefined where this is another failure. */
  readonly recognise: (facts: FailureFacts) => Finding | undefined;
}

export interface Diagnosis extends Finding {
  readonly rule: string;
  readonly weight: Rule['weight'];
}
