import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { loadImage } from '../images/node-images.ts';
import { buildPauseImage } from '../images/pause-image.ts';
import { architectureOf } from '../images/pause.ts';

/**
 * Builds the pause image and loads it into the containerd behind `endpoint`. A runtime that does not take it is told in
 * the log: its pods will say which flag to set.
 */
export async function bringPauseImage(
  endpoint: string,
  { clock, log, signal }: { readonly clock: Clock; readonly log: Logger; readonly signal: AbortSignal },
): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'kubets-pause-'));
  try {
    const output = join(scratch, 'pause.tar');
    await buildPauseImage({ output, architecture: architectureOf(process.arch) });
    await loadImage([{ socket: endpoint.replace(/^unix:\/\//, '') }], output, { clock, signal });
  } catch (error) {
    log.warning('The built-in pause image could not be loaded; --pod-infra-container-image names another', {
      endpoint,
      err: messageOf(error),
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
