export * from "./admin";
export * from "./auth";
export * from "./billing";
export * from "./daily-sign-in";
export * from "./free-credits";
export * from "./jobs";
export * from "./notifications";
export * from "./outbox";
