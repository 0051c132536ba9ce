/** Unpredictable bytes, from the system's generator. */
export interface Random {
  bytes(count: number): Uint8Array;
}
