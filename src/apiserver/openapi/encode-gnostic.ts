/** OpenAPI documents as protobuf, which Go clients ask for. */
import protobuf from 'protobufjs/minimal.js';
import { version2Messages, version3Messages } from './gnostic-messages.ts';
import type { FieldForm, Message, Messages } from './gnostic-messages.ts';

/** The document as gnostic's openapi_v2.Document or openapi_v3.Document. */
export function encodeGnostic(document: object, version: 2 | 3): Uint8Array {
  const messages = version === 2 ? version2Messages : version3Messages;
  const writer = protobuf.Writer.create();
  new GnosticWriter(writer, messages).body('Document', document);
  return writer.finish();
}

const varint = 0;
const fixed64 = 1;
const bytes = 2;

class GnosticWriter {
  readonly #writer: protobuf.Writer;
  readonly #messages: Messages;

  constructor(writer: protobuf.Writer, messages: Messages) {
    this.#writer = writer;
    this.#messages = messages;
  }

  /** The fields of a message, without its frame. */
  body(name: string, value: unknown): void {
    const message = this.#messages[name];
    if (!message) throw new Error(`no such message: ${name}`);
    if ('choose' in message) {
      const [id, form] = message.choose(value);
      return this.#field(id, form, value);
    }
    if ('repeated' in message) {
      const [id, form] = message.repeated;
      return (Array.isArray(value) ? value : [value]).forEach((item) => this.#field(id, form, item));
    }
    this.#members(message, value as Readonly<Record<string, unknown>>);
  }

  #members(
    message: Exclude<Message, { choose: unknown } | { repeated: unknown }>,
    value: Readonly<Record<string, unknown>>,
  ): void {
    for (const [name, item] of Object.entries(value)) {
      if (item === undefined) continue;
      if ('entries' in message) this.#entry(message.entries, name, item);
      else if (Object.hasOwn(message.fields, name)) this.#field(...message.fields[name]!, item);
      else if (message.extensions !== undefined && name.startsWith('x-')) {
        this.#entry([message.extensions, 'any'], name, item);
      }
    }
  }

  #entry([id, form]: readonly [number, FieldForm], name: string, value: unknown): void {
    this.#frame(id, () => {
      this.#tag(1, bytes).string(name);
      // An empty list still is an entry.
      this.#field(2, form, value);
    });
  }

  #field(id: number, form: FieldForm, value: unknown): void {
    if (typeof form === 'object') {
      if ('message' in form) this.#frame(id, () => this.body(form.message, value));
      else for (const item of value as readonly unknown[]) this.#frame(id, () => this.body(form.messages, item));
      return;
    }
    switch (form) {
      case 'texts':
        for (const item of value as readonly string[]) this.#tag(id, bytes).string(item);
        return;
      case 'bool':
        return void this.#tag(id, varint).bool(value === true);
      case 'double':
        return void this.#tag(id, fixed64).double(Number(value));
      case 'int64':
        return void this.#tag(id, varint).int64(Number(value));
      case 'any':
        return this.#any(id, value);
      case 'anys':
        for (const item of value as readonly unknown[]) this.#any(id, item);
        return;
      case 'scalar':
        if (typeof value === 'string') this.#tag(id, bytes).string(value);
        return;
      default:
        return void this.#tag(id, bytes).string(String(value));
    }
  }

  /** Source: gnostic's Any, whose `yaml` is field 2. */
  #any(id: number, value: unknown): void {
    this.#frame(id, () => void this.#tag(2, bytes).string(`${JSON.stringify(value)}\n`));
  }

  #frame(id: number, write: () => void): void {
    this.#tag(id, bytes).fork();
    write();
    this.#writer.ldelim();
  }

  #tag(id: number, wireType: number): protobuf.Writer {
    return this.#writer.uint32((id << 3) | wireType);
  }
}
