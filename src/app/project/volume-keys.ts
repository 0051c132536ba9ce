/** `apictl_postgres-data-17-embedded` is data of `postgres-data`, whatever its flavour and version. */
export const volumeKeys = (
  volumes: readonly { readonly name: string }[],
  project: string,
): ReadonlySet<string> =>
  new Set(
    volumes.map(({ name }) => name.replace(`${project}_`, '').replace(/(-\d+)?-(official|embedded)$/, '')),
  );
