import { userInfo } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { actionRecordOf, recordLine, type ActionRecord, type RecordInput } from '../../core/actions/record';
import { recordText } from '../../core/actions/recordText';
import { errorText } from '../../core/errorText';
import { ActionRecordFile } from '../../monitor/actionRecord';
import { RecordDocument } from './recordDocument';

/** So many of the newest actions are shown. */
const mostShown = 200;

/** Writes down every action: as a line of the log, and in a file that outlives the window. */
export class RecordBook {
  private readonly file: ActionRecordFile;
  private readonly folder: string;
  private readonly document = new RecordDocument();
  private latestFile: string | undefined;
  /** One line after the other: of one action the last one counts. */
  private lastLine: Promise<unknown> = Promise.resolve();

  constructor(
    context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.folder = path.join(context.globalStorageUri.fsPath, 'actions');
    this.file = new ActionRecordFile(this.folder);
    context.subscriptions.push(this.document);
  }

  /**
   * Writes how far an action is; it is on the disk when this has resolved. Never rejects: what an action has done is told,
   * written down or not.
   */
  write(input: Omit<RecordInput, 'confirmedBy'>): Promise<void> {
    const confirmedBy = { user: userName(), window: vscode.workspace.name ?? vscode.env.sessionId };
    const record = actionRecordOf({ ...input, confirmedBy });
    this.log.info(recordLine(record).trimEnd());
    const written = this.lastLine.then(() => this.append(record));
    this.lastLine = written;
    return written;
  }

  private async append(record: ActionRecord): Promise<void> {
    try {
      this.latestFile = await this.file.append(record);
    } catch (error) {
      this.log.error(`The record could not be written to ${this.folder}: ${errorText(error)}`);
    }
  }

  /** Shows the newest actions, and says in which file they stand. */
  async show(): Promise<void> {
    const records = await this.file.newest(mostShown);
    const file = this.latestFile ?? (await this.file.newestFile());
    if (records.length === 0 || file === undefined) {
      void vscode.window.showInformationMessage(vscode.l10n.t('No action has been recorded yet.'));
      return;
    }
    await this.document.show(recordText(records.reverse(), file, vscode.l10n.t));
  }
}

/** Of the operating system; it may have none for a user of a directory service. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '?';
  }
}
