import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  buildBusyboxImage,
  buildWebImage,
  busyboxImageName,
  webImageName,
} from '../../src/distro/images/test-images.ts';
import type { TestMachine } from './test-machine.ts';

/** An image that answers HTTP and has bash. */
export const webImage = `${webImageName}:1`;
/** The same with another page. */
export const secondWebImage = `${webImageName}:2`;
/** A small image with a shell. */
export const busyboxImage = busyboxImageName;

const directory = resolve(import.meta.dirname, '../../node_modules/.cache/test-images');

/** Builds the test images from Debian's packages, once, and loads them into every node of the machine's cluster. */
export async function loadTestImages(machine: TestMachine): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const cache = { directory };
  for (const build of [buildWebImage('1', cache), buildWebImage('2', cache), buildBusyboxImage(cache)]) {
    const { archive } = await build;
    const { code, stderr } = await machine.kubets(['image', 'load', '--data-dir', machine.dataDir, archive]);
    if (code !== 0) throw new Error(`kubets image load ended with ${code}: ${stderr}`);
  }
}
