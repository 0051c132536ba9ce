import { parse as parseYaml } from 'yaml';
import type { Tree } from './compose-tree.ts';
import { isMap } from './compose-tree.ts';

/**
 * What the user's override means for one service, as text to be digested: its section of the file, everything
 * outside `services`, and the variables that these name. So an edit for one service recreates that one.
 */
export function overrideOf(
  service: string,
  override: string | null,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  if (override === null) return '';
  const text = relevantText(service, override);
  const names = [
    ...new Set([...text.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map((match) => match[1] ?? '')),
  ].sort();
  return JSON.stringify([text, names.map((name) => [name, environment[name] ?? null])]);
}

function relevantText(service: string, override: string): string {
  const parsed = parsedOverride(override);
  // A file that is not a map is for Compose to refuse, and `extends` reaches into other sections: then all of it counts.
  if (!isMap(parsed) || /^\s*extends\s*:/m.test(override)) return override;
  const { services, ...rest } = parsed;
  return JSON.stringify([isMap(services) ? (services[service] ?? null) : (services ?? null), rest]);
}

function parsedOverride(override: string): Tree {
  try {
    return parseYaml(override, { merge: true, logLevel: 'error' }) as Tree;
  } catch {
    // Unreadable here may still be readable to Compose (its own tags, as !reset): the whole text counts.
    return override;
  }
}
