import type { ChalkInstance } from 'chalk';
import type { LogLine } from '../../core/ports/engine.ts';
import { logDocument } from '../../logs/document.ts';
import { harmless } from '../../logs/harmless.ts';
import type { Level } from '../../logs/level.ts';
import { parseLine } from '../../logs/parse.ts';
import type { LogOutput } from './log-output.ts';
import { serviceColours } from './service-colours.ts';

/** Puts lines into an output, each with its line end. */
export interface LogFormat {
  /** Services whose names shall stand in one column. */
  begin(services: readonly string[]): void;
  put(line: LogLine, output: LogOutput): void;
}

/** One document a line. */
export const jsonFormat: LogFormat = {
  begin: () => {},
  put: (line, output) => output.text(`${JSON.stringify(logDocument(line))}\n`),
};

/** For files and other programs: the engine's time, the service, `|` or `!` for stderr, and the line as written. */
export function rawFormat(paint: ChalkInstance, terminal: string): LogFormat {
  const names = new Names(paint, terminal);
  return {
    begin: names.begin,
    put: (line, output) => {
      const column = names.column(line);
      // Most lines have nothing that could do harm: they go on as the bytes that they are.
      if (line.sent !== undefined && output.line(line.sent, column.bytes)) return;
      output.text(`${line.timestamp} ${column.text} ${harmless(line.text)}\n`);
    },
  };
}

/** On a terminal no line is longer; the rest is in the other formats. */
const LONGEST_SHOWN = 4_000;
const LONGEST_FIELD = 200;

/** For people: time of day in UTC, service, level, message, then what else the line says. */
export function prettyFormat(paint: ChalkInstance, terminal: string): LogFormat {
  const names = new Names(paint, terminal);
  const levels: Record<Level, string> = {
    trace: paint.dim('TRACE'),
    debug: paint.dim('DEBUG'),
    info: 'INFO ',
    warn: paint.yellow('WARN '),
    error: paint.red('ERROR'),
    fatal: paint.red.bold('FATAL'),
  };
  let day = '';
  const dayLine = (timestamp: string): string => {
    if (timestamp.slice(0, 10) === day) return '';
    day = timestamp.slice(0, 10);
    return `${paint.dim(`${day} (UTC)`)}\n`;
  };
  return {
    begin: names.begin,
    put: (line, output) => {
      const { level, message, requestId, fields, stack } = parseLine(line.text);
      const prefix = `${paint.dim(line.timestamp.slice(11, 23))} ${names.column(line).text}`;
      const rest = Object.entries({ ...fields, ...(requestId === null ? {} : { request_id: requestId }) });
      const words = rest.map(([name, value]) => paint.dim(shortened(`${name}=${value}`, LONGEST_FIELD)));
      const shown = [level === null ? '     ' : levels[level], shortened(message, LONGEST_SHOWN), ...words];
      const below = stack.map((part) => `${prefix}       ${paint.dim(shortened(part, LONGEST_SHOWN))}\n`);
      output.text(`${dayLine(line.timestamp)}${prefix} ${shown.join(' ').trimEnd()}\n${below.join('')}`);
    },
  };
}

function shortened(text: string, most: number): string {
  if (text.length <= most) return harmless(text);
  return `${harmless(text.slice(0, most))}… (${text.length - most} characters more)`;
}

/** A service in its column, and the same in UTF-8. */
interface Column {
  readonly text: string;
  readonly bytes: Uint8Array;
}

const columnOf = (text: string): Column => ({ text, bytes: Buffer.from(text) });

/** The column of services: padded, coloured, made once for each service and stream. */
class Names {
  readonly #colourOf: (service: string) => (text: string) => string;
  readonly #made = new Map<string, { readonly stdout: Column; readonly stderr: Column }>();
  #width = 0;

  constructor(paint: ChalkInstance, terminal: string) {
    this.#colourOf = serviceColours(paint, terminal);
  }

  readonly begin = (services: readonly string[]): void => {
    this.#width = Math.max(this.#width, ...services.map((service) => service.length));
    this.#made.clear();
  };

  column({ service, stream }: LogLine): Column {
    const made = this.#made.get(service) ?? this.#make(service);
    return made[stream];
  }

  #make(service: string) {
    if (service.length > this.#width) this.begin([service]);
    const colour = this.#colourOf(service);
    const name = harmless(service).padEnd(this.#width);
    const made = { stdout: columnOf(colour(`${name} |`)), stderr: columnOf(colour(`${name} !`)) };
    this.#made.set(service, made);
    return made;
  }
}
