import "./bench/spend";
