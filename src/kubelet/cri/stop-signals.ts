/** Signals by the number that CRI gives them (not the kernel's). Source: enum Signal of CRI v1. */
export const stopSignals: readonly [string, ...string[]] = [
  'RUNTIME_DEFAULT',
  ...'SIGABRT SIGALRM SIGBUS SIGCHLD SIGCLD SIGCONT SIGFPE SIGHUP SIGILL SIGINT SIGIO SIGIOT SIGKILL SIGPIPE SIGPOLL SIGPROF SIGPWR SIGQUIT SIGSEGV SIGSTKFLT SIGSTOP SIGSYS SIGTERM SIGTRAP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGUSR1 SIGUSR2 SIGVTALRM SIGWINCH SIGXCPU SIGXFSZ SIGRTMIN'.split(
    ' ',
  ),
  ...Array.from({ length: 15 }, (_, index) => `SIGRTMINPLUS${index + 1}`),
  ...Array.from({ length: 14 }, (_, index) => `SIGRTMAXMINUS${14 - index}`),
  'SIGRTMAX',
];

/** The signal that asks a container to stop, by CRI's name (`SIGTERM`, `SIGRTMINPLUS3`). */
export type StopSignal = string;
