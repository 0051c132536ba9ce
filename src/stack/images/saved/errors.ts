import { ApictlError, EXIT } from '../../../core/errors.ts';

/** Every way that saving and loading images is refused. */

/** An archive that is not, byte for byte, what was written once. Nothing has been loaded. */
export const damaged = (path: string, why: string, cause?: unknown): ApictlError =>
  new ApictlError({
    code: 'IMAGES_DAMAGED',
    exitCode: EXIT.usage,
    message: `${path} is no whole archive of images: ${why}`,
    object: path,
    hint: 'Nothing was loaded. Copy it again, or make another with "apictl images save FILE".',
    cause,
  });

/** Something in an archive that none holds, as a path out of its folder. Nothing has been loaded. */
export const hostile = (path: string, why: string): ApictlError =>
  new ApictlError({
    code: 'IMAGES_HOSTILE',
    exitCode: EXIT.usage,
    message: `${path} holds what no archive of images holds: ${why}`,
    object: path,
    hint: 'Nothing was loaded. This file was not made by "apictl images save"; do not trust where it comes from.',
  });

/** An archive that is whole and does not fit here. Nothing has been loaded. */
export const unfit = (path: string, why: string, hint: string): ApictlError =>
  new ApictlError({
    code: 'IMAGES_UNFIT',
    exitCode: EXIT.usage,
    message: `${path} does not fit here: ${why}; nothing was loaded`,
    object: path,
    hint,
  });

export const FAILURES = { damaged, hostile, unfit };

export const fileMissing = (path: string): ApictlError =>
  new ApictlError({
    code: 'IMAGES_FILE_MISSING',
    exitCode: EXIT.usage,
    message: `there is no file ${path}`,
    object: path,
    hint: 'Make it on a machine that has the images: "apictl images save FILE".',
  });

export const fileThere = (path: string): ApictlError =>
  new ApictlError({
    code: 'IMAGES_FILE_EXISTS',
    exitCode: EXIT.usage,
    message: `${path} is there already, and is not overwritten`,
    object: path,
    hint: 'Choose another name, or remove it first.',
  });

export const folderMissing = (folder: string): ApictlError =>
  new ApictlError({
    code: 'IMAGES_FOLDER_MISSING',
    exitCode: EXIT.usage,
    message: `there is no folder ${folder}`,
    object: folder,
    hint: 'Make it, or choose another place.',
  });

/** A save that is under way, or one that was killed and could not clean up. */
export const unfinishedThere = (path: string): ApictlError =>
  new ApictlError({
    code: 'IMAGES_SAVE_UNFINISHED',
    exitCode: EXIT.usage,
    message: `${path} is there: another save is writing it, or one that was killed has left it`,
    object: path,
    hint: 'Wait for the other one, or remove that file.',
  });

export const byDigest = (references: readonly string[]): ApictlError =>
  new ApictlError({
    code: 'IMAGES_BY_DIGEST',
    exitCode: EXIT.usage,
    message: `${references.join(', ')} cannot be saved: an archive keeps tags, and the engine would not find it by its digest after loading`,
    object: references.map((reference) => `image ${reference}`).join(', '),
    hint: 'Name the image by a tag in apictl.yaml.',
  });

export const notThere = (references: readonly string[], flavour: string): ApictlError =>
  new ApictlError({
    code: 'IMAGES_MISSING',
    exitCode: EXIT.engine,
    message: `${references.length === 1 ? 'an image is' : `${references.length} images are`} not there; nothing was saved`,
    object: references.map((reference) => `image ${reference}`).join(', '),
    details: references,
    hint:
      flavour === 'official'
        ? 'Run "apictl images pull" and "apictl images build" first.'
        : 'Run "apictl images build" first.',
  });

export const tagTaken = (reference: string, locked: string, there: string): ApictlError =>
  new ApictlError({
    code: 'IMAGES_TAG_TAKEN',
    exitCode: EXIT.engine,
    message: `${reference} is ${locked} by images.lock, and the tag stands for ${there} here; nothing was saved`,
    object: `image ${reference}`,
    hint: `Give the tag to the locked image ("docker tag ${locked} ${reference}"), or renew the lock: "apictl images lock --update".`,
  });

/** The engine's stream was not what was asked for; it tells of its failures by ending early. */
export const streamBroken = (why: string): ApictlError =>
  new ApictlError({
    code: 'IMAGES_SAVE_FAILED',
    exitCode: EXIT.engine,
    message: `the engine did not give the images whole: ${why}; nothing was saved`,
    hint: 'The engine’s own log says more; run it again.',
  });

export const otherImages = (wrong: readonly string[]): ApictlError =>
  new ApictlError({
    code: 'IMAGES_UNVERIFIED',
    exitCode: EXIT.engine,
    message: 'the images were loaded, and are not the ones that were saved',
    object: wrong.map((line) => `image ${line.split(' ')[0]}`).join(', '),
    details: wrong,
    hint: 'Do not start them. Another program may have changed these tags meanwhile; load the archive again.',
  });

export const packagesNotInstalled = (lacking: readonly string[]): ApictlError =>
  new ApictlError({
    code: 'NPM_PACKAGES_MISSING',
    exitCode: EXIT.engine,
    message: 'the npm packages that are installed in this clone are not those of its package-lock.json',
    details: lacking.slice(0, 10),
    hint: 'Run "make build", or save without them: --no-packages.',
  });

export const packagesMissing = (words: readonly string[]): ApictlError =>
  new ApictlError({
    code: 'NPM_PACKAGES_MISSING',
    exitCode: EXIT.engine,
    message: 'npm cannot get the packages that this clone is built with; nothing was saved',
    details: words,
    hint: 'See that the npm registry answers ("npm ping"), or save without them: --no-packages.',
  });

export const otherPackages = (ids: readonly string[]): ApictlError =>
  new ApictlError({
    code: 'NPM_PACKAGES_MISSING',
    exitCode: EXIT.engine,
    message: `npm gave ${ids.length === 1 ? 'a package' : `${ids.length} packages`} with another hash than package-lock.json has; nothing was saved`,
    details: ids.slice(0, 10),
    hint: 'Do not trust the registry that npm is set up for; see "npm config get registry".',
  });
