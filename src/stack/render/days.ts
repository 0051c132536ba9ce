/** `2w` as `14d`: neither Elasticsearch nor every version of the others knows weeks. */
export function inDays(duration: string): string {
  const weeks = /^(\d+)w$/.exec(duration)?.[1];
  return weeks === undefined ? duration : `${Number(weeks) * 7}d`;
}
