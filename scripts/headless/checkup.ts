import { checkupOf } from '../../src/core/checkup/checkup';
import { checkupText } from '../../src/core/checkup/checkupText';
import { runCheckup } from '../../src/monitor/checkup';
import { untilLive } from './untilLive';
import { attached, print, type HostOptions } from './attached';

/** Prints the 60-second checkup, as the document that people get or as one JSON object. @returns the exit code. */
export function checkup(options: HostOptions, spanMs: number, asJson: boolean): Promise<number> {
  return attached({ ...options, survey: true, kernelLog: true }, async (monitor, { finish, over }) => {
    await untilLive(monitor, over);
    const result = checkupOf(await runCheckup(monitor, spanMs, over));
    if (asJson) print(result);
    else process.stdout.write(checkupText(result, options.host));
    finish(0);
  });
}
