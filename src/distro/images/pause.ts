/** Processor architectures by Go's (and OCI's) names. */
export type Architecture = 'amd64' | 'arm64';

/** The architecture of this machine, by Go's name. */
export function architectureOf(nodeArch: string): Architecture {
  if (nodeArch === 'x64') return 'amd64';
  if (nodeArch === 'arm64') return 'arm64';
  throw new Error(`kubets runs on x86_64 and arm64, not on ${nodeArch}`);
}

/**
 * The program of the pause container as a static ELF executable of a few hundred bytes: holds a pod's namespaces,
 * reaps what becomes its child (as PID 1 of a shared PID namespace it must), and exits with 0 on SIGTERM and SIGINT.
 */
export function pauseExecutable(architecture: Architecture): Uint8Array {
  const { machine, code } = programs[architecture];
  const text = Buffer.from(code.map(([hex]) => hex.replaceAll(' ', '')).join(''), 'hex');
  return elf(machine, text);
}

/** An instruction's bytes, and what it does. */
type Instruction = readonly [hex: string, meaning: string];

/**
 * Signals are blocked and awaited rather than handled: PID 1 has no default handlers (an unblocked SIGTERM would be
 * ignored), a handler would need a restorer, and a blocked SIGCHLD stays pending until it is awaited, so none is lost.
 */
const amd64: readonly Instruction[] = [
  ['6a 0e', 'push 14'],
  ['58', 'pop rax                  ; rt_sigprocmask'],
  ['31 ff', 'xor edi, edi             ; SIG_BLOCK'],
  ['48 8d 35 45 00 00 00', 'lea rsi, [rip + signals]'],
  ['31 d2', 'xor edx, edx             ; no old set'],
  ['6a 08', 'push 8'],
  ['41 5a', 'pop r10                  ; size of the set'],
  ['0f 05', 'syscall'],
  // wait:
  ['68 80 00 00 00', 'push 128'],
  ['58', 'pop rax                  ; rt_sigtimedwait'],
  ['48 8d 3d 30 00 00 00', 'lea rdi, [rip + signals]'],
  ['31 f6', 'xor esi, esi             ; no siginfo'],
  ['31 d2', 'xor edx, edx             ; no timeout'],
  ['6a 08', 'push 8'],
  ['41 5a', 'pop r10                  ; size of the set'],
  ['0f 05', 'syscall                  ; eax = signal, or -EINTR'],
  ['83 f8 11', 'cmp eax, 17              ; SIGCHLD'],
  ['75 16', 'jne other'],
  // reap:
  ['6a 3d', 'push 61'],
  ['58', 'pop rax                  ; wait4'],
  ['6a ff', 'push -1'],
  ['5f', 'pop rdi                  ; any child'],
  ['31 f6', 'xor esi, esi             ; no status'],
  ['6a 01', 'push 1'],
  ['5a', 'pop rdx                  ; WNOHANG'],
  ['4d 31 d2', 'xor r10, r10             ; no rusage'],
  ['0f 05', 'syscall'],
  ['85 c0', 'test eax, eax'],
  ['7f ec', 'jg reap                  ; several may share one SIGCHLD'],
  ['eb ce', 'jmp wait'],
  // other:
  ['85 c0', 'test eax, eax'],
  ['78 ca', 'js wait                  ; interrupted, as by SIGSTOP and SIGCONT'],
  ['6a 3c', 'push 60'],
  ['58', 'pop rax                  ; exit'],
  ['31 ff', 'xor edi, edi'],
  ['0f 05', 'syscall'],
  // signals: SIGINT (2), SIGTERM (15), SIGCHLD (17), each as bit n-1
  ['02 40 01 00 00 00 00 00', '.quad 0x14002'],
];

const arm64: readonly Instruction[] = [
  ['00 00 80 d2', 'mov x0, #0               ; SIG_BLOCK'],
  ['61 03 00 10', 'adr x1, signals'],
  ['02 00 80 d2', 'mov x2, #0               ; no old set'],
  ['03 01 80 d2', 'mov x3, #8               ; size of the set'],
  ['e8 10 80 d2', 'mov x8, #135             ; rt_sigprocmask'],
  ['01 00 00 d4', 'svc #0'],
  // wait:
  ['c0 02 00 10', 'adr x0, signals'],
  ['01 00 80 d2', 'mov x1, #0               ; no siginfo'],
  ['02 00 80 d2', 'mov x2, #0               ; no timeout'],
  ['03 01 80 d2', 'mov x3, #8               ; size of the set'],
  ['28 11 80 d2', 'mov x8, #137             ; rt_sigtimedwait'],
  ['01 00 00 d4', 'svc #0                   ; x0 = signal, or -EINTR'],
  ['1f 44 00 f1', 'cmp x0, #17              ; SIGCHLD'],
  ['41 01 00 54', 'b.ne other'],
  // reap:
  ['00 00 80 92', 'mov x0, #-1              ; any child'],
  ['01 00 80 d2', 'mov x1, #0               ; no status'],
  ['22 00 80 d2', 'mov x2, #1               ; WNOHANG'],
  ['03 00 80 d2', 'mov x3, #0               ; no rusage'],
  ['88 20 80 d2', 'mov x8, #260             ; wait4'],
  ['01 00 00 d4', 'svc #0'],
  ['1f 00 00 f1', 'cmp x0, #0'],
  ['2c ff ff 54', 'b.gt reap                ; several may share one SIGCHLD'],
  ['f0 ff ff 17', 'b wait'],
  // other:
  ['1f 00 00 f1', 'cmp x0, #0'],
  ['cb fd ff 54', 'b.lt wait                ; interrupted, as by SIGSTOP and SIGCONT'],
  ['00 00 80 d2', 'mov x0, #0'],
  ['a8 0b 80 d2', 'mov x8, #93              ; exit'],
  ['01 00 00 d4', 'svc #0'],
  // signals: as above
  ['02 40 01 00 00 00 00 00', '.quad 0x14002'],
];

const programs: Record<Architecture, { readonly machine: number; readonly code: readonly Instruction[] }> = {
  amd64: { machine: 62, code: amd64 },
  arm64: { machine: 183, code: arm64 },
};

const baseAddress = 0x400000n;
const headerSize = 64;
const segmentSize = 56;
/** The largest page size of either architecture's kernels. */
const alignment = 0x10000n;

/** A static executable of one read-only, executable segment. Source: System V ABI, ELF-64 object file format. */
function elf(machine: number, text: Uint8Array): Uint8Array {
  const textOffset = headerSize + 2 * segmentSize;
  const file = new Uint8Array(textOffset + text.length);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // magic, 64 bit, little endian, version 1
  view.setUint16(16, 2, true); // e_type: executable
  view.setUint16(18, machine, true);
  view.setUint32(20, 1, true); // e_version
  view.setBigUint64(24, baseAddress + BigInt(textOffset), true); // e_entry
  view.setBigUint64(32, BigInt(headerSize), true); // e_phoff
  view.setUint16(52, headerSize, true);
  view.setUint16(54, segmentSize, true);
  view.setUint16(56, 2, true); // e_phnum
  view.setUint16(58, 64, true); // e_shentsize
  writeSegment(new DataView(file.buffer, headerSize), {
    type: 1,
    flags: 5,
    size: BigInt(file.length),
    address: baseAddress,
  }); // PT_LOAD, R+X
  writeSegment(new DataView(file.buffer, headerSize + segmentSize), {
    type: 0x6474e551,
    flags: 6,
    size: 0n,
    address: 0n,
  }); // PT_GNU_STACK, R+W
  file.set(text, textOffset);
  return file;
}

function writeSegment(view: DataView, segment: { type: number; flags: number; size: bigint; address: bigint }): void {
  view.setUint32(0, segment.type, true);
  view.setUint32(4, segment.flags, true);
  view.setBigUint64(16, segment.address, true); // p_vaddr
  view.setBigUint64(24, segment.address, true); // p_paddr
  view.setBigUint64(32, segment.size, true); // p_filesz
  view.setBigUint64(40, segment.size, true); // p_memsz
  view.setBigUint64(48, alignment, true);
}
