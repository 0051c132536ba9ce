/** Looks at the certificate that a TLS server shows. Nothing is verified by it and nothing is sent. */
export interface Handshakes {
  /** @throws ApictlError TLS_UNREACHABLE (4) when there is no TLS server to shake hands with. */
  shown(request: HandshakeRequest): Promise<ShownCertificate>;
}

export interface HandshakeRequest {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface ShownCertificate {
  readonly serialNumber: string;
  /** SHA-256 of the certificate, colon separated hexadecimal. */
  readonly fingerprint: string;
}
