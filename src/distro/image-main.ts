/** The entry of the image that kubets builds out of itself: only what runs in pods. */
import { dnsCommand } from './commands/dns.ts';
import { runProgram } from './command-line.ts';

await runProgram([dnsCommand]);
