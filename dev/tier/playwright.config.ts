import base from "../../playwright.config";

/** Drives the build of a copy that has another plan. `npm run check:tier` runs it there. */
export default { ...base, testDir: "." };
