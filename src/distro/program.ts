import { runProgram } from './command-line.ts';
import { commands } from './commands/registry.ts';

await runProgram(commands);
