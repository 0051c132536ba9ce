/** What can be found out about the machine's ports. */
export interface Sockets {
  /** Whether a listener could be opened there now; `forbidden` for low ports without privilege, `no-address` where the machine has no such address. */
  probe(address: string, port: number): Promise<'free' | 'taken' | 'forbidden' | 'no-address'>;
  /** The process that listens there, as far as this user may see it; null where nobody can be named. */
  holder(address: string, port: number): Promise<PortHolder | null>;
}

export interface PortHolder {
  readonly pid: number;
  /** The command's name, as `nginx`. */
  readonly command: string;
}
