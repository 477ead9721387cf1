/** Path and query of the page that was asked for, set by the proxy on every request it passes on. */
export const PATH_HEADER = "x-qiflow-path";
