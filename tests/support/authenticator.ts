import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isoCBOR } from "@simplewebauthn/server/helpers";

const UP = 0x01;
const UV = 0x04;
const ATTESTED = 0x40;

interface AuthenticatorOptions {
  /** Whether it checks a PIN or a fingerprint. */
  readonly userVerified?: boolean;
  /** The page that asks for the passkey. */
  readonly origin?: string;
  readonly rpId?: string;
}

/** A security key in software: one ES256 passkey with "none" attestation (WebAuthn, section 8.7). */
export class Authenticator {
  readonly credentialId = randomBytes(32).toString("base64url");
  userVerified: boolean;
  origin: string;
  rpId: string;
  counter = 0;
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;

  constructor(options: AuthenticatorOptions = {}) {
    this.userVerified = options.userVerified ?? true;
    this.origin = options.origin ?? "http://localhost:3000";
    this.rpId = options.rpId ?? "localhost";
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.#privateKey = privateKey;
    this.#publicKey = publicKey;
  }

  /** The response to the options of a registration. */
  create({ challenge }: { challenge: string }) {
    const { x = "", y = "" } = this.#publicKey.export({ format: "jwk" });
    const key = new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Uint8Array.from(Buffer.from(x, "base64url"))],
      [-3, Uint8Array.from(Buffer.from(y, "base64url"))],
    ]);
    const id = Buffer.from(this.credentialId, "base64url");
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const parts = [this.#head(ATTESTED), Buffer.alloc(16), length, id, isoCBOR.encode(key)];
    const attestation = new Map<string, unknown>([
      ["fmt", "none"],
      ["attStmt", new Map()],
      ["authData", Uint8Array.from(Buffer.concat(parts))],
    ]);
    return this.#response({
      clientDataJSON: this.#clientData("webauthn.create", challenge).toString("base64url"),
      attestationObject: Buffer.from(
        isoCBOR.encode(attestation as Parameters<typeof isoCBOR.encode>[0]),
      ).toString("base64url"),
      transports: ["internal"],
    });
  }

  /** The response to the options of a sign-in. */
  get({ challenge }: { challenge: string }) {
    const clientData = this.#clientData("webauthn.get", challenge);
    const authenticatorData = this.#head(0);
    const signed = Buffer.concat([authenticatorData, sha256(clientData)]);
    return this.#response({
      clientDataJSON: clientData.toString("base64url"),
      authenticatorData: authenticatorData.toString("base64url"),
      signature: sign("sha256", signed, this.#privateKey).toString("base64url"),
    });
  }

  #response<Response extends object>(response: Response) {
    const id = this.credentialId;
    return { id, rawId: id, type: "public-key", clientExtensionResults: {}, response };
  }

  #clientData(type: string, challenge: string): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin: this.origin }));
  }

  #head(flags: number): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.counter);
    const all = UP | (this.userVerified ? UV : 0) | flags;
    return Buffer.concat([sha256(Buffer.from(this.rpId)), Buffer.from([all]), counter]);
  }
}

function sha256(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}
