/** A port on the loopback of this machine whose connections lead somewhere else. */
export interface Relay {
  /** @param carry hands what a client sends on, and gives what comes back; a failure ends that connection alone */
  open(carry: (sent: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>): Promise<OpenRelay>;
}

export interface OpenRelay {
  readonly port: number;
  /** Ends every connection. */
  close(): void;
}
