/** Making and reading X.509 certificates. PEM in, PEM out. */
export interface X509 {
  /** A self-signed authority that may sign leaf certificates only. */
  makeAuthority(request: AuthorityRequest): Promise<KeyPair>;
  /** A server certificate signed by the authority. */
  issue(request: LeafRequest): Promise<KeyPair>;
  /** The first certificate of the text. @throws Error when the text is no certificate. */
  read(certificatePem: string): CertificateFacts;
  /** Every certificate of the text, each as PEM of its own, in their order. */
  split(pem: string): string[];
  /** Whether a private key can be used without a passphrase. */
  keyState(keyPem: string): 'usable' | 'encrypted' | 'unreadable';
  /** Whether the private key belongs to the first certificate of the text. False also when the key cannot be read. */
  keyMatches(certificatePem: string, keyPem: string): boolean;
  /** Whether the first certificate of the second text signed the first certificate of the first. */
  signedBy(certificatePem: string, authorityPem: string): boolean;
  /** The public authority, of those that Node.js is built with, that signed the certificate; null where none did. */
  publicAuthorityOf(certificatePem: string): Promise<string | null>;
}

export interface KeyPair {
  /** The leaf, and behind it what leads to the authority. */
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
  /** Whether it may sign others. */
  readonly isAuthority: boolean;
  readonly isSelfSigned: boolean;
  /** Whether clients take it for a server: it names that purpose, or none at all. */
  readonly isForServers: boolean;
  /** `rsa`, `ec`, `ed25519`...; bits are the modulus of RSA, the field of an elliptic curve, and null where they say nothing. */
  readonly key: { readonly type: string; readonly bits: number | null };
  /** What it is signed with: `sha256`, `sha1`, `md5`...; `ed25519` where the key brings its own; the OID where it is another. */
  readonly digest: string;
}
