import type { Flavour } from '../../config/choices.ts';
import type { ContextFile } from '../../core/ports/build-contexts.ts';

/** Where the images built on this machine are kept: `apictl/postgres:0f3a91c2bd47`. */
export const REPOSITORY = 'apictl';
/** What an image is, as `postgres`. */
export const IMAGE_LABEL = 'io.apictl.image';
export const MANAGED_LABEL = 'io.apictl.managed';

/** What an image starts from: another image of the plan, one of a registry, or nothing. */
export type Base =
  | { readonly kind: 'image'; readonly name: string }
  | { readonly kind: 'published'; readonly reference: string }
  | { readonly kind: 'nothing' };

/** Where a part of a build context comes from. */
export interface ContextSource {
  /** Folder or file; relative to the installation of apictl, or absolute. */
  readonly from: string;
  /** Its place in the context; `.` is the context itself. */
  readonly to: string;
  /** In the syntax of .dockerignore, relative to `from`. */
  readonly ignore?: readonly string[];
  /** What makes it where it is missing, as `npm run build -w services/logging`. */
  readonly madeBy?: string;
}

/** How an image is made, as data. */
export interface Recipe {
  readonly name: string;
  readonly base: Base;
  /** Relative to the installation, or absolute. Null: no build but the root file system of Debian. */
  readonly dockerfile: string | null;
  readonly context: readonly ContextSource[];
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Whether the machine lends its package sources to the build. */
  readonly usesMachineSources: boolean;
  /** Whether containers are made from it, or only other images. */
  readonly isFinal: boolean;
  /** A user's own files keep their modes; ours are 0644 or 0755, whatever the umask of the clone was. */
  readonly keepsModes: boolean;
}

/** One image of a plan: what it is called by what goes into it. */
export interface PlannedImage {
  readonly name: string;
  readonly reference: string;
  readonly base: Base;
  /** Name of the Dockerfile in the context; null where Debian's root file system is made. */
  readonly dockerfile: string | null;
  /** Sorted by path, the Dockerfile among them. */
  readonly files: readonly ContextFile[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly usesMachineSources: boolean;
  readonly isFinal: boolean;
}

export interface ImagePlan {
  readonly flavour: Flavour;
  /** Bases before what stands on them. */
  readonly images: readonly PlannedImage[];
  /** What the renderer takes: name -> reference of every image that containers are made from. */
  readonly references: Readonly<Record<string, string>>;
}
