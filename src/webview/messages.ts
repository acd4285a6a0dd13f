import type { ToPage } from '../protocol';
import { markerShapes } from './markerShapes';

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
        isWindow(message) &&
        isListOf(isMarker)(message.markers) &&
        isListOf(isAction)(message.actions) &&
        isOptional(isNumber)(message.now) &&
        isOptional(isTexts)(message.strings)
      );
    case 'window':
    case 'append':
      return isWindow(message);
    case 'markers':
      return isListOf(isMarker)(message.markers);
    case 'status':
      return isStatus(message.status);
    case 'facts':
      return isListOf(isString)(message.facts);
    case 'survey':
      return (
        isOptional(isLedger)(message.ledger) &&
        isProcesses(message.processes) &&
        isRowsOf(isGroup)(message.groups)
      );
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

const isPoint: Check = (value) =>
  isFields(value) &&
  isNumber(value.at) &&
  isFields(value.values) &&
  isOptional(isFields)(value.low) &&
  isOptional(isFields)(value.high);

const isWindow = (message: Fields): boolean =>
  isListOf(isPoint)(message.points) &&
  isOptional((width) => isNumber(width) && Number(width) > 0)(message.widthMs) &&
  isOptional(isPoint)(message.latest);

const isMarker: Check = (value) =>
  isFields(value) &&
  isNumber(value.at) &&
  !Number.isNaN(new Date(Number(value.at)).getTime()) &&
  isString(value.kind) &&
  Object.hasOwn(markerShapes, value.kind as string) &&
  isString(value.text);

const isAction: Check = (value) =>
  isFields(value) &&
  isString(value.action) &&
  isOptional(isFields)(value.target) &&
  isString(value.label) &&
  isString(value.place) &&
  isOptional(isString)(value.onlyWhile);

const isFact: Check = (value) => Array.isArray(value) && value.length === 2 && value.every(isString);

const isLedgerRow: Check = (value) =>
  isFields(value) &&
  [value.id, value.title, value.formula, value.explanation].every(isString) &&
  isNumber(value.bytes) &&
  isNumber(value.percent) &&
  isListOf(isString)(value.remarks) &&
  isListOf(isLedgerRow)(value.parts);

const isLedger: Check = (value) =>
  isFields(value) &&
  isNumber(value.totalBytes) &&
  isListOf(isLedgerRow)(value.lines) &&
  isListOf(isLedgerRow)(value.views) &&
  isListOf(isString)(value.notes) &&
  isListOf(isString)(value.remarks);

const isProcess: Check = (value) =>
  isFields(value) &&
  isNumber(value.pid) &&
  isNumber(value.startTicks) &&
  isString(value.name) &&
  [value.commandLine, value.user, value.owner].every(isOptional(isString)) &&
  [
    value.memoryBytes,
    value.swapBytes,
    value.growthBytesPerMinute,
    value.majorFaultsPerSecond,
    value.processorPercent,
    value.oomScore,
    value.oomScoreAdj,
    value.parentPid,
  ].every(isOptional(isNumber)) &&
  isOptional(isPss)(value.pss) &&
  isOptional((flag) => flag === true)(value.placesOthers) &&
  isOptional((split) => isListOf(isNumber)(split) && Array.isArray(split) && split.length === 3)(
    value.split,
  ) &&
  isListOf(isFact)(value.facts) &&
  isListOf(isString)(value.actions);

const isProcesses: Check = (value) =>
  isFields(value) &&
  isRowsOf(isProcess)(value) &&
  isString(value.filter) &&
  isOptional(isNumber)(value.matching);

const isPss: Check = (value) => isFields(value) && [value.text, value.age].every(isOptional(isString));

const isGroup: Check = (value) =>
  isFields(value) &&
  [value.id, value.kind, value.name].every(isString) &&
  isOptional(isString)(value.limitOf) &&
  (value.limitBytes === 'none' || isOptional(isNumber)(value.limitBytes)) &&
  [
    value.workingSetBytes,
    value.limitPercent,
    value.anonBytes,
    value.fileBytes,
    value.kernelBytes,
    value.swapBytes,
    value.growthBytesPerMinute,
    value.majorFaultsPerSecond,
    value.oomKills,
    value.restarts,
    value.pressurePercent,
  ].every(isOptional(isNumber)) &&
  isListOf(isFact)(value.facts) &&
  isOptional(isFields)(value.target) &&
  isListOf(isString)(value.actions) &&
  isOptional(isListOf(isGroup))(value.members);

function isRowsOf(check: Check): Check {
  return (value) => isFields(value) && isString(value.note) && isListOf(check)(value.rows);
}

function isOptional(check: Check): Check {
  return (value) => value === undefined || check(value);
}

function isListOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
