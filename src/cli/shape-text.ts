import { z } from 'zod';

/** As much of JSON Schema as zod writes for results. */
interface Shape {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Shape[];
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Shape | boolean;
}

/** A schema as people read it: a document with the kinds of its values, `?` after what may be absent, and what they mean. */
export const shapeText = (schema: z.ZodType): string =>
  written(z.toJSONSchema(schema, { io: 'input' }) as Shape, '');

function written(shape: Shape, indent: string): string {
  if (shape.enum !== undefined) return shape.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (shape.anyOf !== undefined) return shape.anyOf.map((one) => written(one, indent)).join(' | ');
  if (shape.type === 'array') return `[ ${written(shape.items ?? {}, indent)} ]`;
  if (shape.properties !== undefined) return object(shape, shape.properties, indent);
  if (shape.type === 'object') {
    const { additionalProperties } = shape;
    return `{ "...": ${written(typeof additionalProperties === 'object' ? additionalProperties : {}, indent)} }`;
  }
  const types = typeof shape.type === 'string' ? [shape.type] : (shape.type ?? ['any']);
  return types.map((type) => (type === 'integer' ? 'number' : type)).join(' | ');
}

function object(
  { required = [] }: Shape,
  properties: NonNullable<Shape['properties']>,
  indent: string,
): string {
  const below = `${indent}  `;
  const lines = Object.entries(properties).map(([name, shape]) => {
    const absent = required.includes(name) ? '' : '?';
    const note = shape.description === undefined ? '' : `  // ${shape.description}`;
    const value = written(shape, below);
    // A note stands where the value begins, because that may go over many lines.
    const [first = '', ...rest] = value.split('\n');
    return [`${below}"${name}"${absent}: ${first}${note}`, ...rest].join('\n');
  });
  return `{\n${lines.join('\n')}\n${indent}}`;
}
