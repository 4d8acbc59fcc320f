/** Records on their way to the disk, one behind the other as they will stand in the file. Used again and again. */

const leastBytes = 128 * 1024;
/** More than this is given back while nothing waits. */
const keptBytes = 256 * 1024;

export class RecordBuffer {
  /** Bytes of data among them. */
  dataBytes = 0;
  private bytes = Buffer.alloc(0);
  private used = 0;

  /** Copies both: whoever calls may use theirs again. */
  add(header: Buffer, data: Buffer): void {
    const length = this.used + header.length + data.length;
    if (length > this.bytes.length) this.grow(length);
    header.copy(this.bytes, this.used);
    data.copy(this.bytes, this.used + header.length);
    this.used = length;
    this.dataBytes += data.length;
  }

  /** Valid until something is added or they are cleared. */
  get records(): Buffer {
    return this.bytes.subarray(0, this.used);
  }

  clear(): void {
    this.used = 0;
    this.dataBytes = 0;
  }

  rest(): void {
    if (this.used === 0 && this.bytes.length > keptBytes) this.bytes = Buffer.alloc(0);
  }

  private grow(length: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(leastBytes, 2 ** Math.ceil(Math.log2(length))));
    this.bytes.copy(larger, 0, 0, this.used);
    this.bytes = larger;
  }
}
