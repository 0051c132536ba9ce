/** Where a package lies in an archive, and what the lock says of it. */
export interface PackedPackage {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  readonly start: number;
  readonly size: number;
}

export function packagesIn(
  file: number,
  sizeBytes: number,
  lock: object,
  machine: { readonly os: string; readonly cpu: string; readonly libc: string | undefined },
): readonly PackedPackage[];
