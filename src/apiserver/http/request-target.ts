import { badRequest } from '../resources/api-errors.ts';

const noQuery = new URLSearchParams();

/** Path and query of a request, as they were sent. The query is parsed when it is first asked for. */
export class RequestTarget {
  readonly path: string;
  readonly #search: string;
  #query: URLSearchParams | undefined;

  private constructor(path: string, search: string) {
    this.path = path;
    this.#search = search;
  }

  /** Takes a target apart; throws BadRequest for what is none. */
  static parse(target: string): RequestTarget {
    if (!target.startsWith('/')) return RequestTarget.#ofUrl(target);
    const mark = target.indexOf('?');
    return mark < 0 ? new RequestTarget(target, '') : new RequestTarget(target.slice(0, mark), target.slice(mark + 1));
  }

  /** As those who talk to a proxy send it. */
  static #ofUrl(target: string): RequestTarget {
    try {
      const { pathname, search } = new URL(target, 'https://server');
      return new RequestTarget(pathname, search.slice(1));
    } catch {
      throw badRequest(`the request's target ${JSON.stringify(target)} is no URL`);
    }
  }

  /** Whether there is no query, which spares parsing one. */
  get isPlain(): boolean {
    return this.#search === '';
  }

  /** The query as it was sent, without its question mark. */
  get search(): string {
    return this.#search;
  }

  /** The query; not to be changed. */
  get query(): URLSearchParams {
    return (this.#query ??= this.#search === '' ? noQuery : new URLSearchParams(this.#search));
  }
}
