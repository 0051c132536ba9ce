/** What the gateway itself has to say, apart from the records of requests. */
export interface GatewayLog {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** JSON lines, for `process.stderr` or a test's list. */
export const jsonGatewayLog = (
  write: (line: string) => void,
  now: () => Date = () => new Date(),
): GatewayLog => {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}): void =>
      write(`${JSON.stringify({ time: now().toISOString(), level, message, ...fields })}\n`);
  return { info: at('info'), warn: at('warn'), error: at('error') };
};
