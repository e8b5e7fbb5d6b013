/**
 * Reads the schemas of an OpenAPI 3.1 document: what they refer to, the fields, an example.
 */

/** Deeper than any schema here nests; one that held itself would never end. */
const DEPTH = 6;

export class Schemas {
  /** @param {any} document */
  constructor(document) {
    this.document = document;
  }

  /**
   * What a node stands for.
   *
   * @param {any} node perhaps with `$ref`, which leads into the same document
   * @returns {any}
   */
  resolve(node) {
    if (!node?.$ref) {
      return node;
    }
    const steps = node.$ref.slice('#/'.length).split('/');
    return steps.reduce((/** @type {any} */ at, /** @type {string} */ name) => at[name], this.document);
  }

  /**
   * A value as the schema wants it.
   *
   * @param {any} node
   * @returns {unknown}
   */
  example(node, depth = DEPTH) {
    const schema = this.resolve(node);
    if (schema.example !== undefined) {
      return schema.example;
    }
    if (schema.properties && depth > 0) {
      return Object.fromEntries(
        Object.entries(schema.properties).map(([name, field]) => [
          name,
          this.example(field, depth - 1),
        ]),
      );
    }
    if (schema.items && depth > 0) {
      return [this.example(schema.items, depth - 1)];
    }
    return schema.enum?.[0] ?? schema.default ?? null;
  }

  /**
   * The fields of an object, and of the objects in it by their paths.
   *
   * @param {any} node
   * @returns {{name: string, type: string, required: boolean, words: string}[]}
   */
  fields(node, prefix = '', depth = DEPTH) {
    const schema = this.resolve(node);
    if (schema.items && depth > 0) {
      return this.fields(schema.items, `${prefix}[]`, depth - 1);
    }
    return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
      const path = prefix ? `${prefix}.${name}` : name;
      const isRequired = (schema.required ?? []).includes(name);
      const words = field.description ?? this.resolve(field).description ?? '';
      return [
        { name: path, type: this.type(field), required: isRequired, words },
        ...(depth > 0 ? this.fields(field, path, depth - 1) : []),
      ];
    });
  }

  /**
   * The type in words, with its range.
   *
   * @param {any} node
   * @returns {string}
   */
  type(node) {
    const schema = this.resolve(node);
    if (schema.enum) {
      return schema.enum.join(', ');
    }
    if (schema.items) {
      return `array of ${this.type(schema.items)}`;
    }
    const { type, format, minimum, maximum, maxLength } = schema;
    const range =
      minimum !== undefined && maximum !== undefined
        ? ` ${minimum} to ${maximum}`
        : maxLength
          ? `, at most ${maxLength} long`
          : '';
    return (format === 'date-time' ? 'time, RFC 3339' : [type].flat().join(' or ')) + range;
  }
}
