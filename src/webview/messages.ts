import type { ToPage } from '../protocol';

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

/**
 * What came as a message, where it has the shape of one of ours; undefined otherwise. The values within a point are not
 * looked at here: there are many, and {@link readValue} takes whatever is no number for a gap.
 */
export function readMessage(data: unknown): ToPage | undefined {
  if (!isFields(data)) return undefined;
  return isMessage(data) ? (data as unknown as ToPage) : undefined;
}

/** One value of a series; null unless it is a finite number. */
export function readValue(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function isMessage(message: Fields): boolean {
  switch (message.type as ToPage['type']) {
    case 'reset':
      return (
        isString(message.host) &&
        isString(message.title) &&
        isStatus(message.status) &&
        isListOf(isString)(message.facts) &&
        isListOf(isChart)(message.charts) &&
        isListOf(isPoint)(message.points) &&
        isListOf(isAction)(message.actions) &&
        isOptional(isNumber)(message.now) &&
        isOptional(isTexts)(message.strings)
      );
    case 'append':
      return isListOf(isPoint)(message.points);
    case 'status':
      return isStatus(message.status);
    case 'facts':
      return isListOf(isString)(message.facts);
    default:
      return false;
  }
}

const isString: Check = (value) => typeof value === 'string';

const isNumber: Check = (value) => readValue(value) !== null;

const isTexts: Check = (value) => isFields(value) && Object.values(value).every(isString);

const isStatus: Check = (value) =>
  isFields(value) && isString(value.state) && isString(value.text) && isString(value.detail);

const isSeries: Check = (value) =>
  isFields(value) &&
  isString(value.id) &&
  isString(value.title) &&
  isString(value.style) &&
  Number.isInteger(value.colour);

const isChart: Check = (value) =>
  isFields(value) &&
  isString(value.id) &&
  isString(value.title) &&
  isString(value.description) &&
  isString(value.unit) &&
  isListOf(isSeries)(value.series);

const isPoint: Check = (value) => isFields(value) && isNumber(value.at) && isFields(value.values);

const isAction: Check = (value) =>
  isFields(value) && isString(value.action) && isFields(value.target) && isString(value.label);

function isOptional(check: Check): Check {
  return (value) => value === undefined || check(value);
}

function isListOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
