import type { ConfigInput } from '../../config/schema.ts';
import type { Event } from '../../core/events.ts';
import type { Secret } from '../../core/secret.ts';
import type { LogDocument } from '../../logs/document.ts';
import type { Level } from '../../logs/level.ts';
import type { Checks } from '../doctor/doctor.ts';
import type { DownResult } from '../down.ts';
import type { SeedOptions, SeedResult } from '../seed/seed.ts';
import type { Status } from '../status/model.ts';
import type { UpOptions, UpResult } from '../up/model.ts';

/** What a program says to open a stack. Nothing is required. */
export interface OpenStackOptions {
  /** The project's folder, where `apictl.yaml` lies if there is one; secrets and rendered files are kept there. Default: the working folder. */
  readonly folder?: string;
  /** As `--project`. */
  readonly project?: string;
  /** Values of the configuration, laid over `apictl.yaml` and the environment key by key. */
  readonly config?: ConfigInput;
  /** Only these services and what they depend on. Default: all. */
  readonly services?: readonly string[];
  /** Default true. */
  readonly seed?: boolean;
  /** As `--free-ports`: `free` takes the next free port for each that is held. Default `remembered`. */
  readonly ports?: UpOptions['ports'];
  /** For the whole run of `up`. Default 600. */
  readonly timeoutSeconds?: number;
  /** For another apictl in the same folder to end. Default 0. */
  readonly waitLockSeconds?: number;
  /**
   * What closing does with a stack that this call brought up: `down` keeps the data, `remove` removes the volumes too, `leave` lets it
   * run. Default `down`. A stack that ran before is always left running.
   */
  readonly onClose?: 'down' | 'remove' | 'leave';
  /** Progress, as `--json` tells it. */
  readonly onEvent?: (event: Event) => void;
  /** Ends the opening and whatever is asked of the stack; closing goes on regardless. */
  readonly signal?: AbortSignal;
}

export interface LogsQuery {
  /** All where absent. */
  readonly services?: readonly string[];
  readonly since?: Date;
  readonly until?: Date;
  /** The last lines of all services together. */
  readonly tail?: number;
  /** A regular expression of RE2. */
  readonly grep?: string;
  /** This one and what is worse. */
  readonly level?: Level;
  readonly requestId?: string;
}

/** A running stack in the hands of a program. Every failure is an `ApictlError`. */
export interface Stack extends AsyncDisposable {
  readonly project: string;
  readonly folder: string;
  /** Where it is reached: `proxy`, `proxyTls`, `admin`, ... -> URL, for what runs. */
  readonly urls: Readonly<Record<string, string>>;
  /** What bringing it up was; see `apictl up --json`. */
  readonly opened: UpResult;
  /** Whether it ran before, so that closing leaves it running. */
  readonly wasRunning: boolean;
  /** The certificate of the local authority in PEM, which clients of `proxyTls` trust. */
  certificateAuthority(): Promise<string>;
  status(): Promise<Status>;
  /** Makes Kong match the declared state. */
  seed(options?: Partial<SeedOptions>): Promise<SeedResult>;
  /** Proves the stack from outside; the checks say what is not fine. */
  smoke(budgetSeconds?: number): Promise<Checks>;
  /** What the containers have logged up to now, merged by time. */
  logs(query?: LogsQuery): Promise<LogDocument[]>;
  /** The same and what they log from now on, also after restarts, until `signal` aborts, the stack is closed, or the loop is left. */
  followLogs(query?: LogsQuery & { readonly signal?: AbortSignal }): AsyncIterable<LogDocument>;
  /** A secret by its name, as `partner-api-key`; only `reveal()` gives the value. */
  secret(name: string): Promise<Secret>;
  down(options?: { readonly volumes?: boolean }): Promise<DownResult>;
  /** What `onClose` says; a second call does nothing. `await using` calls it. */
  close(): Promise<void>;
}
