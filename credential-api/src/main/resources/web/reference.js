/**
 * Makes the reference of the API from the description that the server gives of itself.
 */

import { announce, byId, element, row } from './dom.js';
import { copy } from './clipboard.js';
import { Schemas } from './schema.js';

const METHODS = ['get', 'post', 'put', 'delete'];
const KEY = '$HAIRPIN_API_KEY';

/**
 * @typedef {object} Entry
 * @property {string} method
 * @property {string} path
 * @property {any} operation as OpenAPI describes it
 */

try {
  const response = await fetch('openapi.json');
  show(await response.json());
} catch (error) {
  announce('reference', 'failed', `The description cannot be read: ${error}`);
}

/** @param {any} description */
function show(description) {
  const schemas = new Schemas(description);
  const entries = entriesOf(description);
  const { securitySchemes } = description.components;
  /** @type {{name: string, description: string, entries: Entry[]}[]} */
  const groups = description.tags.map((/** @type {any} */ tag) => ({
    ...tag,
    entries: entries.filter(({ operation }) => operation.tags.includes(tag.name)),
  }));
  byId('reference').append(
    element(
      'section',
      { 'aria-labelledby': 'all' },
      element('h2', { id: 'all' }, 'All calls'),
      ...description.info.description.trim().split('\n\n').map((/** @type {string} */ words) =>
        element('p', {}, words),
      ),
      ...Object.values(securitySchemes).map((/** @type {any} */ scheme) =>
        element('p', {}, element('code', {}, 'Authorization: Bearer'), ` ${scheme.description}`),
      ),
      contents(groups),
    ),
    ...groups.map(({ name, description: words, entries: own }) =>
      element(
        'section',
        { 'aria-labelledby': `tag-${name}` },
        element('h2', { id: `tag-${name}` }, name),
        element('p', {}, words),
        ...own.map((entry) => article(schemas, entry)),
      ),
    ),
  );
  announce('reference', 'done', '');
  // What the address names has come into being just now.
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

/**
 * @param {any} description
 * @returns {Entry[]}
 */
function entriesOf(description) {
  return Object.entries(description.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => ({
      method: method.toUpperCase(),
      path,
      operation: item[method],
    })),
  );
}

/** @param {{name: string, entries: Entry[]}[]} groups */
function contents(groups) {
  return element(
    'nav',
    { 'aria-label': 'All calls' },
    ...groups.map(({ name, entries }) =>
      element(
        'ul',
        { 'aria-label': name },
        ...entries.map((entry) =>
          element('li', {}, element('a', { href: `#${entry.operation.operationId}` }, ...title(entry))),
        ),
      ),
    ),
  );
}

/** @param {Entry} entry */
function title({ method, path }) {
  return [element('span', { class: 'method' }, method), ` ${path}`];
}

/**
 * @param {Schemas} schemas
 * @param {Entry} entry
 */
function article(schemas, entry) {
  const { operationId, summary, description, parameters = [], requestBody, responses } = entry.operation;
  const body = requestBody?.content['application/json'];
  return element(
    'article',
    { id: operationId, 'aria-labelledby': `title-${operationId}` },
    element('h3', { id: `title-${operationId}` }, ...title(entry)),
    element('p', {}, description ? `${summary}. ${description}` : `${summary}.`),
    element('p', { class: 'soft' }, whoMayCall(entry.operation.security)),
    ...examples(schemas, body).map((example) => command(entry, example)),
    ...table('Parameters', parameters.map((/** @type {any} */ parameter) => ({
      name: parameter.name,
      type: `${schemas.type(parameter.schema)}; in the ${parameter.in}`,
      required: parameter.required,
      words: parameter.description,
    }))),
    ...table('Body', body ? schemas.fields(body.schema) : []),
    ...Object.entries(responses).flatMap(([status, response]) =>
      status < '300' ? success(schemas, status, schemas.resolve(response)) : [],
    ),
    refusals(schemas, responses),
  );
}

/** @param {Record<string, string[]>[]} security alternatives, each with the scopes that it needs */
function whoMayCall(security) {
  const scopes = security.flatMap((one) => Object.values(one).flat());
  return scopes.length > 0 ? `For keys with the scope ${scopes.join(' or ')}.` : 'Needs no key.';
}

/**
 * The bodies to show; one that is undefined where there is none.
 *
 * @param {Schemas} schemas
 * @param {any} body
 * @returns {unknown[]}
 */
function examples(schemas, body) {
  if (!body) {
    return [undefined];
  }
  const named = Object.values(body.examples ?? {}).map((/** @type {any} */ { value }) => value);
  return named.length > 0 ? named : [body.example ?? schemas.example(body.schema)];
}

/**
 * The call as a line for a shell.
 *
 * @param {Entry} entry
 * @param {unknown} body
 */
function command({ method, path, operation }, body) {
  const { parameters = [], security } = operation;
  const place = parameters
    .filter((/** @type {any} */ parameter) => parameter.in === 'path')
    .reduce(
      (/** @type {string} */ at, /** @type {any} */ { name, example }) =>
        at.replace(`{${name}}`, encodeURIComponent(example)),
      path,
    );
  const parts = [`curl ${method === 'GET' ? '' : `-X ${method} `}${new URL(`.${place}`, document.baseURI)}`];
  if (security.length > 0) {
    parts.push(`-H "Authorization: Bearer ${KEY}"`);
  }
  if (body !== undefined) {
    parts.push("-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body))}`);
  }
  const text = parts.join(' \\\n  ');
  const button = element('button', { type: 'button', class: 'quiet small' }, 'Copy');
  button.ariaLabel = `Copy the call of ${method} ${path}`;
  button.addEventListener('click', async () => {
    await copy(text);
    button.textContent = 'Copied';
  });
  return element('div', { class: 'command' }, listing(text), button);
}

/** @param {string} text for a POSIX shell */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** @param {string} text that may be wider than its place, and then scrolls, by keyboard too */
function listing(text) {
  return element('pre', { tabindex: 0 }, element('code', {}, text));
}

/**
 * @param {string} caption
 * @param {{name: string, type: string, required?: boolean, words: string}[]} fields
 */
function table(caption, fields) {
  if (fields.length === 0) {
    return [];
  }
  const heads = ['Name', 'Type', 'Meaning'].map((head) =>
    element('th', { role: 'columnheader', scope: 'col' }, head),
  );
  return [
    element(
      'table',
      { role: 'table' },
      element('caption', {}, caption),
      element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...heads)),
      element(
        'tbody',
        { role: 'rowgroup' },
        ...fields.map(({ name, type, required, words }) =>
          row({}, [
            ['Name', name, 'name'],
            ['Type', required ? `${type}; needed` : type, 'type'],
            ['Meaning', words],
          ]),
        ),
      ),
    ),
  ];
}

/**
 * @param {Schemas} schemas
 * @param {string} status
 * @param {any} response
 */
function success(schemas, status, response) {
  const [[type, media] = []] = Object.entries(response.content ?? {});
  const words = element('p', {}, element('strong', {}, status), ` ${response.description}`);
  if (type !== 'application/json') {
    return [words];
  }
  const example = media.example ?? schemas.example(media.schema);
  return [
    words,
    element(
      'details',
      {},
      element('summary', {}, 'Answer'),
      listing(JSON.stringify(example, null, 2)),
      ...table('Fields', schemas.fields(media.schema)),
    ),
  ];
}

/**
 * @param {Schemas} schemas
 * @param {Record<string, any>} responses
 */
function refusals(schemas, responses) {
  const list = element('dl', { class: 'facts' });
  for (const [status, response] of Object.entries(responses)) {
    if (status >= '300') {
      list.append(
        element('dt', {}, status),
        element('dd', {}, schemas.resolve(response).description),
      );
    }
  }
  return element('details', {}, element('summary', {}, 'Refusals'), list);
}
