export * from "./admin";
export * from "./auth";
export * from "./bazi";
export * from "./billing";
export * from "./jobs";
export * from "./ledger";
export * from "./outbox";
