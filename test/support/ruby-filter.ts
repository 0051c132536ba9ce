import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe } from 'vitest';

/**
 * The scripts that Logstash's filter "ruby" runs, in a Ruby of this machine: read as the plugin's source reads them, given events
 * that hold what is asked of them.
 */

export type Fields = Readonly<Record<string, unknown>>;

/** Those that this machine has. Logstash's own is JRuby. */
const RUBIES = ['ruby', 'jruby'].filter(
  (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0,
);

/** Describes something for each of them; without one it is skipped. */
export const describeInEachRuby = RUBIES.length > 0 ? describe.each(RUBIES) : describe.skip.each(['ruby']);

/** How long one may take to start: a JVM takes its time on a busy machine. */
const START_MS = 120_000;

const LOGSTASH = `
require 'json'
class Event
  attr_reader :fields
  def initialize(fields, torn)
    @fields = fields
    @torn = torn
  end
  def get(name)
    raise 'torn' if name == @torn
    @fields[name.delete('[]')]
  end
  def set(name, value)
    @fields[name.delete('[]')] = value
  end
  def remove(name)
    @fields.delete(name.delete('[]'))
  end
  def tag(name)
    (@fields['tags'] ||= []) << name
  end
end
puts 'ready'
STDOUT.flush
STDIN.each_line do |line|
  asked = JSON.parse(line)
  filter = Object.new
  filter.instance_eval(File.read(asked['script']), asked['script'], 1)
  filter.register(asked['params'])
  left = asked['events'].flat_map { |fields| filter.filter(Event.new(fields, asked['torn'])).map(&:fields) }
  puts JSON.generate(left)
  STDOUT.flush
end
`;

export interface FilterRun {
  /** Absolute path of the script. */
  readonly script: string;
  /** What the pipeline gives it as `script_params`. */
  readonly params: Readonly<Record<string, string>>;
  readonly events: readonly Fields[];
  /** The field that cannot be read. */
  readonly torn?: string;
}

export interface RubyFilters {
  /** What becomes of the events. @throws Error with what Ruby says */
  run(run: FilterRun): Promise<Fields[]>;
}

/** One process for all tests of a group: a JVM takes seconds to start. */
export function rubyDuringTests(program: string): RubyFilters {
  let started: (RubyFilters & { stop(): void }) | undefined;
  beforeAll(async () => {
    started = await startRuby(program);
  }, START_MS);
  afterAll(() => started?.stop());
  return {
    run: async (run) => {
      if (started === undefined) throw new Error(`${program} has not been started`);
      return started.run(run);
    },
  };
}

async function startRuby(program: string): Promise<RubyFilters & { stop(): void }> {
  const child: ChildProcess = spawn(program, ['-EUTF-8', '-e', LOGSTASH], { stdio: 'pipe' });
  let complaint = '';
  child.stderr?.on('data', (part: Buffer) => {
    complaint += part.toString('utf8');
  });
  if (child.stdout === null || child.stdin === null) throw new Error(`${program} has no streams`);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { stdin } = child;
  await lines.next();
  return {
    run: async (run) => {
      stdin.write(`${JSON.stringify(run)}\n`);
      const { value, done } = await lines.next();
      if (done === true || complaint !== '') throw new Error(`${program}: ${complaint}`);
      return JSON.parse(value) as Fields[];
    },
    stop: () => stdin.end(),
  };
}
