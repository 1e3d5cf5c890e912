import { buildImage, type BuiltImage } from './build-image.ts';
import { unpullableHost } from './image-name.ts';
import { type Architecture, pauseExecutable } from './pause.ts';

/** The name of the built-in pause image. */
export const pauseImageName = `${unpullableHost}/pause:1`;

/** Builds the pause image as an archive at `output`. */
export function buildPauseImage(options: { output: string; architecture: Architecture }): Promise<BuiltImage> {
  const { output, architecture } = options;
  const content = pauseExecutable(architecture);
  return buildImage({
    name: pauseImageName,
    architecture,
    output,
    contents: [{ content, to: '/pause', mode: 0o755 }],
    // As upstream's: nobody, so that the sandbox's process can touch nothing.
    config: { entrypoint: ['/pause'], user: '65535:65535' },
  });
}
