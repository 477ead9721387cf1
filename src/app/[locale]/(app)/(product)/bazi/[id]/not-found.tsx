export { ReadingNotFound as default } from "@/products/bazi/pages/reading/not-found";
