/** Making and reading X.509 certificates. PEM in, PEM out. */
export interface X509 {
  /** A self-signed authority that may sign leaf certificates only. */
  makeAuthority(request: AuthorityRequest): Promise<KeyPair>;
  /** A server certificate signed by the authority. */
  issue(request: LeafRequest): Promise<KeyPair>;
  /** @throws Error when the text is no certificate. */
  read(certificatePem: string): CertificateFacts;
  /** Whether the private key belongs to the certificate. False also when the key cannot be read. */
  keyMatches(certificatePem: string, keyPem: string): boolean;
  /** Whether the authority signed the certificate. */
  signedBy(certificatePem: string, authorityPem: string): boolean;
}

export interface KeyPair {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export interface AuthorityRequest {
  readonly commonName: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export interface LeafRequest {
  readonly authority: KeyPair;
  readonly commonName: string;
  /** DNS names and addresses, each told apart by its form. */
  readonly hosts: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Subject alternative names without their kind, addresses in their shortest form. */
  readonly hosts: readonly string[];
  /** SHA-256 of the certificate, colon separated hexadecimal. */
  readonly fingerprint: string;
}
