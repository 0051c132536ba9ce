import { pack } from 'tar-stream';

/** Texts as a tar stream that anybody may read, below one folder. @param folder as `/check` */
export function fileArchive(folder: string, files: Readonly<Record<string, string>>): NodeJS.ReadableStream {
  const archive = pack();
  const below = folder.slice(1);
  archive.entry({ name: below, type: 'directory', mode: 0o755 });
  for (const [name, text] of Object.entries(files))
    archive.entry({ name: `${below}/${name}`, mode: 0o644 }, text);
  archive.finalize();
  return archive as unknown as NodeJS.ReadableStream;
}
