import { CORE_SCHEMA, load } from 'js-yaml';

/**
 * What a YAML file of the package says. Five times as quick as the library that keeps comments and places, which only files of
 * the user need. @throws YAMLException with line and column
 */
export const packagedYaml = (text: string): unknown => load(text, { schema: CORE_SCHEMA });
