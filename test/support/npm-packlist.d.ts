declare module 'npm-packlist' {
  /** The part of npm's tree that a package without bundled dependencies needs. */
  interface PackageTree {
    readonly path: string;
    readonly package: unknown;
    readonly isProjectRoot: boolean;
    readonly edgesOut: ReadonlyMap<string, unknown>;
  }

  /** Paths of what `npm pack` packs. */
  export default function packlist(tree: PackageTree): Promise<string[]>;
}
