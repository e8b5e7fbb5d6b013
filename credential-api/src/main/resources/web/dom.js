/**
 * Small helpers around the document: find, build, and say what state a step is in.
 */

/**
 * @param {string} id
 * @returns {any} the element, which must exist
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) {
    throw new Error(`the page has no #${id}`);
  }
  return found;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {(Node | string)[]} children
 */
export function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

/**
 * A table row whose cells know their column's name, which the narrow layout shows beside them.
 *
 * @param {Record<string, string | number>} attributes
 * @param {[label: string, content: Node | string, style?: string][]} cells
 */
export function row(attributes, cells) {
  return element(
    'tr',
    { role: 'row', ...attributes },
    ...cells.map(([label, content, style = '']) =>
      element('td', { role: 'cell', 'data-label': label, class: style }, content),
    ),
  );
}

/**
 * Sets the state of a step for the style sheet and for tests, and its words for everybody.
 *
 * @param {string} step
 * @param {string} state
 * @param {string} words
 */
export function announce(step, state, words) {
  const status = byId(`${step}-status`);
  status.dataset.state = state;
  status.textContent = words;
  byId(step).dataset.state = state;
}

/**
 * Wraps a task for a button: one run at a time. The button stays focusable meanwhile, so that
 * nobody who works by keyboard loses the place.
 *
 * @param {HTMLElement} button
 * @param {() => Promise<void>} task
 * @returns {(event: Event) => Promise<void>}
 */
export function exclusive(button, task) {
  return async (event) => {
    event.preventDefault();
    if (button.ariaDisabled === 'true') {
      return;
    }
    button.ariaDisabled = 'true';
    try {
      await task();
    } finally {
      button.ariaDisabled = 'false';
    }
  };
}
